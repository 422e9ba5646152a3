#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/base64url.h"
#include "auth/token.h"
#include "auth/token_check.h"
#include "auth/jwt/jwt.h"
#include "base/clock.h"
#include "base/module.h"
#include "base/secret.h"
#include "tap.h"
#include "token_hostile.h"

static char folder[] = "/tmp/v2m-token.XXXXXX";
static const struct v2m_token_jwt *jwt;

static void
write_file(const char *name, const char *text, size_t n)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	unlink(path);
	f = fopen(path, "w");
	fwrite(text, 1, n, f);
	fclose(f);
	chmod(path, 0600);
}

static struct v2m_tokens *
open_secret(const char *text, size_t n, struct v2m_err *err)
{
	struct v2m_tokens *t;
	struct v2m_conf conf;

	write_file("jwt_secret", text, n);
	if (v2m_conf_load(&conf, NULL, NULL, err) < 0)
		return NULL;
	t = v2m_tokens_open(&conf, err);
	v2m_conf_release(&conf);
	return t;
}

static struct v2m_tokens *
open_text(const char *text)
{
	struct v2m_err err;

	return open_secret(text, strlen(text), &err);
}

/* The error for a token; "": it is accepted. */
static const char *
verdict(const struct v2m_tokens *t, const char *token)
{
	static struct v2m_err err;
	struct v2m_claims claims;

	err.msg[0] = '\0';
	if (v2m_token_verify(t, token, &claims, &err) < 0 &&
	    err.code != V2M_DENIED)
		return "refused with another code than V2M_DENIED";
	return err.msg;
}

static const char *
verdict_on_claims(const struct v2m_tokens *t, const char *claims)
{
	char *token = jwt->sign(claims, SECRET, strlen(SECRET), NULL);
	const char *words = token == NULL ? "cannot sign" : verdict(t, token);

	free(token);
	return words;
}

static void
test_hostile(const struct v2m_tokens *t)
{
	size_t i;

	for (i = 0; i < sizeof hostile / sizeof *hostile; i++)
		is(verdict(t, hostile[i].token), hostile[i].words,
		    hostile[i].what);
	is(verdict(t, NULL), "no token", "no text is no token");
}

static void
test_long(const struct v2m_tokens *t)
{
	char *token = malloc(9001);

	memset(token, 'A', 9000);
	memcpy(token, GOOD, strlen(GOOD));
	token[9000] = '\0';
	is(verdict(t, token), "malformed token: longer than 8192 bytes",
	    "9000 bytes");
	token[8192] = '\0';
	is(verdict(t, token), "wrong signature: the token was changed, or "
	    "another secret signed it", "8192 bytes are looked at");
	free(token);
}

/* Changing any single letter of a valid token makes it invalid. */
static void
test_each_letter(const struct v2m_tokens *t)
{
	char token[sizeof GOOD];
	size_t i, accepted = 0;

	for (i = 0; i < sizeof GOOD - 1; i++) {
		memcpy(token, GOOD, sizeof GOOD);
		token[i] = token[i] == 'Q' ? 'R' : 'Q';
		accepted += verdict(t, token)[0] == '\0';
		token[i] = '\0';
		accepted += verdict(t, token)[0] == '\0';
	}
	ok(accepted == 0, "no change of a letter and no cut is accepted");
}

