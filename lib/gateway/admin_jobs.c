/* GET /admin/failures, /admin/lost and /admin/job: jobs that failed or were
 * lost, and all that is known of one job. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "flow/job.h"
#include "flow/requeue.h"
#include "flow/status.h"
#include "gateway/admin.h"
#include "gateway/fail.h"
#include "gateway/identity.h"

/* --- failures, by their reasons --- */

struct failures {
	struct v2m_filter filter;
	size_t limit;			/* reasons */
	json_t *groups;			/* by status and reason */
	char last[V2M_ID_SIZE];
	int64_t looked;
	bool more;
};

/* The newest comes first. */
static json_t *
first_of_group(const struct v2m_record *r)
{
	return json_pack("{s:s, s:I, s:s, s:s, s:i}", "reason", r->reason,
	    "status", (json_int_t)r->failure, "code",
	    v2m_code_word((enum v2m_code)r->failure), "newest", r->id,
	    "jobs", 0);
}

/* 1: this answer has no room for one more reason. */
static int
count_failure(void *arg, struct v2m_record *r)
{
	struct failures *f = arg;
	char key[sizeof r->reason + 32];
	json_t *group;

	snprintf(key, sizeof key, "%" PRId64 " %s", r->failure, r->reason);
	group = json_object_get(f->groups, key);
	if (group == NULL && json_object_size(f->groups) == f->limit)
		return 1;
	if (group == NULL) {
		group = first_of_group(r);
		json_object_set_new(f->groups, key, group);
	}
	json_object_set_new(group, "jobs", json_integer(
	    json_integer_value(json_object_get(group, "jobs")) + 1));
	memcpy(f->last, r->id, sizeof f->last);
	f->looked++;
	return 0;
}

static int
read_failures(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct failures *f = arg;
	int got = v2m_store_each(s->store, &f->filter, count_failure, f, err);

	f->more = got == 1 || f->looked == V2M_ADMIN_LOOK;
	return got < 0 ? -1 : 0;
}

static json_t *
values(json_t *object)
{
	json_t *list = json_array(), *value;
	const char *key;

	json_object_foreach(object, key, value) {
		json_array_append(list, value);
	}
	return list;
}

void
v2m_admin_failures_get(struct v2m_rq *rq)
{
	struct failures f = { .filter = { .state = V2M_JOB_FAILED,
	    .newest_first = true, .limit = V2M_ADMIN_LOOK } };
	struct v2m_admin_page page;
	struct v2m_err err;

	if (!v2m_admin_page(rq, &page))
		return;
	f.filter.after = page.after;
	f.limit = (size_t)page.limit;
	f.groups = json_object();
	if (v2m_pool_use(v2m_rq_pool(rq), read_failures, &f, &err) < 0)
		v2m_fail(rq, &err);
	else
		v2m_admin_reply(rq, json_pack("{s:o, s:s?}", "failures",
		    values(f.groups), "next", f.more ? f.last : NULL));
	json_decref(f.groups);
}

/* --- lost jobs --- */

struct lost {
	int64_t limit;
	bool more;
	json_t *jobs;
};

static int
add_lost(void *arg, const struct v2m_record *r)
{
	struct lost *l = arg;
	json_t *job;

	l->more = (int64_t)json_array_size(l->jobs) == l->limit;
	if (l->more)
		return 1;
	job = v2m_status_json(r);
	json_object_set_new(job, "lost", json_string(v2m_requeue_lost_text(r)));
	json_array_append_new(l->jobs, job);
	return 0;
}

static int
read_lost(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	const struct v2m_requeue_filter any = { NULL, 0 };

	return v2m_requeue_select(s, V2M_STUCK_LOST, &any, add_lost, arg,
	    err) < 0 ? -1 : 0;
}

void
v2m_admin_lost_get(struct v2m_rq *rq)
{
	struct lost l = { .jobs = NULL };
	struct v2m_admin_page page;
	struct v2m_err err;

	if (!v2m_admin_page_by_text(rq, &page))
		return;
	if (page.after != NULL) {
		v2m_fail_text(rq, 400, V2M_USAGE, "lost has no after");
		return;
	}
	l.limit = page.limit;
	l.jobs = json_array();
	if (v2m_admin_list(rq, read_lost, &l, &err) < 0)
		v2m_admin_fail_apart(rq, V2M_ADMIN_LISTING, &err);
	else
		v2m_admin_reply(rq, json_pack("{s:O, s:b}", "jobs", l.jobs,
		    "more", l.more));
	json_decref(l.jobs);
}

/* --- one job --- */

struct request {
	const char *id;
	struct v2m_record record;
};

static int
find_job(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct request *q = arg;

	return v2m_job_find(s->store, q->id, &q->record, err);
}

void
v2m_admin_job_get(struct v2m_rq *rq)
{
	struct v2m_claims identity;
	struct request q;
	struct v2m_err err;
	json_t *job;

	if (!v2m_identity_admin(rq, &identity) ||
	    (q.id = v2m_fail_or_id(rq, "fid")) == NULL)
		return;
	v2m_rq_note(rq, "job", q.id);
	if (v2m_pool_use(v2m_rq_pool(rq), find_job, &q, &err) < 0) {
		v2m_fail(rq, &err);
		return;
	}
	job = v2m_status_json(&q.record);
	v2m_status_add_inner(job, &q.record);
	v2m_admin_reply(rq, job);
}
