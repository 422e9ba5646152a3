#include "client/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token_check.h"
#include "auth/token_file.h"
#include "base/secret.h"
#include "http/netrc.h"

#define PASSWORD_MAX 1025

/* The claims in an answer of POST /validate. */
static int
read_claims(const struct v2m_http_answer *a, struct v2m_claims *claims,
    struct v2m_err *err)
{
	json_t *o = v2m_http_answer_object(a, err);
	const char *name = json_string_value(json_object_get(o, "username"));
	const char *role = json_string_value(json_object_get(o, "role"));
	/* A foreign gateway may send fractions.  0 or less: not a time. */
	double until = json_number_value(json_object_get(o, "exp"));
	double since = json_number_value(json_object_get(o, "iat"));
	int ret = -1;

	if (o == NULL)
		return -1;
	memset(claims, 0, sizeof *claims);
	if (name == NULL || !v2m_text_email(claims->username, name) ||
	    since < 0 || until <= since ||
	    until >= (double)(V2M_TOKEN_LAST_S + 1)) {
		v2m_err_set(err, V2M_UNAVAILABLE, "the server is not a v2m "
		    "gateway (it sent no valid claims)");
	} else {
		claims->issued_s = (int64_t)since;
		claims->expires_s = (int64_t)until;
		claims->admin = role != NULL && strcmp(role, "admin") == 0;
		ret = 0;
	}
	json_decref(o);
	return ret;
}

/* Is this token valid, and whose is it? */
static int
validate(struct v2m_http *http, const char *token, struct v2m_claims *claims,
    struct v2m_err *err)
{
	struct v2m_http_request rq = { .method = "POST", .path = "/validate",
	    .token = token };
	struct v2m_http_answer a;
	int ret;

	/* Text that is not a token could break the request. */
	if (v2m_token_check_form(token, err) < 0 ||
	    v2m_http_ask(http, &rq, &a, err) < 0)
		return -1;
	if (a.status == 200)
		ret = read_claims(&a, claims, err);
	else if (a.status == 403)
		ret = v2m_err_set(err, V2M_DENIED, "%s does not accept the "
		    "token: log in again", v2m_http_host(http));
	else
		ret = v2m_http_answer_refused(&a, err);
	v2m_http_answer_release(&a);
	return ret;
}

/* The token in an answer: a line of text, or a member of an object. */
static char *
read_token(const struct v2m_http_answer *a, struct v2m_err *err)
{
	json_t *o = a->json ? v2m_http_answer_object(a, err) : NULL;
	const char *text = a->json ?
	    json_string_value(json_object_get(o, "token")) : a->body;
	char *token = strdup(text == NULL ? "" : text);
	size_t n;

	json_decref(o);
	if (token == NULL) {
		v2m_err_set(err, V2M_TEMP, "no memory for the token");
		return NULL;
	}
	n = strcspn(token, "\r\n");
	token[n] = '\0';
	if (v2m_token_check_form(token, NULL) == 0)
		return token;
	v2m_secret_free(token);
	v2m_err_set(err, V2M_UNAVAILABLE, "the server is not a v2m gateway "
	    "(it sent no valid token)");
	return NULL;
}

/* The token in an answer, after the gateway has said that it is valid.
 * Releases the answer. */
static char *
take_token(struct v2m_http *http, struct v2m_http_answer *a,
    struct v2m_claims *claims, struct v2m_err *err)
{
	char *token = NULL;

	if (a->status == 200)
		token = read_token(a, err);
	else
		v2m_http_answer_refused(a, err);
	if (a->body != NULL)
		explicit_bzero(a->body, a->size);
	v2m_http_answer_release(a);
	if (token == NULL || validate(http, token, claims, err) == 0)
		return token;
	v2m_secret_free(token);
	return NULL;
}

static char *
log_in_at(struct v2m_http *http, const char *email, const char *password,
    struct v2m_claims *claims, struct v2m_err *err)
{
	struct v2m_http_request rq = { .method = "POST", .path = "/login",
	    .user = email, .password = password };
	struct v2m_http_answer a;

	if (v2m_http_ask(http, &rq, &a, err) < 0)
		return NULL;
	return take_token(http, &a, claims, err);
}

int
v2m_remote_ready(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_http_request rq = { .method = "GET", .path = "/healthz" };
	struct v2m_http *http = v2m_http_open(conf, err);
	struct v2m_http_answer a;
	int ret = -1;

	if (http != NULL && v2m_http_ask(http, &rq, &a, err) == 0) {
		v2m_http_answer_release(&a);
		ret = 0;
	}
	v2m_http_close(http);
	return ret;
}

char *
v2m_remote_login(const struct v2m_conf *conf, const char *email,
    const char *password, struct v2m_claims *claims, struct v2m_err *err)
{
	struct v2m_http *http = v2m_http_open(conf, err);
	char *token = NULL;

	if (http != NULL)
		token = log_in_at(http, email, password, claims, err);
	v2m_http_close(http);
	return token;
}

