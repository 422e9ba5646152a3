#include "auth/token_check.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "auth/base64url.h"
#include "base/clock.h"

static int
malformed(struct v2m_err *err, const char *why)
{
	return v2m_err_set(err, V2M_DENIED, "malformed token: %s", why);
}

/* The lengths of the three parts. */
static int
split_token(const char *token, size_t lengths[3], struct v2m_err *err)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = token;
	int i;

	if (strnlen(token, V2M_TOKEN_MAX + 1) > V2M_TOKEN_MAX)
		return v2m_err_set(err, V2M_DENIED,
		    "malformed token: longer than %d bytes", V2M_TOKEN_MAX);
	for (i = 0; i < 3; i++) {
		lengths[i] = strspn(at, letters);
		at += lengths[i];
		if (i < 2 && *at == '.')
			at++;
		else if (i < 2)
			break;
	}
	if (*at != '\0' && strchr(" \t\r\n", *at) != NULL)
		return malformed(err, "a blank or a line break in it");
	if (*at != '\0' && *at != '.')
		return malformed(err, "a character that is not base64url");
	if (i < 3 || *at == '.')
		return malformed(err, "it does not have three parts");
	return 0;
}

/* The JSON object in one part.  NULL: there is none. */
static json_t *
part_object(const char *part, size_t n)
{
	char text[V2M_BASE64URL_DECODED(V2M_TOKEN_MAX)];
	int len = v2m_base64url_decode(text, part, n);
	json_t *object = len < 0 ? NULL : json_loadb(text, (size_t)len,
	    JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(object)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static int
check_header(const json_t *header, struct v2m_err *err)
{
	const char *alg = json_string_value(json_object_get(header, "alg"));
	const json_t *typ = json_object_get(header, "typ");

	if (alg == NULL)
		return malformed(err, "its header names no algorithm");
	if (strcasecmp(alg, "none") == 0)
		return v2m_err_set(err, V2M_DENIED,
		    "the token is not signed (algorithm none)");
	if (strcmp(alg, "HS256") != 0)
		return v2m_err_set(err, V2M_DENIED, "the token is signed with "
		    "another algorithm than HS256: '%.32s'", alg);
	/* RFC 7515, 4.1.11: refuse what is critical and not known. */
	if (json_object_get(header, "crit") != NULL)
		return v2m_err_set(err, V2M_DENIED,
		    "the token's header asks for an extension that v2m does "
		    "not know (crit)");
	if (typ != NULL && (!json_is_string(typ) ||
	    strcasecmp(json_string_value(typ), "JWT") != 0))
		return malformed(err, "its header says that it is not a JWT");
	return 0;
}

int
v2m_token_check_form(const char *token, struct v2m_err *err)
{
	json_t *header, *claims;
	size_t lengths[3];
	int ret = -1;

	if (token == NULL || token[0] == '\0')
		return v2m_err_set(err, V2M_DENIED, "no token");
	if (split_token(token, lengths, err) < 0)
		return -1;
	header = part_object(token, lengths[0]);
	claims = part_object(token + lengths[0] + 1, lengths[1]);
	if (header == NULL)
		malformed(err, "its header is not a JSON object");
	else if (check_header(header, err) < 0)
		;
	else if (claims == NULL)
		malformed(err, "its claims are not a JSON object");
	else if (lengths[2] == 0)
		malformed(err, "no signature");
	else
		ret = 0;
	json_decref(header);
	json_decref(claims);
	return ret;
}

/* A claim that is a time: a NumericDate of RFC 7519, which may have a fraction.
 * It is rounded down, so that a token expires too early rather than too late.
 * 1 with *at set; 0: there is no such claim; -1. */
static int
time_claim(const json_t *object, const char *name, int64_t *at,
    struct v2m_err *err)
{
	const json_t *value = json_object_get(object, name);
	double seconds = json_number_value(value);

	if (value == NULL)
		return 0;
	if (!json_is_number(value))
		return v2m_err_set(err, V2M_DENIED,
		    "malformed token: %s is not a number", name);
	if (seconds < 0 || seconds >= (double)(V2M_TOKEN_LAST_S + 1))
		return v2m_err_set(err, V2M_DENIED,
		    "malformed token: %s is not a time", name);
	*at = json_is_integer(value) ? json_integer_value(value) :
	    (int64_t)seconds;
	return 1;
}

static int
check_times(const json_t *object, int64_t now_s, struct v2m_claims *claims,
    struct v2m_err *err)
{
	int64_t from = 0;
	char when[32];
	int got;

	claims->issued_s = 0;
	got = time_claim(object, "exp", &claims->expires_s, err);
	if (got == 0)
		v2m_err_set(err, V2M_DENIED, "the token has no exp: one that "
		    "never expires is refused");
	if (got <= 0 ||
	    time_claim(object, "iat", &claims->issued_s, err) < 0 ||
	    time_claim(object, "nbf", &from, err) < 0)
		return -1;
	if (claims->expires_s <= now_s)
		return v2m_err_set(err, V2M_DENIED, "the token expired at %s: "
		    "log in again", v2m_wall_text(when,
		    claims->expires_s * 1000));
	if (claims->issued_s > now_s + V2M_TOKEN_LEEWAY_S)
		return v2m_err_set(err, V2M_DENIED, "the token was issued in "
		    "the future (%s): look at the clocks",
		    v2m_wall_text(when, claims->issued_s * 1000));
	if (from > now_s + V2M_TOKEN_LEEWAY_S)
		return v2m_err_set(err, V2M_DENIED, "the token is not valid "
		    "before %s", v2m_wall_text(when, from * 1000));
	return 0;
}

static int
check_who(const json_t *object, struct v2m_claims *claims,
    struct v2m_err *err)
{
	const char *role = json_string_value(json_object_get(object, "role"));
	const json_t *username = json_object_get(object, "username");

	if (username == NULL)
		return v2m_err_set(err, V2M_DENIED,
		    "the token has no username");
	if (!json_is_string(username) ||
	    !v2m_text_email(claims->username, json_string_value(username)))
		return malformed(err, "its username is not an e-mail address");
	claims->admin = role != NULL && strcmp(role, "admin") == 0;
	return 0;
}

int
v2m_token_check_claims(const char *json, int64_t now_s,
    struct v2m_claims *claims, struct v2m_err *err)
{
	json_t *object = json_loads(json, 0, NULL);
	struct v2m_claims found;
	int ret = -1;

	if (object == NULL)
		return v2m_err_set(err, V2M_TEMP, "no memory for a token");
	if (check_times(object, now_s, &found, err) == 0 &&
	    check_who(object, &found, err) == 0) {
		*claims = found;
		ret = 0;
	}
	json_decref(object);
	return ret;
}
