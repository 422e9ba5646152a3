/* GET /status: one job, or a page of the user's jobs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/percent.h"
#include "flow/lease.h"
#include "flow/permission.h"
#include "flow/status.h"
#include "flow/status_filter.h"
#include "flow/taken.h"
#include "gateway/fail.h"
#include "gateway/handlers.h"
#include "gateway/identity.h"

#define LIMIT 100
#define LIMIT_MOST 1000
#define LOOK_MOST 5000	/* jobs to read for an answer, shown or not */

/* The request, and the answer, as JSON or text, while it is made. */
struct listing {
	struct v2m_filter filter;
	struct v2m_status_filter shown;
	bool admin;
	bool counted;			/* with the number of jobs by state */
	int64_t counts[V2M_JOB_STATES];
	int64_t limit, found, looked;
	int64_t now;			/* by the store's clock */
	char last[V2M_ID_SIZE];		/* the last job that was read */
	bool more;
	json_t *jobs;			/* NULL: the client wants text */
	FILE *out;
	char *text;
	size_t size;
};

/* --- the request --- */

static bool
is_sha256(const char *s)
{
	return strlen(s) == V2M_SHA256_HEX - 1 &&
	    strspn(s, "0123456789abcdef") == V2M_SHA256_HEX - 1;
}

static bool
is_flag(const char *value)
{
	return value == NULL || strcmp(value, "1") == 0;
}

/* Read the filter and the order.  false: answered. */
static bool
parse_choice(struct v2m_rq *rq, struct listing *l)
{
	const char *state = v2m_rq_query(rq, "state");
	const char *sha256 = v2m_rq_query(rq, "sha256");
	const char *order = v2m_rq_query(rq, "order");
	const char *name = v2m_rq_query(rq, "name");
	struct v2m_err err;

	if (state != NULL &&
	    v2m_status_states(state, &l->shown.states, &err) < 0)
		v2m_fail(rq, &err);
	else if (sha256 != NULL && !is_sha256(sha256))
		v2m_fail_text(rq, 400, V2M_USAGE, "sha256 is not 64 "
		    "lower-case hexadecimal digits");
	else if (order != NULL && strcmp(order, "oldest") != 0 &&
	    strcmp(order, "newest") != 0)
		v2m_fail_text(rq, 400, V2M_USAGE, "order is not oldest or "
		    "newest");
	else if (name != NULL && strlen(name) >= V2M_NAME_MAX)
		v2m_fail_text(rq, 400, V2M_USAGE, "name is too long");
	else {
		l->shown.name = name;
		l->filter.state = v2m_status_filter_state(&l->shown);
		l->filter.sha256 = sha256;
		l->filter.newest_first = order != NULL &&
		    strcmp(order, "newest") == 0;
		return true;
	}
	return false;
}

/* false: answered. */
static bool
parse_query(struct v2m_rq *rq, const struct v2m_claims *identity,
    struct listing *l)
{
	const char *after = v2m_rq_query(rq, "after");
	const char *limit = v2m_rq_query(rq, "limit");
	const char *all = v2m_rq_query(rq, "all");
	const char *count = v2m_rq_query(rq, "count");

	l->filter = (struct v2m_filter){ .state = -1, .after = after,
	    .owner = all == NULL ? identity->username : NULL,
	    .limit = LOOK_MOST };
	l->admin = identity->admin;
	l->limit = LIMIT;
	l->counted = count != NULL;
	if (after != NULL && !v2m_id_valid(after))
		v2m_fail_text(rq, 400, V2M_USAGE, "after is not an ID");
	else if (limit != NULL && !v2m_text_parse_int(limit, 1, LIMIT_MOST,
	    &l->limit))
		v2m_fail_text(rq, 400, V2M_USAGE, "limit is not a number from "
		    "1 to %d", LIMIT_MOST);
	else if (!is_flag(all) || !is_flag(count))
		v2m_fail_text(rq, 400, V2M_USAGE, "%s has to be 1 or left out",
		    is_flag(all) ? "count" : "all");
	else if (all != NULL && !identity->admin)
		v2m_fail_text(rq, 403, V2M_DENIED,
		    "all is for administrators");
	else
		return parse_choice(rq, l);
	return false;
}

