#include "auth/token.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/base64url.h"
#include "auth/jwt/jwt.h"
#include "auth/token_check.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/io.h"
#include "base/owner.h"
#include "base/log.h"
#include "base/module.h"
#include "base/secret.h"
#include "base/state.h"

#define SECRETS_MAX 16		/* to change the secret, two are needed */
#define SECRET_GOOD 32		/* bytes: the length of HS256's result */
#define RANDOM_BYTES 32

struct v2m_tokens {
	char *text;		/* the whole file */
	size_t size;
	struct {
		const char *bytes;	/* within text */
		size_t n;
	} secrets[SECRETS_MAX];
	size_t n;
};

static int
add_secret(struct v2m_tokens *t, const char *bytes, size_t n,
    const char *path, struct v2m_err *err)
{
	if (n == 0)
		return v2m_err_set(err, V2M_CONFIG, "'%s': line %zu is empty: "
		    "an empty secret would let everybody in", path, t->n + 1);
	if (t->n == SECRETS_MAX)
		return v2m_err_set(err, V2M_CONFIG, "'%s' holds more than %d "
		    "secrets", path, SECRETS_MAX);
	if (n < SECRET_GOOD)
		v2m_warn("'%s': the secret in line %zu has only %zu bytes, 32 "
		    "or more are safe", path, t->n + 1, n);
	t->secrets[t->n].bytes = bytes;
	t->secrets[t->n++].n = n;
	return 0;
}

static int
parse_secrets(struct v2m_tokens *t, const char *path, struct v2m_err *err)
{
	const char *at = t->text, *end = t->text + t->size;

	if (t->size == 0)
		return v2m_err_set(err, V2M_CONFIG, "'%s' is empty: remove it "
		    "and run v2m-init", path);
	if (memchr(t->text, '\0', t->size) != NULL)
		return v2m_err_set(err, V2M_CONFIG, "'%s' holds a NUL byte: "
		    "secrets are text", path);
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline == NULL ? end : newline;

		if (add_secret(t, at, (size_t)(stop - at), path, err) < 0)
			return -1;
		at = stop + 1;
	}
	return 0;
}

/* The owner of the state is told how to repair it; others are told whose v2m it
 * is. */
static void
refuse_secret(const struct v2m_conf *conf, const char *path,
    const struct v2m_err *why, struct v2m_err *err)
{
	size_t n = strlen(conf->state);
	bool in_state = strncmp(path, conf->state, n) == 0 && path[n] == '/';
	char owner[V2M_OWNER_NAME];
	uid_t uid;
	gid_t gid;

	if (v2m_state_owner(conf, &uid, &gid, NULL) == 1 && uid == geteuid()) {
		v2m_owner_name(owner, uid);
		v2m_err_set(err, V2M_CONFIG, "'%s' cannot be read by %s, "
		    "the owner of this state: %s", path, owner, in_state ?
		    "as root, run v2m-check --repair" :
		    "see jwt_secret_file");
	} else {
		v2m_err_set(err, V2M_DENIED, "you may not read '%s': it "
		    "belongs to the administrator of this v2m (set url to go "
		    "through its gateway, or V2M_STATE to your own)", path);
	}
	if (err != NULL)
		err->sys = why->sys;
}

struct v2m_tokens *
v2m_tokens_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *path = v2m_conf_text(conf, "jwt_secret_file");
	struct v2m_tokens *t = calloc(1, sizeof *t);
	struct v2m_err why = { .code = V2M_OK };

	if (t == NULL) {
		v2m_err_sys(err, V2M_TEMP, "'%s'", path);
		return NULL;
	}
	if (path[0] == '\0') {
		v2m_err_set(err, V2M_CONFIG, "jwt_secret_file is empty");
		goto fail;
	}
	t->text = v2m_secret_file(path, &t->size, &why);
	if (t->text == NULL && why.code == V2M_NOINPUT)
		v2m_err_set(err, V2M_CONFIG, "no secret file '%s': run "
		    "v2m-init, or set V2M_STATE", path);
	else if (t->text == NULL && why.code == V2M_DENIED)
		refuse_secret(conf, path, &why, err);
	else if (t->text == NULL)
		v2m_err_pass(err, &why);
	if (t->text == NULL || parse_secrets(t, path, err) < 0)
		goto fail;
	return t;
fail:
	v2m_tokens_free(t);
	return NULL;
}

void
v2m_tokens_free(struct v2m_tokens *t)
{
	if (t == NULL)
		return;
	if (t->text != NULL)
		explicit_bzero(t->text, t->size);
	free(t->text);
	free(t);
}

static const struct v2m_token_jwt *
jwt(struct v2m_err *err)
{
	return v2m_module("token-jwt", "v2m_token_jwt", err);
}

