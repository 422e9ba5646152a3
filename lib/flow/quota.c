/* The ledger is JSON: {"ID": [bytes, until, sent], ...}; sent is when somebody
 * last sent to a resumable upload, COMPLETE of one that is all there, and 0 of
 * others. */
#include "flow/quota.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "flow/lease.h"
#include "store/document.h"

#define MOST_RESERVED 512	/* a ledger is no longer than a document */
#define COMPLETE (-1)
#define IDLE_MS (10 * 60 * 1000)
/* Others who were faster: each try that fails is one that went well, so a crowd
 * gets on without a pause. */
#define MOST_TRIES 1000

struct ledger {
	struct v2m_document document;
	json_t *json;
	int64_t now;
	struct v2m_limits limits;	/* of who asks for a reservation */
	/* Reserved, by others than ourselves. */
	int64_t bytes, jobs, unfinished;
	int64_t idle_since;	/* of the oldest that is idle; 0: none is */
	char idle[V2M_ID_SIZE];
};

static int
no_memory(struct v2m_err *err)
{
	return v2m_err_set(err, V2M_TEMP, "cannot reserve: out of memory");
}

static void
close_ledger(struct ledger *l)
{
	json_decref(l->json);
	v2m_document_clear(&l->document);
}

static int64_t
member(const json_t *entry, size_t i)
{
	return json_integer_value(json_array_get(entry, i));
}

static void
add_entry(struct ledger *l, const char *id, const json_t *entry)
{
	int64_t sent = member(entry, 2);

	l->bytes += member(entry, 0);
	l->jobs++;
	l->unfinished += sent > 0;
	if (sent > 0 && l->now - sent > IDLE_MS && v2m_id_valid(id) &&
	    (l->idle_since == 0 || sent < l->idle_since)) {
		l->idle_since = sent;
		v2m_text_copy(l->idle, sizeof l->idle, id);
	}
}

/* Drop what is over, and add up the rest. */
static void
add_up(struct ledger *l, const char *own)
{
	const char *id;
	json_t *entry;
	void *next;

	l->bytes = l->jobs = 0;
	json_object_foreach_safe(l->json, next, id, entry) {
		if (member(entry, 1) <= l->now)
			json_object_del(l->json, id);
		else if (strcmp(id, own) != 0)
			add_entry(l, id, entry);
	}
}

static int
open_ledger(struct v2m_services *s, const char *owner, const char *own,
    struct ledger *l, struct v2m_err *err)
{
	memset(l, 0, sizeof *l);
	if (v2m_document_get(s->store, V2M_QUOTA_DOCUMENT, owner, &l->document,
	    err) < 0 || v2m_store_now(s->store, &l->now, err) < 0)
		return -1;
	/* One that makes no sense is begun anew: it holds nothing but what
	 * ends by itself. */
	l->json = json_loads(v2m_document_text(&l->document), 0, NULL);
	if (!json_is_object(l->json)) {
		json_decref(l->json);
		l->json = json_object();
	}
	if (l->json == NULL)
		return no_memory(err);
	add_up(l, own);
	return 0;
}

/* 1; 0 somebody was faster; -1. */
static int
write_ledger(struct v2m_services *s, struct ledger *l, struct v2m_err *err)
{
	char *text = json_dumps(l->json, JSON_COMPACT);
	const char *id;
	json_t *entry;
	int put = -1;

	if (text == NULL)
		return no_memory(err);
	l->document.until = l->now;
	json_object_foreach(l->json, id, entry) {
		int64_t until = member(entry, 1);

		if (until > l->document.until)
			l->document.until = until;
	}
	if (v2m_document_set(&l->document, text, err) == 0)
		put = v2m_document_put(s->store, &l->document, err);
	free(text);
	return put;
}

static int
enter(struct ledger *l, const char *id, int64_t bytes, int64_t until,
    int64_t sent, struct v2m_err *err)
{
	json_t *entry = json_pack("[I, I, I]", (json_int_t)bytes,
	    (json_int_t)until, (json_int_t)sent);

	return entry != NULL && json_object_set_new(l->json, id, entry) == 0 ?
	    0 : no_memory(err);
}

/* --- judging --- */

static int
count_records(struct v2m_services *s, const char *owner, struct ledger *l,
    struct v2m_usage *usage, struct v2m_err *err)
{
	bool with_bytes = l->limits.bytes > 0;
	const char *ids[MOST_RESERVED], *id;
	json_t *entry;
	size_t n = 0;