static void
test_claims(const struct v2m_tokens *t)
{
	static const struct {
		const char *claims, *words;
	} cases[] = {
		{ "{\"username\":\"ann@example.org\",\"exp\":253402300799}",
		    "" },
		{ "{\"username\":\"ann@example.org\"}",
		    "the token has no exp: one that never expires is refused" },
		{ "{\"username\":\"ann@example.org\",\"exp\":null}",
		    "malformed token: exp is not a number" },
		{ "{\"username\":\"ann@example.org\",\"exp\":\"253402300799\"}",
		    "malformed token: exp is not a number" },
		{ "{\"username\":\"ann@example.org\",\"exp\":25340230079.5,"
		    "\"iat\":1700000000.25,\"nbf\":1.5e9}", "" },
		{ "{\"username\":\"ann@example.org\",\"exp\":1700000000.9}",
		    "the token expired at 2023-11-14T22:13:20Z: log in "
		    "again" },
		{ "{\"username\":\"ann@example.org\",\"exp\":-0.5}",
		    "malformed token: exp is not a time" },
		{ "{\"username\":\"ann@example.org\",\"exp\":253402300800.0}",
		    "malformed token: exp is not a time" },
		{ "{\"username\":\"ann@example.org\",\"exp\":1e300}",
		    "malformed token: exp is not a time" },
		{ "{\"username\":\"ann@example.org\",\"exp\":true}",
		    "malformed token: exp is not a number" },
		{ "{\"username\":\"ann@example.org\",\"exp\":-1}",
		    "malformed token: exp is not a time" },
		{ "{\"username\":\"ann@example.org\",\"exp\":"
		    "9223372036854775807}",
		    "malformed token: exp is not a time" },
		{ "{\"username\":\"ann@example.org\",\"exp\":1700000000}",
		    "the token expired at 2023-11-14T22:13:20Z: log in "
		    "again" },
		{ "{\"username\":\"ann@example.org\",\"exp\":253402300799,"
		    "\"iat\":253402300000}",
		    "the token was issued in the future "
		    "(9999-12-31T23:46:40Z): look at the clocks" },
		{ "{\"username\":\"ann@example.org\",\"exp\":253402300799,"
		    "\"nbf\":253402300000}",
		    "the token is not valid before 9999-12-31T23:46:40Z" },
		{ "{\"username\":\"ann@example.org\",\"exp\":253402300799,"
		    "\"iat\":\"now\"}",
		    "malformed token: iat is not a number" },
		{ "{\"exp\":253402300799}", "the token has no username" },
		{ "{\"username\":17,\"exp\":253402300799}",
		    "malformed token: its username is not an e-mail address" },
		{ "{\"username\":\"\",\"exp\":253402300799}",
		    "malformed token: its username is not an e-mail address" },
		{ "{\"username\":\"a b@c\",\"exp\":253402300799}",
		    "malformed token: its username is not an e-mail address" },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		is(verdict_on_claims(t, cases[i].claims), cases[i].words,
		    cases[i].claims);
}

static void
test_roles(const struct v2m_tokens *t)
{
	static const struct {
		const char *claims;
		bool admin;
	} cases[] = {
		{ "{\"username\":\"a@b\",\"exp\":253402300799,"
		    "\"admin\":true}", false },
		{ "{\"username\":\"a@b\",\"exp\":253402300799,"
		    "\"role\":\"user\"}", false },
		{ "{\"username\":\"a@b\",\"exp\":253402300799,"
		    "\"role\":\"admin\"}", true },
		{ "{\"username\":\"a@b\",\"exp\":253402300799,"
		    "\"role\":\"Admin\"}", false },
		{ "{\"username\":\"a@b\",\"exp\":253402300799,"
		    "\"role\":true}", false },
		{ "{\"username\":\"a@b\",\"exp\":253402300799,"
		    "\"role\":[\"admin\"]}", false },
	};
	struct v2m_claims claims;
	struct v2m_err err;
	char *token;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		token = jwt->sign(cases[i].claims, SECRET, strlen(SECRET),
		    &err);
		ok(v2m_token_verify(t, token, &claims, &err) == 0 &&
		    claims.admin == cases[i].admin, cases[i].claims);
		free(token);
	}
}

