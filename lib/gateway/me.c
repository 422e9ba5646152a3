/* GET /me: the user, with limits and what is used of them. */
#include "flow/quota.h"
#include "gateway/fail.h"
#include "gateway/handlers.h"
#include "gateway/identity.h"

struct request {
	const char *owner;
	struct v2m_quota_state state;
};

static int
read_state(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct request *q = arg;

	return v2m_quota_state(s, q->owner, &q->state, err);
}

/* A limit; null if there is none. */
static json_t *
number(int64_t n, bool there)
{
	return there ? json_integer(n) : json_null();
}

static json_t *
limit(int64_t n)
{
	return number(n, n > 0);
}

/* The types that a browser offers in its file dialogue.  Any file with sound is
 * accepted. */
static json_t *
accepted(void)
{
	return json_pack("[s,s,s,s,s,s,s,s,s]", "video/*", "audio/*", ".mkv",
	    ".ts", ".m2ts", ".flv", ".wmv", ".avi", ".mxf");
}

static json_t *
answer(const struct v2m_claims *identity, const struct v2m_quota_state *state,
    int64_t max_upload)
{
	const struct v2m_limits *most = &state->limits;

	return json_pack("{s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:I}",
	    "username", identity->username,
	    "admin", identity->admin,
	    "accept", accepted(),
	    "max_upload", limit(max_upload),
	    "max_user_bytes", limit(most->bytes),
	    "bytes", number(state->bytes, most->bytes > 0),
	    "max_user_jobs", limit(most->jobs),
	    "jobs", (json_int_t)state->jobs,
	    "max_user_unfinished", limit(most->unfinished),
	    "unfinished", (json_int_t)state->unfinished);
}

void
v2m_me_get(struct v2m_rq *rq)
{
	struct v2m_claims identity;
	struct request q = { .owner = identity.username };
	struct v2m_err err;

	if (!v2m_identity(rq, &identity))
		return;
	if (v2m_pool_use(v2m_rq_pool(rq), read_state, &q, &err) < 0) {
		v2m_fail(rq, &err);
		return;
	}
	if (identity.admin)	/* administrators have no limits */
		q.state.limits = (struct v2m_limits){ 0 };
	v2m_rq_reply_header(rq, "Cache-Control", "no-store");
	v2m_rq_reply_json(rq, 200, answer(&identity, &q.state,
	    v2m_conf_number(v2m_rq_conf(rq), "max_upload")));
}
