/* POST /admin/requeue and /admin/drop: one job, or some of those that failed or
 * were lost.  Each job takes a connection for itself. */
#include <string.h>

#include "base/text.h"
#include "flow/requeue.h"
#include "gateway/admin.h"
#include "gateway/fail.h"
#include "gateway/identity.h"

#define PORTION 100		/* jobs of one request */

struct order {
	bool drop, again, lost, exact;
	struct v2m_requeue_filter filter;
	struct v2m_filter failed;
	char ids[PORTION][V2M_ID_SIZE];
	size_t n;
	char last[V2M_ID_SIZE];		/* looked at, or done */
	int64_t looked;
	bool more;
	json_t *done, *refused;
};

/* --- what is asked --- */

/* NULL: it may be asked for. */
static const char *
what_is_wrong(const struct order *o, const char *after, bool any_failed)
{
	const char *reason = o->filter.reason;

	if (after != NULL && (o->lost || !v2m_id_valid(after)))
		return o->lost ? "lost has no after" : "after is not an ID";
	if (o->lost + (reason != NULL || any_failed) != 1)
		return "fid, lost, or reason or failed is required";
	if (o->again)
		return "again needs fid";
	if (o->lost && o->drop)
		return "lost jobs can be requeued, not dropped";
	if (o->exact && reason == NULL)
		return "exact needs reason";
	/* Every reason contains "". */
	if (reason != NULL && reason[0] == '\0' && !o->exact)
		return "an empty reason needs exact=1";
	return NULL;
}

/* false: answered. */
static bool
parse_choice(struct v2m_rq *rq, struct order *o)
{
	const char *status = v2m_rq_query(rq, "failed");
	const char *after = v2m_rq_query(rq, "after");
	const char *wrong;
	int64_t failed = 0;

	o->filter.reason = v2m_rq_query(rq, "reason");
	if (status != NULL && !v2m_text_parse_int(status, 1, 78, &failed))
		wrong = "failed is not an exit status";
	else
		wrong = what_is_wrong(o, after, failed != 0);
	if (wrong != NULL) {
		v2m_fail_text(rq, 400, V2M_USAGE, "%s", wrong);
		return false;
	}
	o->filter.status = (int)failed;
	o->failed = (struct v2m_filter){ .state = V2M_JOB_FAILED,
	    .after = after, .limit = V2M_ADMIN_LOOK };
	return true;
}

/* Is one job asked for, and nothing that chooses others?  false: answered. */
static bool
parse_one(struct v2m_rq *rq, const struct order *o)
{
	static const char *const others[] = { "reason", "failed", "after",
	    "exact" };
	size_t i;

	for (i = 0; i < sizeof others / sizeof others[0]; i++)
		if (v2m_rq_query(rq, others[i]) != NULL) {
			v2m_fail_text(rq, 400, V2M_USAGE, "fid goes without "
			    "%s", others[i]);
			return false;
		}
	if (!o->lost || !o->drop)
		return true;
	v2m_fail_text(rq, 400, V2M_USAGE, "lost jobs can be requeued, not "
	    "dropped");
	return false;
}

static bool
parse_flags(struct v2m_rq *rq, struct order *o)
{
	return v2m_admin_flag(rq, "again", &o->again) &&
	    v2m_admin_flag(rq, "lost", &o->lost) &&
	    v2m_admin_flag(rq, "exact", &o->exact);
}

/* --- which jobs --- */

static int
take(struct order *o, const struct v2m_record *r)
{
	o->more = o->n == PORTION;
	if (o->more)
		return 1;
	memcpy(o->ids[o->n++], r->id, V2M_ID_SIZE);
	return 0;
}

static int
take_lost(void *arg, const struct v2m_record *r)
{
	return take(arg, r);
}

static int
take_failed(void *arg, struct v2m_record *r)
{
	struct order *o = arg;

	if (v2m_requeue_matches(&o->filter, r) &&
	    (!o->exact || o->filter.reason == NULL ||
	    strcmp(r->reason, o->filter.reason) == 0) && take(o, r) != 0)
		return 1;
	memcpy(o->last, r->id, sizeof o->last);
	o->looked++;
	return 0;
}

static int
choose_lost(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct order *o = arg;

	return v2m_requeue_select(s, V2M_STUCK_LOST, &o->filter, take_lost, o,
	    err) < 0 ? -1 : 0;
}

static int
choose_failed(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct order *o = arg;
	int got;

	got = v2m_store_each(s->store, &o->failed, take_failed, o, err);
	o->more |= o->looked == V2M_ADMIN_LOOK;
	return got < 0 ? -1 : 0;
}