static void
test_sign(const struct v2m_tokens *t)
{
	struct v2m_claims in = { .username = "ann@example.org" }, out;
	struct v2m_err err;
	char *token;

	in.issued_s = v2m_wall_ms() / 1000;
	token = v2m_token_sign(t, &in, 86400, &err);
	ok(token != NULL && in.expires_s == in.issued_s + 86400,
	    "a token is signed for a day");
	ok(v2m_token_verify(t, token, &out, &err) == 0, "it is good");
	is(out.username, "ann@example.org", "its username");
	ok(out.issued_s == in.issued_s && out.expires_s == in.expires_s &&
	    !out.admin, "its times and role");
	free(token);
	in.admin = true;
	token = v2m_token_sign(t, &in, 60, &err);
	ok(v2m_token_verify(t, token, &out, &err) == 0 && out.admin,
	    "an administrator's token says so");
	free(token);
	in.issued_s -= 1;
	token = v2m_token_sign(t, &in, 1, &err);
	ok(v2m_token_verify(t, token, &out, &err) < 0,
	    "it is void in the second of its exp");
	free(token);
	ok(v2m_token_sign(t, &in, 0, &err) == NULL &&
	    err.code == V2M_CONFIG, "a lifetime of nothing is refused");
	ok(v2m_token_sign(t, &in, INT64_MAX, &err) == NULL &&
	    err.code == V2M_CONFIG, "a lifetime beyond all years is refused");
	ok(v2m_token_sign(t, &in, V2M_TOKEN_LAST_S - in.issued_s + 1,
	    &err) == NULL, "as is one into the year 10000");
	token = v2m_token_sign(t, &in, V2M_TOKEN_LAST_S - in.issued_s, &err);
	ok(token != NULL && in.expires_s == V2M_TOKEN_LAST_S,
	    "and not one to the end of the year before");
	free(token);
}

static void
test_foreign(const struct v2m_tokens *t)
{
	struct v2m_claims c;
	struct v2m_err err;

	ok(v2m_token_verify(t, GOOD, &c, &err) == 0,
	    "a token of PyJWT is good");
	is(c.username, "ann@example.org", "its username");
	ok(c.issued_s == 1700000000 && c.expires_s == INT64_C(253402300799) &&
	    !c.admin, "its times; without a role it is a user's");
}

static void
test_module(void)
{
	char *claims = NULL;
	struct v2m_err err;

	ok(jwt->verify(GOOD, SECRET, strlen(SECRET), &claims, &err) == 1,
	    "module: a good signature");
	free(claims);
	ok(jwt->verify(GOOD, SECRET, 0, &claims, &err) == 0 && claims == NULL,
	    "module: an empty key verifies nothing");
	ok(jwt->verify(hostile[2].token, SECRET, strlen(SECRET), &claims,
	    &err) == 0 && claims == NULL, "module: HS384 is not HS256");
	ok(jwt->verify(hostile[0].token, SECRET, strlen(SECRET), &claims,
	    &err) == 0 && claims == NULL, "module: none is not HS256");
	ok(jwt->sign("{}", SECRET, 0, &err) == NULL,
	    "module: an empty key signs nothing");
	ok(jwt->sign("no json", SECRET, strlen(SECRET), &err) == NULL,
	    "module: what is no JSON is not signed");
}

static void
test_rotation(void)
{
	struct v2m_claims in = { .username = "ann@example.org" };
	struct v2m_tokens *t = open_text("the next secret, longer than 32 "
	    "bytes\n" SECRET "\n");
	struct v2m_err err;
	char *token;

	is(verdict(t, GOOD), "", "the second secret verifies");
	in.issued_s = v2m_wall_ms() / 1000;
	token = v2m_token_sign(t, &in, 60, &err);
	v2m_tokens_free(t);
	t = open_text(SECRET);
	ok(verdict(t, token)[0] != '\0', "the first signs");
	v2m_tokens_free(t);
	t = open_text("the next secret, longer than 32 bytes");
	is(verdict(t, token), "", "a last line needs no end");
	ok(verdict(t, GOOD)[0] != '\0',
	    "a secret that is gone verifies no more");
	free(token);
	v2m_tokens_free(t);
}

