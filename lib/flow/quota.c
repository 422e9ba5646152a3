/* The ledger is JSON: {"ID": [bytes, until, sent], ...}; sent is when the last
 * bytes of a resumable upload came; COMPLETE when all have come; 0 for an
 * upload that is not resumable. */
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
/* A try fails only if another process succeeded in between: so all get on, and
 * no pause is needed. */
#define MOST_TRIES 1000

struct ledger {
	struct v2m_document document;
	json_t *json;
	int64_t now;
	struct v2m_limits limits;	/* of who asks for a reservation */
	int64_t granted;		/* of the bytes that are asked for */
	/* Reserved by other uploads. */
	int64_t bytes, jobs, unfinished;
	int64_t idle_bytes;	/* of those that are idle */
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
	if (sent <= 0 || l->now - sent <= IDLE_MS || !v2m_id_valid(id))
		return;
	l->idle_bytes += member(entry, 0);
	if (l->idle_since == 0 || sent < l->idle_since) {
		l->idle_since = sent;
		v2m_text_copy(l->idle, sizeof l->idle, id);
	}
}

/* Remove reservations that have run out, and add up the others. */
static void
add_up(struct ledger *l, const char *own)
{
	const char *id;
	json_t *entry;
	void *next;

	l->bytes = l->jobs = l->unfinished = 0;
	l->idle_bytes = l->idle_since = 0;
	l->idle[0] = '\0';
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
	/* If it cannot be read, begin a new one: all that is lost are
	 * reservations, which end by themselves. */
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

static int
too_many_bytes(const struct ledger *l, const struct v2m_quota_request *ask,
    int64_t left, enum v2m_quota_verdict *verdict, struct v2m_err *err)
{
	char text[32];

	*verdict = V2M_QUOTA_BYTES;
	if (ask->goes_on)
		return v2m_err_set(err, V2M_DATA, "max_user_bytes: no more "
		    "than %s were left for it", v2m_text_size(text,
		    left > 0 ? left : 0));
	return v2m_err_set(err, V2M_DATA, "max_user_bytes: no more than %s "
	    "may be stored, videos and MP3s", v2m_text_size(text,
	    l->limits.bytes));
}

/* Other reservations end, and most uploads need less than they reserved: so an
 * upload that would fit without them may be tried again (V2M_QUOTA_RESERVED).
 * Idle ones are given up only if that makes enough room. */
static int
judge_bytes(struct ledger *l, const struct v2m_quota_request *ask,
    int64_t stored, enum v2m_quota_verdict *verdict, char idle[V2M_ID_SIZE],
    struct v2m_err *err)
{
	int64_t least = ask->least > 0 ? ask->least : ask->bytes;
	int64_t left = l->limits.bytes - stored;

	l->granted = ask->bytes;
	if (l->limits.bytes == 0 || left - l->bytes >= ask->bytes)
		return 0;
	l->granted = left - l->bytes;
	if (l->granted >= least)
		return 0;
	if (least > left)
		return too_many_bytes(l, ask, left, verdict, err);
	*verdict = V2M_QUOTA_RESERVED;
	if (l->granted + l->idle_bytes >= least)
		memcpy(idle, l->idle, V2M_ID_SIZE);
	return v2m_err_busy(err, "max_user_bytes: your other uploads have "
	    "reserved the rest");
}

static int
judge_jobs(const struct ledger *l, const struct v2m_quota_request *ask,
    const struct v2m_usage *usage, enum v2m_quota_verdict *verdict,
    struct v2m_err *err)
{
	int64_t most = l->limits.jobs;

	if (ask->goes_on || most == 0 || usage->jobs + l->jobs < most)
		return 0;
	*verdict = V2M_QUOTA_JOBS;
	return v2m_err_busy(err, "max_user_jobs: %lld uploads and jobs wait "
	    "or run already", (long long)most);
}

/* An upload that has just become a job is both in the ledger and in the
 * records.  So the ledger is read first, and the records of the uploads in it
 * are not counted. */
static int
judge(struct v2m_services *s, const struct v2m_quota_request *ask,
    struct ledger *l, enum v2m_quota_verdict *verdict,
    char idle[V2M_ID_SIZE], struct v2m_err *err)
{
	struct v2m_usage usage = { 0 };

	if (!ask->goes_on && l->jobs >= MOST_RESERVED)
		return too_many(verdict, err);
	if ((l->limits.jobs > 0 || l->limits.bytes > 0) &&
	    count_records(s, ask->owner, l, &usage, err) < 0)
		return -1;
	if (judge_jobs(l, ask, &usage, verdict, err) < 0)
		return -1;
	return judge_bytes(l, ask, usage.bytes, verdict, idle, err);
}

/* --- reserve, renew, release --- */

/* Remove uploads that were broken off, and return how many there were.  Those
 * that can be resumed stay: otherwise somebody could begin many and send later,
 * and pass every limit. */
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

/* Judge; if something is refused, or not all is granted, judge again without
 * uploads that were broken off. */
static int
judge_fairly(struct v2m_services *s, const struct v2m_quota_request *ask,
    struct ledger *l, enum v2m_quota_verdict *verdict,
    char idle[V2M_ID_SIZE], struct v2m_err *err)
{
	int ret = judge(s, ask, l, verdict, idle, err);
	bool is_fine = ret == 0 ? l->granted == ask->bytes :
	    *verdict == V2M_QUOTA_FINE;

	if (is_fine || forget_ended(s, ask->id, l) == 0)
		return ret;
	*verdict = V2M_QUOTA_FINE;
	idle[0] = '\0';
	return judge(s, ask, l, verdict, idle, err);
}

/* An upload that goes on may always have what it has reserved, or less. */
static int
judge_all(struct v2m_services *s, const struct v2m_quota_request *ask,
    struct ledger *l, enum v2m_quota_verdict *verdict,
    char idle[V2M_ID_SIZE], struct v2m_err *err)
{
	l->granted = ask->bytes;
	if (ask->goes_on && ask->bytes <= member(json_object_get(l->json,
	    ask->id), 0))
		return 0;
	if (!ask->goes_on && judge_unfinished(l, ask, verdict, idle, err) < 0)
		return -1;
	return judge_fairly(s, ask, l, verdict, idle, err);
}

static int
reserve_once(struct v2m_services *s, struct v2m_quota_request *ask,
    const struct v2m_limits *limits, enum v2m_quota_verdict *verdict,
    char idle[V2M_ID_SIZE], struct v2m_err *err)
{
	struct ledger l;
	int put = -1;

	if (open_ledger(s, ask->owner, ask->id, &l, err) < 0)
		goto out;
	l.limits = *limits;
	if (ask->goes_on && json_object_get(l.json, ask->id) == NULL)
		put = 1;
	else if (judge_all(s, ask, &l, verdict, idle, err) == 0 &&
	    enter(&l, ask->id, l.granted, l.now + ask->lease_ms,
	    ask->resumable ? l.now : 0, err) == 0 &&
	    v2m_fault("quota-judged", err) == 0 &&
	    (put = write_ledger(s, &l, err)) == 1)
		ask->bytes = l.granted;
out:
	close_ledger(&l);
	return put;
}

int
v2m_quota_reserve(struct v2m_services *s, struct v2m_quota_request *ask,
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
    enum change how, int64_t lease_ms, enum v2m_quota_verdict *verdict,
    struct v2m_err *err)
{
	int tries, put;

	*verdict = V2M_QUOTA_FINE;
	for (tries = 0; tries < MOST_TRIES; tries++) {
		put = change_once(s, owner, id, how, lease_ms, err);
		if (put != 0)
			return put < 0 ? -1 : 0;
	}
	return too_many(verdict, err);
}

int
v2m_quota_renew(struct v2m_services *s, const char *owner, const char *id,
    int64_t lease_ms, enum v2m_quota_verdict *verdict, struct v2m_err *err)
{
	return change(s, owner, id, RENEW, lease_ms, verdict, err);
}

int
v2m_quota_complete(struct v2m_services *s, const char *owner, const char *id,
    struct v2m_err *err)
{
	enum v2m_quota_verdict verdict;

	return change(s, owner, id, COMPLETED, 0, &verdict, err);
}

int
v2m_quota_release(struct v2m_services *s, const char *owner, const char *id,
    struct v2m_err *err)
{
	enum v2m_quota_verdict verdict;

	/* Nobody's has no ledger. */
	return owner[0] == '\0' ? 0 :
	    change(s, owner, id, RELEASE, 0, &verdict, err);
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
	forget_ended(s, "", &l);
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