/* --- the answer --- */

static void
add_job(struct listing *l, struct v2m_record *r)
{
	if (!l->admin)
		v2m_status_hide(r);
	if (l->jobs != NULL) {
		json_array_append_new(l->jobs, v2m_status_json(r));
	} else {
		v2m_status_line(l->out, r, v2m_wall_ms());
		putc('\n', l->out);
	}
	l->found++;
}

/* 1, which ends the list, at the first job that the page has no room for. */
static int
visit_job(void *arg, struct v2m_record *r)
{
	struct listing *l = arg;
	bool shown = v2m_status_matches(&l->shown, r) &&
	    !v2m_lease_upload_ended(r, l->now);

	if (shown && l->found == l->limit)
		return 1;
	memcpy(l->last, r->id, sizeof l->last);
	l->looked++;
	if (shown)
		add_job(l, r);
	return 0;
}

static int
count_upload(void *arg, struct v2m_record *r)
{
	struct listing *l = arg;

	if (!v2m_lease_upload_ended(r, l->now))
		l->counts[V2M_JOB_NEW]++;
	return 0;
}

/* Counts come from indexes, except for the few jobs being uploaded. */
static int
count_jobs(struct v2m_store *s, struct listing *l, struct v2m_err *err)
{
	struct v2m_filter f = { .state = V2M_JOB_NEW,
		.owner = l->filter.owner, .limit = LOOK_MOST };

	if (v2m_store_count_states(s, f.owner, l->counts, err) < 0)
		return -1;
	return v2m_store_each(s, &f, count_upload, l, err);
}

static int
read_jobs(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct listing *l = arg;
	int got;

	if (v2m_store_now(s->store, &l->now, err) < 0 ||
	    (l->counted && count_jobs(s->store, l, err) < 0))
		return -1;
	got = v2m_store_each(s->store, &l->filter, visit_job, l, err);
	l->more = got == 1 || l->looked == LOOK_MOST;
	return got < 0 ? -1 : 0;
}

/* A Link to the next page (RFC 8288): the same query, which is valid, with
 * another `after`.  It is relative, so a prefix of a proxy does not matter. */
static void
reply_link(struct v2m_rq *rq, const struct listing *l)
{
	static const char *const kept[] = { "limit", "state", "sha256", "all",
		"format", "order", "count", "name" };
	char link[2048], text[3 * V2M_NAME_MAX];
	size_t i, n;

	n = (size_t)snprintf(link, sizeof link, "<?after=%s", l->last);
	for (i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		const char *value = v2m_rq_query(rq, kept[i]);

		if (value == NULL || n >= sizeof link)
			continue;
		v2m_percent_encode(text, sizeof text, value, ",");
		n += (size_t)snprintf(link + n, sizeof link - n, "&%s=%s",
		    kept[i], text);
	}
	if (n < sizeof link)
		n += (size_t)snprintf(link + n, sizeof link - n,
		    ">; rel=\"next\"");
	if (n < sizeof link)
		v2m_rq_reply_header(rq, "Link", link);
}

/* "counts": the number of all jobs by state, whichever are listed. */
static void
add_counts(json_t *o, const struct listing *l)
{
	json_t *counts = json_object();
	int state;

	for (state = V2M_JOB_NEW; state <= V2M_JOB_FAILED; state++)
		json_object_set_new(counts,
		    v2m_state_word((enum v2m_state)state),
		    json_integer(l->counts[state]));
	json_object_set_new(o, "counts", counts);
}