static void
test_bad_secrets(void)
{
	static const struct {
		const char *text;
		size_t n;
		const char *what;
	} cases[] = {
		{ "", 0, "an empty file is refused" },
		{ "\n", 1, "an empty line is refused" },
		{ "\n" SECRET "\n", 34, "an empty first line is refused" },
		{ SECRET "\n\n", 34, "an empty second line is refused" },
		{ "0123456789abcdef\0" "123456789abcdef\n", 33,
		    "a NUL is refused" },
	};
	struct v2m_tokens *t;
	struct v2m_err err;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		t = open_secret(cases[i].text, cases[i].n, &err);
		ok(t == NULL && err.code == V2M_CONFIG, cases[i].what);
		v2m_tokens_free(t);
	}
	t = open_text("short\n");
	ok(t != NULL, "a short secret works");
	ok(verdict(t, GOOD)[0] != '\0', "but not for tokens of another");
	v2m_tokens_free(t);
	t = open_text(SECRET "\r\n");
	ok(t != NULL && verdict(t, GOOD)[0] != '\0',
	    "a secret is its literal bytes, CR included");
	v2m_tokens_free(t);
}

static void
test_make_secret(void)
{
	char path[128], *first, *again;
	struct v2m_err err;
	bool made;
	size_t n;

	snprintf(path, sizeof path, "%s/sub/secret", folder);
	ok(v2m_token_make_secret(path, &made, &err) == 0 && made,
	    "a secret is made, its folder too");
	first = v2m_secret_file(path, &n, &err);
	ok(first != NULL && n == 44 && first[43] == '\n',
	    "43 letters and a newline");
	ok(first != NULL && strspn(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_") == 43,
	    "letters of base64url");
	ok(v2m_token_make_secret(path, &made, &err) == 0 && !made,
	    "a second time nothing is made");
	again = v2m_secret_file(path, NULL, &err);
	is(again, first, "and what was there stays");
	free(first);
	free(again);
	ok(v2m_token_make_secret("/proc/version/secret", &made, &err) < 0 &&
	    !made, "where nothing can be made, nothing is");
	unlink(path);
	snprintf(path, sizeof path, "%s/sub", folder);
	rmdir(path);
}

static void
test_base64url(void)
{
	static const char *const bad[] = { "A", "AB", "AAAAA", "AA==", "AA\n",
	    "A+AA", "A/AA", "AAB" };
	char text[32], back[32];
	size_t i;
	int n;

	for (i = 0; i < 6; i++) {
		v2m_base64url_encode(text, "\xff\xfe\xfd\x00\x01", i);
		n = v2m_base64url_decode(back, text, strlen(text));
		if (n != (int)i || memcmp(back, "\xff\xfe\xfd\x00\x01", i) != 0)
			break;
	}
	ok(i == 6, "base64url there and back");
	is(text, "__79AAE", "the letters of RFC 4648, 5");
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(v2m_base64url_decode(back, bad[i], strlen(bad[i])) < 0,
		    bad[i]);
}

int
main(void)
{
	struct v2m_tokens *t;
	struct v2m_err err;
	char path[64];

	if (mkdtemp(folder) == NULL)
		return 99;
	setenv("V2M_STATE", folder, 1);
	setenv("V2M_CONFIG", "/dev/null", 1);
	setenv("XDG_CONFIG_HOME", folder, 1);
	jwt = v2m_module("token-jwt", "v2m_token_jwt", &err);
	if (jwt == NULL)
		give_up("%s", err.msg);
	t = open_text(SECRET "\n");
	test_foreign(t);
	test_hostile(t);
	test_long(t);
	test_each_letter(t);
	test_claims(t);
	test_roles(t);
	test_sign(t);
	v2m_tokens_free(t);
	test_module();
	test_rotation();
	test_bad_secrets();
	test_make_secret();
	test_base64url();
	snprintf(path, sizeof path, "%s/jwt_secret", folder);
	unlink(path);
	rmdir(folder);
	return tap_done();
}