	json_object_foreach(l->json, id, entry)
		if (n < MOST_RESERVED)
			ids[n++] = id;
	return v2m_store_usage(s->store, owner, ids, n, with_bytes, usage,
	    err);
}

/* How many may be unfinished is soon said. */
static int
judge_unfinished(const struct ledger *l, const struct v2m_quota_request *ask,
    enum v2m_quota_verdict *verdict, char idle[V2M_ID_SIZE],
    struct v2m_err *err)
{
	int64_t most = l->limits.unfinished;

	if (!ask->resumable || most == 0 || l->unfinished < most)
		return 0;
	*verdict = V2M_QUOTA_UNFINISHED;
	memcpy(idle, l->idle, V2M_ID_SIZE);
	return v2m_err_busy(err, "max_user_unfinished: %lld uploads are not "
	    "complete yet", (long long)most);
}

static int
too_many(enum v2m_quota_verdict *verdict, struct v2m_err *err)
{
	*verdict = V2M_QUOTA_JOBS;
	return v2m_err_busy(err, "too many uploads at a time");
}

/* An upload that has just become a job is in the ledger and in the records;
 * so the ledger is read first, and what is in it is not counted there. */
static int
judge(struct v2m_services *s, const char *owner, struct ledger *l,
    int64_t bytes, enum v2m_quota_verdict *verdict, struct v2m_err *err)
{
	int64_t most_bytes = l->limits.bytes, most_jobs = l->limits.jobs;
	struct v2m_usage usage = { 0 };
	char text[32];

	if (l->jobs >= MOST_RESERVED)
		return too_many(verdict, err);
	if ((most_jobs > 0 || most_bytes > 0) &&
	    count_records(s, owner, l, &usage, err) < 0)
		return -1;
	if (most_jobs > 0 && usage.jobs + l->jobs >= most_jobs) {
		*verdict = V2M_QUOTA_JOBS;
		return v2m_err_busy(err, "max_user_jobs: %lld uploads and "
		    "jobs wait or run already", (long long)most_jobs);
	}
	if (most_bytes > 0 && usage.bytes + l->bytes + bytes > most_bytes) {
		*verdict = V2M_QUOTA_BYTES;
		return v2m_err_set(err, V2M_DATA, "max_user_bytes: no more "
		    "than %s may be stored, videos and MP3s",
		    v2m_text_size(text, most_bytes));
	}
	return 0;
}

/* --- the three --- */

/* Uploads that broke off are no longer counted.  How many were there?  Those
 * that can be gone on with keep their places for as long as they are there:
 * else who begins many and sends later passes every limit. */
static int
forget_ended(struct v2m_services *s, const char *own, struct ledger *l)
{
	struct v2m_record r;
	struct v2m_err ignored;
	const char *id;
	json_t *entry;
	void *next;
	int n = 0;

	json_object_foreach_safe(l->json, next, id, entry) {
		if (strcmp(id, own) == 0 || member(entry, 2) != 0 ||
		    v2m_store_get(s->store, id, &r, &ignored) < 0 ||
		    !v2m_lease_upload_ended(&r, l->now))
			continue;
		json_object_del(l->json, id);
		n++;
	}
	if (n > 0)
		add_up(l, own);
	return n;
}

/* An owner over the limit is judged again without them. */
static int
judge_fairly(struct v2m_services *s, const struct v2m_quota_request *ask,
    struct ledger *l, enum v2m_quota_verdict *verdict, struct v2m_err *err)
{
	int ret = judge(s, ask->owner, l, ask->bytes, verdict, err);

	if (ret == 0 || *verdict == V2M_QUOTA_FINE ||
	    forget_ended(s, ask->id, l) == 0)
		return ret;
	*verdict = V2M_QUOTA_FINE;
	return judge(s, ask->owner, l, ask->bytes, verdict, err);
}

static int
reserve_once(struct v2m_services *s, const struct v2m_quota_request *ask,
    const struct v2m_limits *limits, enum v2m_quota_verdict *verdict,
    char idle[V2M_ID_SIZE], struct v2m_err *err)
{
	struct ledger l;
	int put = -1;

	if (open_ledger(s, ask->owner, ask->id, &l, err) < 0)
		goto out;
	l.limits = *limits;
	if (judge_unfinished(&l, ask, verdict, idle, err) == 0 &&
	    judge_fairly(s, ask, &l, verdict, err) == 0 &&
	    enter(&l, ask->id, ask->bytes, l.now + ask->lease_ms,
	    ask->resumable ? l.now : 0, err) == 0 &&
	    v2m_fault("quota-judged", err) == 0)
		put = write_ledger(s, &l, err);
out:
	close_ledger(&l);
	return put;
}