static void
reply_list(struct v2m_rq *rq, struct listing *l)
{
	json_t *o;
	json_t *next = l->more ? json_string(l->last) : json_null();

	v2m_rq_reply_header(rq, "Cache-Control", "no-store");
	if (l->more)
		reply_link(rq, l);
	if (l->jobs != NULL) {
		o = json_pack("{s:O, s:o}", "jobs", l->jobs, "next", next);
		if (l->counted)
			add_counts(o, l);
		v2m_rq_reply_json(rq, 200, o);
		return;
	}
	json_decref(next);
	if (l->more)
		v2m_rq_reply_header(rq, "V2M-Next", l->last);
	fflush(l->out);
	v2m_rq_reply_text(rq, 200, l->text);
}

static void
get_list(struct v2m_rq *rq, const struct v2m_claims *identity)
{
	struct v2m_err err;
	struct listing l;

	memset(&l, 0, sizeof l);
	if (!parse_query(rq, identity, &l))
		return;
	if (v2m_rq_wants_json(rq))
		l.jobs = json_array();
	else
		l.out = open_memstream(&l.text, &l.size);
	if (l.jobs == NULL && l.out == NULL) {
		v2m_err_sys(&err, V2M_TEMP, "cannot list jobs");
		v2m_fail(rq, &err);
	} else if (v2m_pool_use(v2m_rq_pool(rq), read_jobs, &l,
	    &err) < 0) {
		v2m_fail(rq, &err);
	} else {
		reply_list(rq, &l);
	}
	json_decref(l.jobs);
	if (l.out != NULL)
		fclose(l.out);
	free(l.text);
}

static void
reply_line(struct v2m_rq *rq, const struct v2m_record *r)
{
	struct v2m_err err;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out != NULL) {
		v2m_status_line(out, r, v2m_wall_ms());
		putc('\n', out);
		fclose(out);
	}
	if (text == NULL) {
		v2m_err_sys(&err, V2M_TEMP, "cannot show the job");
		v2m_fail(rq, &err);
	} else {
		v2m_rq_reply_text(rq, 200, text);
	}
	free(text);
}

struct request {
	const struct v2m_claims *identity;
	const char *id;
	struct v2m_record record;
	int64_t asked;		/* see v2m_taken_asked() */
};

static int
read_one(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct request *q = arg;

	if (v2m_permitted_job(s->store, q->identity, q->id, &q->record,
	    err) < 0)
		return -1;
	return v2m_taken_asked(s, &q->record, &q->asked, err);
}

/* In seconds before now, as the clocks of client and server differ. */
static void
reply_worker_seen(struct v2m_rq *rq, int64_t asked)
{
	int64_t ms = v2m_wall_ms() - asked;
	char text[32];

	if (asked == 0)
		return;
	snprintf(text, sizeof text, "%lld", (long long)(ms < 0 ? 0 :
	    ms / 1000));
	v2m_rq_reply_header(rq, "V2M-Worker-Seen", text);
}

static void
get_one(struct v2m_rq *rq, const struct v2m_claims *identity, const char *id)
{
	struct request q = { .identity = identity, .id = id };
	struct v2m_err err;

	v2m_rq_note(rq, "job", id);
	if (v2m_pool_use(v2m_rq_pool(rq), read_one, &q, &err) < 0) {
		v2m_fail(rq, &err);
		return;
	}
	if (!identity->admin)
		v2m_status_hide(&q.record);
	v2m_rq_reply_header(rq, "Cache-Control", "no-store");
	reply_worker_seen(rq, q.asked);
	if (v2m_rq_wants_json(rq))
		v2m_rq_reply_json(rq, 200, v2m_status_json(&q.record));
	else
		reply_line(rq, &q.record);
}

void
v2m_status_get(struct v2m_rq *rq)
{
	struct v2m_claims identity;
	const char *id;

	if (!v2m_identity(rq, &identity))
		return;
	if (v2m_rq_query(rq, "fid") == NULL)
		get_list(rq, &identity);
	else if ((id = v2m_fail_or_id(rq, "fid")) != NULL)
		get_one(rq, &identity, id);
}
