#include "gateway/identity.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "auth/session_cache.h"
#include "auth/token.h"
#include "gateway/components.h"
#include "gateway/fail.h"
#include "http/bearer.h"

void
v2m_identity_challenge(struct v2m_rq *rq, const char *scheme)
{
	const char *mode = v2m_rq_header(rq, "Sec-Fetch-Mode");
	char value[64];

	if (mode != NULL && (strcmp(mode, "cors") == 0 ||
	    strcmp(mode, "same-origin") == 0))
		return;
	snprintf(value, sizeof value, "%s realm=\"v2m\"%s", scheme,
	    strcmp(scheme, "Basic") == 0 ? ", charset=\"UTF-8\"" : "");
	v2m_rq_reply_header(rq, "WWW-Authenticate", value);
}

/* The text that existing clients expect; in JSON with the reason. */
static void
refuse_token(struct v2m_rq *rq, const struct v2m_err *err)
{
	if (v2m_rq_wants_json(rq))
		v2m_rq_reply_error(rq, 403, err);
	else
		v2m_fail_text(rq, 403, V2M_DENIED, "not authorized");
}

bool
v2m_identity(struct v2m_rq *rq, struct v2m_claims *identity)
{
	const char *value = v2m_rq_header(rq, "Authorization");
	char token[V2M_TOKEN_MAX + 1];
	struct v2m_err err;
	bool good;

	if (value == NULL || v2m_auth_rest(value, "Bearer") == NULL) {
		v2m_identity_challenge(rq, "Bearer");
		v2m_fail_text(rq, 401, V2M_DENIED, "missing credentials");
		return false;
	}
	if (!v2m_bearer_parse(value, token, sizeof token)) {
		v2m_err_set(&err, V2M_DENIED, "malformed token");
		refuse_token(rq, &err);
		return false;
	}
	good = v2m_session_cache_check(v2m_rq_components(rq)->sessions, token,
	    identity, &err) == 0;
	explicit_bzero(token, sizeof token);
	if (good) {
		v2m_rq_note(rq, "user", identity->username);
		v2m_pool_ask_for(identity->username);
	} else if (err.code == V2M_DENIED && !v2m_err_is_access(&err)) {
		refuse_token(rq, &err);
	} else {
		v2m_fail(rq, &err);
	}
	return good;
}

bool
v2m_identity_admin(struct v2m_rq *rq, struct v2m_claims *identity)
{
	if (!v2m_identity(rq, identity))
		return false;
	if (!identity->admin)
		v2m_fail_text(rq, 403, V2M_DENIED, "for administrators");
	return identity->admin;
}