static ssize_t
read_text(void *arg, void *buf, size_t n, int64_t at, struct v2m_err *err)
{
	const char *text = arg;
	size_t left = strlen(text) - (size_t)at;

	(void)err;
	memcpy(buf, text + at, n < left ? n : left);
	return (ssize_t)(n < left ? n : left);
}

/* Not repeated: if the answer was lost, the password may be changed already,
 * and a second request would fail as the old one is wrong. */
static char *
passwd(struct v2m_http *http, const char *email, const char *password,
    char *new_password, struct v2m_claims *claims, struct v2m_err *err)
{
	static const char *const headers[] = { "Content-Type: text/plain",
	    NULL };
	struct v2m_http_request rq = { .method = "POST", .path = "/password",
	    .headers = headers, .user = email, .password = password,
	    .length = (int64_t)strlen(new_password), .read = read_text,
	    .arg = new_password };
	struct v2m_http_answer a;
	bool unacceptable;
	char *token;

	if (v2m_http_try(http, &rq, &a, err) < 0) {
		v2m_err_prefix(err, "it is not known whether the password was "
		    "changed");
		return NULL;
	}
	unacceptable = a.status == 400;
	token = take_token(http, &a, claims, err);
	if (unacceptable)
		err->code = V2M_USAGE;
	return token;
}

char *
v2m_remote_passwd(const struct v2m_conf *conf, const char *email,
    const char *password, const char *new_password, struct v2m_claims *claims,
    struct v2m_err *err)
{
	struct v2m_http *http = v2m_http_open(conf, err);
	char *body = strdup(new_password), *token = NULL;

	if (body == NULL)
		v2m_err_sys(err, V2M_TEMP, "cannot send the password");
	else if (http != NULL)
		token = passwd(http, email, password, body, claims, err);
	v2m_secret_free(body);
	v2m_http_close(http);
	return token;
}

/* Returns as v2m_remote_netrc(). */
static int
netrc(struct v2m_http *http, char email[V2M_EMAIL_MAX], char **password,
    struct v2m_err *err)
{
	char user[PASSWORD_MAX], secret[PASSWORD_MAX];
	int found;

	snprintf(user, sizeof user, "%s", email);
	found = v2m_netrc_ask(v2m_http_host(http), user, secret, sizeof user,
	    err);
	if (found != 1)
		return found;
	if (!v2m_text_email(email, user)) {
		found = v2m_err_set(err, V2M_CONFIG, "~/.netrc: the login for "
		    "%s is not an e-mail address", v2m_http_host(http));
	} else if ((*password = strdup(secret)) == NULL) {
		found = v2m_err_set(err, V2M_TEMP, "no memory for a password");
	}
	explicit_bzero(secret, sizeof secret);
	return found;
}

int
v2m_remote_netrc(const struct v2m_conf *conf, char email[V2M_EMAIL_MAX],
    char **password, struct v2m_err *err)
{
	struct v2m_http *http = v2m_http_open(conf, err);
	int found = http == NULL ? -1 : netrc(http, email, password, err);

	v2m_http_close(http);
	return found;
}

/* Log in with the password in ~/.netrc.  If there is none, err does not
 * change. */
static int
log_in_by_netrc(struct v2m_remote *r, struct v2m_claims *identity,
    struct v2m_err *err)
{
	char email[V2M_EMAIL_MAX] = "", *password;
	int found = netrc(r->http, email, &password, err);

	if (found <= 0)
		return -1;
	v2m_secret_free(r->token);
	r->token = log_in_at(r->http, email, password, identity, err);
	v2m_secret_free(password);
	if (r->token == NULL)
		return v2m_err_prefix(err, "with the password of ~/.netrc");
	/* The token is good even if it cannot be stored. */
	v2m_token_file_save(r->conf, r->token, NULL);
	return 0;
}

struct v2m_remote *
v2m_remote_open(const struct v2m_conf *conf, struct v2m_claims *identity,
    struct v2m_err *err)
{
	struct v2m_remote *r = calloc(1, sizeof *r);
	struct v2m_err why = { .code = V2M_OK };

	if (r == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot begin");
		return NULL;
	}
	r->conf = conf;
	r->http = v2m_http_open(conf, &why);
	if (r->http == NULL)
		goto fail;
	r->token = v2m_token_in_use(conf, &why);
	if (r->token != NULL && validate(r->http, r->token, identity,
	    &why) == 0)
		return r;
	/* A token in V2M_TOKEN was named explicitly, so it is not replaced. */
	if (why.code == V2M_DENIED && getenv("V2M_TOKEN") == NULL &&
	    log_in_by_netrc(r, identity, &why) == 0)
		return r;
fail:
	v2m_remote_close(r);
	v2m_err_pass(err, &why);
	return NULL;
}

void
v2m_remote_close(struct v2m_remote *r)
{
	if (r == NULL)
		return;
	v2m_http_close(r->http);
	v2m_secret_free(r->token);
	free(r);
}

int
v2m_remote_whoami(const struct v2m_conf *conf, struct v2m_claims *claims,
    struct v2m_err *err)
{
	struct v2m_remote *r = v2m_remote_open(conf, claims, err);

	v2m_remote_close(r);
	return r == NULL ? -1 : 0;
}
