/* POST /login: a token for an address and a password.  Counting and queueing of
 * logins is also used by password.c. */
#include <stdlib.h>
#include <string.h>

#include "auth/login_queue.h"
#include "auth/throttle.h"
#include "base/clock.h"
#include "base/secret.h"
#include "gateway/components.h"
#include "gateway/fail.h"
#include "gateway/handlers.h"
#include "gateway/identity.h"
#include "http/basic.h"

#define FULL_S 2	/* till the queue may have room again */

static void
must_wait(struct v2m_rq *rq, int64_t wait_ms)
{
	int64_t seconds = (wait_ms + 999) / 1000;

	v2m_fail_retry_after(rq, seconds);
	v2m_fail_text(rq, 429, V2M_TEMP, "too many failed logins: try again "
	    "in %d s", (int)seconds);
}

static void
hand_out(struct v2m_rq *rq, const char *token, const struct v2m_claims *claims)
{
	v2m_rq_note(rq, "user", claims->username);
	v2m_rq_reply_header(rq, "Cache-Control", "no-store");
	if (v2m_rq_wants_json(rq))
		v2m_rq_reply_json(rq, 200, json_pack("{s:s, s:s, s:s, s:I}",
		    "token", token, "username", claims->username, "role",
		    claims->admin ? "admin" : "user", "exp",
		    (json_int_t)claims->expires_s));
	else
		v2m_rq_reply_text(rq, 200, token);
}

/* Wrong credentials: the text of existing services. */
static void
refuse_login(struct v2m_rq *rq, const char *what)
{
	v2m_identity_challenge(rq, "Basic");
	v2m_fail_text(rq, 401, V2M_DENIED, "%s", what);
}

static void
log_in(struct v2m_rq *rq, const struct v2m_basic *b, const char *new_password)
{
	struct v2m_components *c = v2m_rq_components(rq);
	const char *rate_key = v2m_rq_rate_key(rq);
	struct v2m_claims claims;
	struct v2m_err err;
	bool full = false;
	int64_t wait;
	char *token;

	wait = v2m_throttle_begin(c->throttle, b->user, rate_key,
	    v2m_mono_ms());
	if (wait > 0) {
		must_wait(rq, wait);
		return;
	}
	token = v2m_login_queue_ask(c->logins, b->user, b->password,
	    new_password, &claims, &full, &err);
	if (token != NULL) {
		v2m_throttle_succeeded(c->throttle, b->user, rate_key,
		    v2m_mono_ms());
		hand_out(rq, token, &claims);
	} else if (!v2m_err_is_access(&err) && (err.code == V2M_DENIED ||
	    err.code == V2M_USAGE || err.code == V2M_NOINPUT)) {
		refuse_login(rq, "invalid credentials");
	} else {
		v2m_throttle_undo(c->throttle, b->user, rate_key,
		    v2m_mono_ms());
		if (full) {
			v2m_fail_retry_after(rq, FULL_S);
			v2m_rq_reply_error(rq, 503, &err);
		} else {
			v2m_fail(rq, &err);
		}
	}
	v2m_secret_free(token);
}

void
v2m_login(struct v2m_rq *rq, const char *new_password)
{
	const char *value = v2m_rq_header(rq, "Authorization");
	struct v2m_basic basic;

	if (value == NULL || !v2m_basic_parse(value, &basic)) {
		refuse_login(rq, "missing credentials");
		return;
	}
	if (new_password != NULL && strcmp(basic.password, new_password) == 0)
		v2m_fail_text(rq, 400, V2M_USAGE, "the new password is the "
		    "old one");
	else
		log_in(rq, &basic, new_password);
	v2m_basic_wipe(&basic);
}

void
v2m_login_post(struct v2m_rq *rq)
{
	v2m_login(rq, NULL);
}