int
v2m_quota_reserve(struct v2m_services *s, const struct v2m_quota_request *ask,
    enum v2m_quota_verdict *verdict, char idle[V2M_ID_SIZE],
    struct v2m_err *err)
{
	struct v2m_limits limits;
	int tries, put;

	*verdict = V2M_QUOTA_FINE;
	idle[0] = '\0';
	if (v2m_limits_of(s, ask->owner, &limits, err) < 0)
		return -1;
	if (limits.bytes == 0 && limits.jobs == 0 && limits.unfinished == 0)
		return 0;
	for (tries = 0; tries < MOST_TRIES; tries++) {
		put = reserve_once(s, ask, &limits, verdict, idle, err);
		if (put < 0)
			return -1;
		if (put > 0)
			return v2m_fault("quota-reserved", err);
	}
	return too_many(verdict, err);
}

enum change { RELEASE, RENEW, COMPLETED };

static int
change_entry(struct ledger *l, const char *id, enum change how,
    int64_t lease_ms, struct v2m_err *err)
{
	const json_t *is = json_object_get(l->json, id);
	int64_t bytes = member(is, 0), until = member(is, 1);
	int64_t sent = member(is, 2);

	if (how == RELEASE) {
		json_object_del(l->json, id);
		return 0;
	}
	if (how == COMPLETED)
		return enter(l, id, bytes, until, COMPLETE, err);
	return enter(l, id, bytes, l->now + lease_ms, sent > 0 ? l->now :
	    sent, err);
}

/* Change the entry of id, if there is one. */
static int
change_once(struct v2m_services *s, const char *owner, const char *id,
    enum change how, int64_t lease_ms, struct v2m_err *err)
{
	struct ledger l;
	int put = -1;

	if (open_ledger(s, owner, id, &l, err) < 0)
		goto out;
	if (json_object_get(l.json, id) == NULL)
		put = 1;
	else if (change_entry(&l, id, how, lease_ms, err) == 0)
		put = write_ledger(s, &l, err);
out:
	close_ledger(&l);
	return put;
}

static int
change(struct v2m_services *s, const char *owner, const char *id,
    enum change how, int64_t lease_ms, struct v2m_err *err)
{
	int tries, put;

	for (tries = 0; tries < MOST_TRIES; tries++) {
		put = change_once(s, owner, id, how, lease_ms, err);
		if (put != 0)
			return put < 0 ? -1 : 0;
	}
	return v2m_err_busy(err, "too many uploads at a time");
}

int
v2m_quota_renew(struct v2m_services *s, const char *owner, const char *id,
    int64_t lease_ms, struct v2m_err *err)
{
	return change(s, owner, id, RENEW, lease_ms, err);
}

int
v2m_quota_complete(struct v2m_services *s, const char *owner, const char *id,
    struct v2m_err *err)
{
	return change(s, owner, id, COMPLETED, 0, err);
}

int
v2m_quota_release(struct v2m_services *s, const char *owner, const char *id,
    struct v2m_err *err)
{
	/* Nobody's has no ledger. */
	return owner[0] == '\0' ? 0 : change(s, owner, id, RELEASE, 0, err);
}

int
v2m_quota_state(struct v2m_services *s, const char *owner,
    struct v2m_quota_state *state, struct v2m_err *err)
{
	struct v2m_usage usage;
	struct ledger l;
	int ret = -1;

	memset(state, 0, sizeof *state);
	if (v2m_limits_of(s, owner, &state->limits, err) < 0)
		return -1;
	if (open_ledger(s, owner, "", &l, err) < 0)
		goto out;
	l.limits = state->limits;
	if (count_records(s, owner, &l, &usage, err) < 0)
		goto out;
	state->bytes = l.limits.bytes > 0 ? usage.bytes + l.bytes : 0;
	state->jobs = usage.jobs + l.jobs;
	state->unfinished = l.unfinished;
	ret = 0;
out:
	close_ledger(&l);
	return ret;
}