char *
v2m_claims_json(const struct v2m_claims *c, struct v2m_err *err)
{
	json_t *issued = c->issued_s == 0 ? NULL :
	    json_integer((json_int_t)c->issued_s);
	json_t *object = json_pack("{s:s, s:o*, s:I, s:b, s:s}",
	    "username", c->username, "iat", issued,
	    "exp", (json_int_t)c->expires_s, "admin", 1,
	    "role", c->admin ? "admin" : "user");
	char *text = NULL;

	if (object != NULL)
		text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (text == NULL)
		v2m_err_set(err, V2M_TEMP, "no memory for a token");
	return text;
}

char *
v2m_token_sign(const struct v2m_tokens *t, struct v2m_claims *claims,
    int64_t lifetime_s, struct v2m_err *err)
{
	const struct v2m_token_jwt *module;
	char *text, *token = NULL;

	if (lifetime_s <= 0 ||
	    lifetime_s > V2M_TOKEN_LAST_S - claims->issued_s) {
		v2m_err_set(err, V2M_CONFIG, "a token cannot be good for %"
		    PRId64 " seconds: it must expire, before the year 10000",
		    lifetime_s);
		return NULL;
	}
	claims->expires_s = claims->issued_s + lifetime_s;
	text = v2m_claims_json(claims, err);
	if (text != NULL && (module = jwt(err)) != NULL)
		token = module->sign(text, t->secrets[0].bytes,
		    t->secrets[0].n, err);
	free(text);
	return token;
}

int
v2m_token_verify(const struct v2m_tokens *t, const char *token,
    struct v2m_claims *claims, struct v2m_err *err)
{
	const struct v2m_token_jwt *module;
	char *text = NULL;
	int good = 0, ret;
	size_t i;

	if (v2m_token_check_form(token, err) < 0 || (module = jwt(err)) == NULL)
		return -1;
	for (i = 0; i < t->n && good == 0; i++)
		good = module->verify(token, t->secrets[i].bytes,
		    t->secrets[i].n, &text, err);
	if (good < 0)
		return -1;
	if (good == 0)
		return v2m_err_set(err, V2M_DENIED, "wrong signature: the "
		    "token was changed, or another secret signed it");
	ret = v2m_token_check_claims(text, v2m_wall_ms() / 1000, claims, err);
	free(text);
	return ret;
}

/* Write n bytes to a new file in dir, unless it exists. */
static int
write_secret(const char *dir, const char *name, const char *bytes, size_t n,
    bool *made, struct v2m_err *err)
{
	struct v2m_newfile f = { .fd = -1 };
	struct v2m_err why = { .code = V2M_OK };
	int ret = -1;

	if (v2m_io_mkdirs(dir, 0700, err) < 0 ||
	    v2m_newfile_open(&f, dir, 0600, err) < 0 ||
	    v2m_io_write(f.fd, bytes, n, name, err) < 0)
		goto out;
	ret = v2m_newfile_commit(&f, name, false, &why);
	*made = ret == 0;
	if (ret < 0 && why.sys == EEXIST)
		ret = 0;
	else if (ret < 0)
		v2m_err_pass(err, &why);
out:
	v2m_newfile_discard(&f);
	return ret;
}

static int
new_secret(const char *dir, const char *name, bool *made, struct v2m_err *err)
{
	char line[V2M_BASE64URL_SIZE(RANDOM_BYTES) + 1];
	unsigned char noise[RANDOM_BYTES];
	int ret;

	v2m_random(noise, sizeof noise);
	v2m_base64url_encode(line, noise, sizeof noise);
	memcpy(line + strlen(line), "\n", 2);
	ret = write_secret(dir, name, line, strlen(line), made, err);
	explicit_bzero(line, sizeof line);
	explicit_bzero(noise, sizeof noise);
	return ret;
}

static int
copy_secret(const char *from, const char *dir, const char *name, bool *made,
    struct v2m_err *err)
{
	size_t n;
	char *bytes = v2m_secret_file(from, &n, err);
	int ret;

	if (bytes == NULL)
		return -1;
	ret = write_secret(dir, name, bytes, n, made, err);
	v2m_secret_free(bytes);
	return ret;
}

static int
put_secret(const char *path, const char *from, bool *made, struct v2m_err *err)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];

	*made = false;
	if (slash == NULL || slash[1] == '\0' ||
	    (size_t)(slash - path) >= sizeof dir)
		return v2m_err_set(err, V2M_CONFIG,
		    "jwt_secret_file: '%s' cannot be the name of a file", path);
	if (access(path, F_OK) == 0)
		return 0;
	snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
	if (dir[0] == '\0')
		memcpy(dir, "/", 2);
	return from == NULL ? new_secret(dir, slash + 1, made, err) :
	    copy_secret(from, dir, slash + 1, made, err);
}

int
v2m_token_make_secret(const char *path, bool *made, struct v2m_err *err)
{
	return put_secret(path, NULL, made, err);
}

int
v2m_token_copy_secret(const char *path, const char *from, bool *made,
    struct v2m_err *err)
{
	return put_secret(path, from, made, err);
}