static int
choose(struct v2m_rq *rq, struct order *o, struct v2m_err *err)
{
	return o->lost ? v2m_admin_list(rq, choose_lost, o, err) :
	    v2m_pool_use(v2m_rq_pool(rq), choose_failed, o, err);
}

static void
fail_choice(struct v2m_rq *rq, const struct order *o,
    const struct v2m_err *err)
{
	if (o->lost)
		v2m_admin_fail_apart(rq, V2M_ADMIN_LISTING, err);
	else
		v2m_fail(rq, err);
}

/* --- what is done with them --- */

struct act {
	const struct order *order;
	const char *id;
};

static int
act(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	const struct act *a = arg;

	if (a->order->drop)
		return v2m_requeue_drop(s, a->id, "DELETE /files?fid= "
		    "removes it", err);
	return a->order->lost ? v2m_requeue_lost(s, a->id, err) :
	    v2m_requeue(s, a->id, a->order->again, "again=1 converts it once "
	    "more", err);
}

static void
note_refused(struct order *o, const char *id, const struct v2m_err *err)
{
	json_array_append_new(o->refused, json_pack("{s:s, s:s, s:i}", "id",
	    id, "error", err->msg, "status", (int)err->code));
}

/* This request ends with this job; the next one goes on behind it. */
static int
stop_behind(struct order *o, size_t i)
{
	memcpy(o->last, o->ids[i], sizeof o->last);
	o->more = true;
	return 1;
}

/* 0; 1: a service is away, so end; -1: the same, and nothing was done
 * before. */
static int
act_on_all(struct v2m_rq *rq, struct order *o, struct v2m_err *err)
{
	struct act a = { .order = o };
	size_t i;

	for (i = 0; i < o->n; i++) {
		a.id = o->ids[i];
		if (v2m_pool_use(v2m_rq_pool(rq), act, &a, err) == 0)
			json_array_append_new(o->done, json_string(a.id));
		else if (v2m_err_retry(err->code) && !v2m_err_is_busy(err))
			return i == 0 ? -1 : stop_behind(o, i - 1);
		else
			note_refused(o, a.id, err);
	}
	return 0;
}

static void
reply_many(struct v2m_rq *rq, const struct order *o, const char *error)
{
	v2m_admin_reply(rq, json_pack("{s:O, s:O, s:b, s:s?, s:s?}", "done",
	    o->done, "refused", o->refused, "more", o->more, "next",
	    o->more && !o->lost ? o->last : NULL, "error", error));
}

/* Answer with the jobs that were done, even if a service went away then. */
static void
reply_half(struct v2m_rq *rq, const struct order *o,
    const struct v2m_err *err)
{
	struct v2m_err said;

	v2m_fail_say(rq, 503, err, &said);
	reply_many(rq, o, said.msg);
}

static void
run_many(struct v2m_rq *rq, struct order *o)
{
	struct v2m_err err;
	int acted;

	o->done = json_array();
	o->refused = json_array();
	if (choose(rq, o, &err) < 0)
		fail_choice(rq, o, &err);
	else if ((acted = act_on_all(rq, o, &err)) < 0)
		v2m_fail(rq, &err);
	else if (acted > 0)
		reply_half(rq, o, &err);
	else
		reply_many(rq, o, NULL);
	json_decref(o->done);
	json_decref(o->refused);
}

static void
run_one(struct v2m_rq *rq, const struct order *o)
{
	struct act a = { .order = o, .id = v2m_fail_or_id(rq, "fid") };
	struct v2m_err err;

	if (a.id == NULL)
		return;
	v2m_rq_note(rq, "job", a.id);
	if (v2m_pool_use(v2m_rq_pool(rq), act, &a, &err) < 0)
		v2m_admin_fail(rq, &err);
	else
		v2m_admin_reply(rq, json_pack("{s:[s], s:[], s:b, s:n, "
		    "s:n}", "done", a.id, "refused", "more", 0, "next",
		    "error"));
}

static void
obey(struct v2m_rq *rq, bool drop)
{
	struct order o = { .drop = drop };
	struct v2m_claims identity;

	if (!v2m_identity_admin(rq, &identity) || !parse_flags(rq, &o))
		return;
	if (v2m_rq_query(rq, "fid") != NULL) {
		if (parse_one(rq, &o))
			run_one(rq, &o);
	} else if (parse_choice(rq, &o))
		run_many(rq, &o);
}

void
v2m_admin_requeue_post(struct v2m_rq *rq)
{
	obey(rq, false);
}

void
v2m_admin_drop_post(struct v2m_rq *rq)
{
	obey(rq, true);
}
