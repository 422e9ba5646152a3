/* records_suite.c - what every driver of records and documents must do:
 * records_suite [STORE [OBJECTS]], both URLs. */
#include <inttypes.h>
#include <sched.h>

#include "base/clock.h"
#include "base/db.h"
#include "flow/job.h"
#include "store/moved.h"
#include "store_suite.h"

#define MINUTE INT64_C(60000)		/* in ms */

static void
test_table(void)
{
	char covered[sizeof(struct v2m_record)] = { 0 };
	const struct v2m_field *f;
	size_t i, gap = 0, widest = 0;
	bool once = true;
	int s;

	memset(covered + offsetof(struct v2m_record, id), 1, V2M_ID_SIZE);
	memset(covered + offsetof(struct v2m_record, rev), 1, 8);
	for (f = v2m_record_fields; f->name != NULL; f++) {
		for (i = 0; i < f->size; i++)
			once &= covered[f->offset + i]++ == 0;
		once &= f->kind == V2M_FIELD_TEXT || f->size == 8;
	}
	ok(once, "no two fields of the table overlap");
	for (i = 0; i < sizeof covered; i++) {
		gap = covered[i] ? 0 : gap + 1;
		widest = gap > widest ? gap : widest;
	}
	ok(widest < 8, "the table holds every field of the record");
	for (s = V2M_JOB_NEW; s <= V2M_JOB_CANCELLED; s++)
		if (v2m_state_parse(v2m_state_word(s)) != s)
			break;
	is_int(s, V2M_JOB_CANCELLED + 1, "the words for states go both ways");
	is(v2m_state_word(V2M_JOB_FAILED), "failed",
	    "the word for a failed job");
	is_int(v2m_state_parse("nonsense"), -1, "another word is none");
	is(v2m_state_word(99), "unknown", "nor is another number");
	for (s = V2M_TOLD_NOT_YET; s <= V2M_TOLD_NEVER; s++)
		if (v2m_told_parse(v2m_told_word(s)) != (enum v2m_told)s)
			break;
	is_int(s, V2M_TOLD_NEVER + 1, "those for notices as well");
	is(v2m_told_word(V2M_TOLD_MAYBE), "sent?", "as they were stored ever");
	is_int(v2m_told_parse("later"), V2M_TOLD_NEVER,
	    "one of a newer v2m is not ours to see to");
	is(v2m_via_word(V2M_VIA_PIPE), "pipe", "the word for a pipe");
}

/* Fill every field to its limit, each with a value of its own. */
static void
fill_fields(struct v2m_record *r, int seed)
{
	const struct v2m_field *f;
	char *text;
	size_t i;

	for (f = v2m_record_fields; f->name != NULL; f++, seed++) {
		if (f->kind == V2M_FIELD_WORD) {
			*v2m_field_int(r, f) = seed % 3;
			continue;
		}
		if (f->kind == V2M_FIELD_INT) {
			*v2m_field_int(r, f) = seed % 2 ? INT64_MAX - seed :
			    INT64_MIN + seed;
			continue;
		}
		text = v2m_field_text(r, f);
		for (i = 0; i + 1 < f->size; i++)
			text[i] = "0123456789abcdef"[(i + (size_t)seed) % 16];
		text[i] = '\0';
	}
	/* A text that ends with a character of two bytes. */
	memcpy(r->warnings + sizeof r->warnings - 3, "é", 3);
	r->state = seed % 7;
	snprintf(r->owner, sizeof r->owner, "%s", owner);
}

static bool
same_fields(struct v2m_record *a, struct v2m_record *b)
{
	const struct v2m_field *f;
	bool same = strcmp(a->id, b->id) == 0 && a->rev == b->rev;

	for (f = v2m_record_fields; f->name != NULL; f++) {
		bool equal = f->kind == V2M_FIELD_TEXT ?
		    strcmp(v2m_field_text(a, f), v2m_field_text(b, f)) == 0 :
		    *v2m_field_int(a, f) == *v2m_field_int(b, f);

		if (!equal)
			printf("# field %s differs\n", f->name);
		same &= equal;
	}
	return same;
}

static void
test_fields(void)
{
	struct v2m_record r = record(), got;

	fill_fields(&r, 1);
	is_int(v2m_store_insert(store, &r, &suite_err), 1, "a full record");
	is_int(r.rev, 1, "gets the revision 1");
	good(v2m_store_get(store, r.id, &got, &suite_err) == 0 &&
	    same_fields(&r, &got), "and comes back, field by field");
	fill_fields(&r, 1000);
	is_int(v2m_store_put(store, &r, &suite_err), 1, "it is replaced");
	is_int(r.rev, 2, "which counts the revision");
	good(v2m_store_get(store, r.id, &got, &suite_err) == 0 &&
	    same_fields(&r, &got), "by what was put, field by field");
	good(v2m_store_get_by_mp3(store, r.mp3, &got, &suite_err) == 0 &&
	    same_fields(&r, &got), "and found by its MP3");
	snprintf(r.reason, sizeof r.reason, "a\tb\x1b[31m \xff \"quote'");
	v2m_store_put(store, &r, &suite_err);
	v2m_store_get(store, r.id, &got, &suite_err);
	is(got.reason, "a?b?[31m ? \"quote'", "texts are cleaned");
	snprintf(r.name, sizeof r.name, "<Error><Code>NoSuchKey</Code>.mp4");
	good(v2m_store_put(store, &r, &suite_err) == 1 &&
	    v2m_store_get(store, r.id, &got, &suite_err) == 0 &&
	    strcmp(got.name, r.name) == 0, "a name may look like an answer");
	v2m_store_forget(store, r.id, &suite_err);
}

static void
test_compare_and_set(void)
{
	struct v2m_record r = record(), stale, got;
	char unknown[V2M_ID_SIZE];

	v2m_id_new(unknown);
	ok(v2m_store_get(store, r.id, &got, &suite_err) < 0 &&
	    suite_err.code == V2M_NOINPUT, "no record, no answer");
	is_int(v2m_store_put(store, &r, &suite_err), 0,
	    "what is not there cannot be replaced");
	is_int(v2m_store_insert(store, &r, &suite_err), 1,
	    "a record is inserted");
	stale = r;
	is_int(v2m_store_insert(store, &stale, &suite_err), 0,
	    "a second insert loses");
	r.attempts = 5;
	is_int(v2m_store_put(store, &r, &suite_err), 1, "a record is changed");
	stale.rev = 1;
	stale.attempts = 9;
	is_int(v2m_store_put(store, &stale, &suite_err), 0,
	    "a put of an old revision loses");
	is_int(stale.rev, 1, "and changes nothing in the caller's record");
	is_int(v2m_store_get(store, r.id, &got, &suite_err), 0,
	    "the changed record is read");
	ok(got.attempts == 5 && got.rev == 2, "the winner's is there");
	ok(v2m_store_get_by_mp3(store, unknown, &got, &suite_err) < 0 &&
	    suite_err.code == V2M_NOINPUT, "an unknown MP3 is nobody's");
	good(v2m_store_forget(store, r.id, &suite_err) == 0,
	    "a record is deleted");
	good(v2m_store_forget(store, r.id, &suite_err) == 0,
	    "a record that is gone is deleted");
	is_int(v2m_store_put(store, &r, &suite_err), 0,
	    "a forgotten record does not come back by a put");
}

static int
count_one(void *arg, struct v2m_record *r)
{
	(void)r;
	++*(int64_t *)arg;
	return 0;
}

static int64_t
count(const struct v2m_filter *filter)
{
	int64_t n = 0;

	return v2m_store_each(store, filter, count_one, &n, &suite_err) < 0 ?
	    -1 : n;
}

/* Count this run's records: COUNT(STATE, further members). */
#define COUNT(...) count(&(struct v2m_filter){ .owner = owner, \
    .state = __VA_ARGS__ })

/* What a walk has returned, and the expected records. */
struct seen {
	struct v2m_record *all;
	size_t n, most;			/* stop after; 0: never */
	bool right;
};

static int
see(void *arg, struct v2m_record *r)
{
	struct seen *seen = arg;

	seen->right &= seen->n < 25 && same_fields(r, &seen->all[seen->n]);
	seen->n++;
	return seen->n == seen->most;
}

static int64_t
counted(const struct v2m_filter *filter)
{
	int64_t n = -1;

	if (v2m_store_count(store, filter, &n, &suite_err) < 0)
		suite_diag();
	return n;
}

#define COUNTED(...) counted(&(struct v2m_filter){ .owner = owner, \
    .state = __VA_ARGS__ })

static int
note_id(void *arg, struct v2m_record *r)
{
	memcpy(arg, r->id, V2M_ID_SIZE);
	return 0;
}

/* Filters of times, on 25 records. */
static void
test_times(struct v2m_record all[25])
{
	struct v2m_filter oldest = { .owner = owner, .state = -1,
	    .queued_before = 3000, .oldest = true, .limit = 1 };
	char first[V2M_ID_SIZE] = "";
	size_t i;

	for (i = 0; i < 25; i++) {
		all[i].queued_at = 3000 - 100 * (int64_t)i;
		all[i].due = i == 24 ? 5000 : 0;
		all[i].fence = i == 3;
		all[i].done_at = 1000 + (int64_t)i;
		all[i].told = i < 4 ? V2M_TOLD_SENT : i < 6 ?
		    V2M_TOLD_SENDING : i == 6 ? V2M_TOLD_FAILED :
		    i == 7 ? V2M_TOLD_MAYBE : V2M_TOLD_NOT_YET;
		all[i].via = i == 8 ? V2M_VIA_PIPE : V2M_VIA_QUEUE;
		all[i].notify_due = i == 10 ? 5000 : 0;
		all[i].end_again_at = i == 11 ? 1 : 0;
		if (all[i].state == V2M_JOB_DONE)
			memcpy(all[i].mp3, all[i].id, V2M_ID_SIZE);
		must(v2m_store_put(store, &all[i], &suite_err) == 1, "times");
	}
	is_int(COUNTED(-1), 25, "all are counted");
	is_int(COUNTED(-1, .queued_before = 3000), 23, "queued and due before");
	is_int(COUNTED(-1, .due_after = 4000), 1, "due after");
	is_int(COUNTED(-1, .claimed = true), 1, "that had a worker");
	is_int(COUNTED(-1, .undelivered = true), 2, "not told for good");
	/* Records 4 to 24 without 6, 7, 8, and without 9, 12, ... 24, which are
	 * not published. */
	is_int(COUNTED(-1, .untold = true), 12, "not told yet");
	is_int(COUNTED(-1, .untold = true, .untold_before = 100), 10,
	    "whose message is old, or was never published again");
	is_int(COUNTED(V2M_JOB_DONE, .untold = true, .untold_before = 100), 3,
	    "of these, those that are done");
	all[14].mp3[0] = '\0';
	must(v2m_store_put(store, &all[14], &suite_err) == 1, "no MP3");
	is_int(COUNTED(V2M_JOB_DONE, .untold = true, .untold_before = 100), 2,
	    "not one whose MP3 is gone: there is nothing to tell");
	is_int(COUNTED(-1, .untold = true, .notify_due_after = 100), 1,
	    "whose message waits");
	is_int(COUNTED(-1, .untold = true, .done_after = 1022), 1,
	    "which ended lately");
	good(v2m_store_each(store, &oldest, note_id, first, &suite_err) == 0,
	    "the oldest of the queued");
	is(first, all[23].id, "comes first");
}

/* Copy the record to the first of three that is empty. */
static int
note_each(void *arg, struct v2m_record *r)
{
	char (*found)[V2M_ID_SIZE] = arg;
	size_t i = 0;

	while (i < 2 && found[i][0] != '\0')
		i++;
	memcpy(found[i], r->id, V2M_ID_SIZE);
	return 0;
}

static void
test_list(void)
{
	struct v2m_filter page = { .owner = owner, .state = -1, .limit = 7 };
	struct v2m_record all[25];
	char found[3][V2M_ID_SIZE] = { "", "", "" };
	struct seen seen = { all, 0, 0, true };
	bool right = true;
	size_t before, i;

	for (i = 0; i < 25; i++) {
		all[i] = record();
		all[i].state = (int64_t)(i % 5);
		all[i].until = i % 4 == 0 ? 0 : 1000 * (int64_t)i;
		all[i].end_published_at = i % 3 == 0 ? 0 : 77;
		snprintf(all[i].sha256, sizeof all[i].sha256, "%064zu", i % 2);
		must(v2m_store_insert(store, &all[i], &suite_err) == 1,
		    "records");
	}
	is_int(COUNT(-1, .limit = 0), 25, "all of an owner's");
	is_int(count(&(struct v2m_filter){ .owner = "nobody@example.org",
	    .state = -1 }), 0, "none of a stranger's");
	is_int(COUNT(V2M_JOB_RUNNING), 5, "by state");
	is_int(COUNT(V2M_JOB_NEW), 5, "by the state that is 0");
	is_int(COUNT(-1, .sha256 = all[1].sha256), 12, "by hash");
	is_int(COUNT(-1, .end_unpublished = true), 9,
	    "records whose end is not published");
	is_int(COUNT(V2M_JOB_RUNNING, .end_unpublished = true), 2,
	    "by several at once");
	is_int(COUNT(-1, .limit = 4), 4, "at most so many");
	is_int(COUNTED(V2M_JOB_QUEUED), 5, "counted by state");
	must(v2m_store_each(store, &(struct v2m_filter){ .owner = owner,
	    .state = V2M_JOB_QUEUED, .newest_first = true, .limit = 3,
	    .after = all[17].id }, note_each, found, &suite_err) == 0, "three");
	ok(strcmp(found[0], all[12].id) == 0 && strcmp(found[1], all[7].id) == 0
	    && strcmp(found[2], all[2].id) == 0,
	    "an owner's of a state, newest first, behind one");
	is_int(COUNT(-1, .after = all[20].id), 4, "behind an ID");
	ok(count(&(struct v2m_filter){ .state = -1 }) >= 25, "anybody's");
	test_times(all);
	do {
		before = seen.n;
		must(v2m_store_each(store, &page, see, &seen,
		    &suite_err) == 0, "a page");
		right &= seen.n - before <= 7;
		page.after = all[seen.n - 1].id;
	} while (seen.n > before);
	ok(seen.right && right && seen.n == 25,
	    "page by page, in order, each record once");
	seen = (struct seen){ all, 0, 10, true };
	is_int(v2m_store_each(store, &(struct v2m_filter){ .owner = owner,
	    .state = -1 }, see, &seen, &suite_err), 1, "who has enough");
	is_int((int64_t)seen.n, 10, "ends it");
	for (i = 0; i < 25; i++)
		v2m_store_forget(store, all[i].id, &suite_err);
	is_int(COUNT(-1, .limit = 0), 0, "they are forgotten");
}

struct series {
	char last[V2M_ID_SIZE];
	int64_t n;
	bool ordered;
};

/* Remove the record during the walk. */
static int
forget_one(void *arg, struct v2m_record *r)
{
	struct series *s = arg;

	s->ordered &= strcmp(s->last, r->id) < 0;
	memcpy(s->last, r->id, sizeof s->last);
	s->n++;
	return v2m_store_forget(store, r->id, &suite_err);
}

/* More than any page holds. */
static void
test_long_walk(void)
{
	const struct v2m_filter ours = { .owner = owner, .state = -1 };
	struct series s = { .ordered = true };
	struct v2m_record r;
	int i;

	for (i = 0; i < 210; i++) {
		r = record();
		must(v2m_store_insert(store, &r, &suite_err) == 1, "records");
	}
	is_int(COUNT(-1, .limit = 0), 210, "many records");
	is_int(COUNT(-1, .limit = 205), 205, "many, but not all");
	good(v2m_store_each(store, &ours, forget_one, &s, &suite_err) == 0,
	    "a walk that takes away what it stands on");
	ok(s.ordered && s.n == 210, "sees each once, in order");
	is_int(COUNT(-1, .limit = 0), 0, "and leaves none");
}

/* A fetch is noted when the job may already have another MP3. */
static void
test_fetched(void)
{
	struct v2m_record r = record(), first, old;

	r.state = V2M_JOB_DONE;
	snprintf(r.mp3, sizeof r.mp3, "%024x", 1);
	must(v2m_store_insert(store, &r, &suite_err) == 1, "a record");
	first = old = r;
	r.state = V2M_JOB_QUEUED;
	must(v2m_store_put(store, &r, &suite_err) == 1, "is queued again");
	is_int(v2m_job_fetched(store, &old, &suite_err), 0,
	    "an MP3 whose job is to have another is not fetched");
	old = first;
	r.state = V2M_JOB_DONE;
	snprintf(r.mp3, sizeof r.mp3, "%024x", 2);
	must(v2m_store_put(store, &r, &suite_err) == 1, "has another");
	is_int(v2m_job_fetched(store, &old, &suite_err), 0,
	    "nor is the other by that");
	is_int(old.fetched_at, 0, "nothing is noted");
	is_int(v2m_job_fetched(store, &r, &suite_err), 1, "it is by itself");
	ok(r.fetched_at != 0, "which is noted");
	v2m_store_forget(store, r.id, &suite_err);
}

/* Claim a running job whose lease ends so far from now; *lost becomes `lost` of
 * the record. */
static int
claim_from(int64_t ends_in_ms, int64_t lease_ms, int64_t *lost)
{
	struct v2m_record r = record(), got;
	int64_t now;
	int claim;

	must(v2m_store_now(store, &now, &suite_err) == 0, "the time");
	r.state = V2M_JOB_RUNNING;
	r.until = now + ends_in_ms;
	r.lease_ms = lease_ms;
	snprintf(r.holder, sizeof r.holder, "somebody");
	must(v2m_store_insert(store, &r, &suite_err) == 1, "a record");
	claim = v2m_job_claim(store, r.id, false, MINUTE, &got, &suite_err);
	*lost = got.lost;
	ok(claim != V2M_CLAIMED || (got.lease_ms == MINUTE &&
	    got.until < now + 2 * MINUTE), "a claim notes its lease's length");
	v2m_store_forget(store, r.id, &suite_err);
	return claim;
}

static void
test_leases(void)
{
	int64_t lost;

	is_int(claim_from(-1, MINUTE, &lost), V2M_CLAIMED, "a lease ran out");
	is_int(lost, 1, "and counts");
	is_int(claim_from(MINUTE + MINUTE / 2, MINUTE, &lost), V2M_CLAIM_TAKEN,
	    "one that could be right lives");
	is_int(claim_from(3 * MINUTE, MINUTE, &lost), V2M_CLAIMED,
	    "one that ends too late to be right does not");
	is_int(lost, 0, "and does not count");
	is_int(claim_from(INT64_MAX / 2, INT64_MAX, &lost), V2M_CLAIM_TAKEN,
	    "of any length");
	is_int(claim_from(50 * MINUTE, 0, &lost), V2M_CLAIM_TAKEN,
	    "without a length: an hour is believed");
	is_int(claim_from(70 * MINUTE, 0, &lost), V2M_CLAIMED, "not more");
	is_int(lost, 0, "which does not count either");
}

/* Other records may exist: compare the differences. */
static void
test_census(void)
{
	struct v2m_census before, now;
	struct v2m_record all[6];
	int i;

	must(v2m_store_census(store, &before, &suite_err) == 0, "a census");
	for (i = 0; i < 6; i++) {
		all[i] = record();
		all[i].state = i < 4 ? V2M_JOB_DONE : V2M_JOB_QUEUED;
		all[i].created_at = INT64_C(1760000000000) + i;
		all[i].done_at = i < 4 ? all[i].created_at + 5000 : 0;
		all[i].mp3_length = i < 4 ? 3000000000 : 0;
		all[i].duration_ms = i < 4 ? 100 : 0;
		must(v2m_store_insert(store, &all[i], &suite_err) == 1,
		    "records");
	}
	must(v2m_store_census(store, &now, &suite_err) == 0, "another");
	is_int(now.states[V2M_JOB_DONE].jobs - before.states[V2M_JOB_DONE].jobs,
	    4, "the done ones are counted");
	is_int(now.states[V2M_JOB_QUEUED].jobs -
	    before.states[V2M_JOB_QUEUED].jobs, 2, "the queued ones");
	is_int(now.states[V2M_JOB_FAILED].jobs,
	    before.states[V2M_JOB_FAILED].jobs, "and no others");
	is_int(now.states[V2M_JOB_DONE].mp3_bytes -
	    before.states[V2M_JOB_DONE].mp3_bytes, 12000000000, "their bytes");
	is_int(now.states[V2M_JOB_DONE].sound_ms -
	    before.states[V2M_JOB_DONE].sound_ms, 400, "their sound");
	is_int(now.states[V2M_JOB_DONE].took_ms -
	    before.states[V2M_JOB_DONE].took_ms, 20000, "their time");
	ok(now.states[V2M_JOB_QUEUED].oldest_ms > 0 &&
	    now.states[V2M_JOB_QUEUED].oldest_ms <= all[4].created_at,
	    "the oldest is known");
	is_int(now.states[V2M_JOB_DONE].oldest_ms, 0, "of those that wait");
	for (i = 0; i < 6; i++)
		v2m_store_forget(store, all[i].id, &suite_err);
}

/* "HELD QUEUED RUNNING DONE FAILED", minus `before` unless NULL; states that do
 * not count precede them if they are not 0. */
static const char *
told_states(const char *who, const int64_t *before)
{
	static char text[160];
	int64_t n[V2M_JOB_STATES];
	int i;

	if (v2m_store_count_states(store, who, n, &suite_err) < 0)
		return suite_err.msg;
	for (i = 0; before != NULL && i < V2M_JOB_STATES; i++)
		n[i] -= before[i];
	snprintf(text, sizeof text, "%s%lld %lld %lld %lld %lld",
	    n[V2M_JOB_NEW] != 0 || n[V2M_JOB_CANCELLED] != 0 ? "!" : "",
	    (long long)n[V2M_JOB_HELD], (long long)n[V2M_JOB_QUEUED],
	    (long long)n[V2M_JOB_RUNNING], (long long)n[V2M_JOB_DONE],
	    (long long)n[V2M_JOB_FAILED]);
	return text;
}

static void
test_states(void)
{
	static const enum v2m_state states[] = { V2M_JOB_NEW, V2M_JOB_HELD,
	    V2M_JOB_QUEUED, V2M_JOB_QUEUED, V2M_JOB_DONE, V2M_JOB_DONE,
	    V2M_JOB_DONE, V2M_JOB_CANCELLED };
	int64_t before[V2M_JOB_STATES];
	char who[V2M_EMAIL_MAX], id[V2M_ID_SIZE];
	struct v2m_record r[8];
	int i;

	v2m_id_new(id);
	snprintf(who, sizeof who, "%s@states.example.org", id);
	must(v2m_store_count_states(store, NULL, before, &suite_err) == 0,
	    "counts");
	for (i = 0; i < 8; i++) {
		r[i] = record();
		snprintf(r[i].owner, sizeof r[i].owner, "%s", who);
		r[i].state = states[i];
		must(v2m_store_insert(store, &r[i], &suite_err) == 1,
		    "records");
	}
	is(told_states(who, NULL), "1 2 0 3 0", "an owner's, by their states");
	is(told_states(NULL, before), "1 2 0 3 0", "all owners', too");
	r[2].state = V2M_JOB_RUNNING;
	r[3].state = V2M_JOB_FAILED;
	must(v2m_store_put(store, &r[2], &suite_err) == 1 &&
	    v2m_store_put(store, &r[3], &suite_err) == 1, "changes");
	is(told_states(who, NULL), "1 0 1 3 1", "after a change");
	is(told_states(NULL, before), "1 0 1 3 1", "of all as well");
	for (i = 0; i < 8; i++)
		v2m_store_forget(store, r[i].id, &suite_err);
	is(told_states(who, NULL), "0 0 0 0 0", "none is left");
	is(told_states(NULL, before), "0 0 0 0 0", "of all, as before");
}

static void
test_usage(void)
{
	static const enum v2m_state states[] = { V2M_JOB_NEW, V2M_JOB_HELD,
	    V2M_JOB_QUEUED,
		V2M_JOB_RUNNING, V2M_JOB_DONE, V2M_JOB_FAILED,
		    V2M_JOB_CANCELLED };
	struct v2m_record r[8];
	struct v2m_usage usage = { -1, -1 };
	char who[V2M_EMAIL_MAX], id[V2M_ID_SIZE];
	const char *skip[1];
	int i;

	v2m_id_new(id);
	snprintf(who, sizeof who, "%s@usage.example.org", id);
	v2m_store_usage(store, who, NULL, 0, true, &usage, &suite_err);
	ok(usage.bytes == 0 && usage.jobs == 0, "who has nothing uses nothing");
	for (i = 0; i < 8; i++) {
		r[i] = record();
		snprintf(r[i].owner, sizeof r[i].owner, "%s", who);
		r[i].state = states[i % 7];
		if (i == 7)
			r[i].state = V2M_JOB_DONE;
		r[i].video_gone = i == 7;
		r[i].length = INT64_C(5000000000) << i;
		r[i].mp3_length = i == 5 ? 9000 : 70;
		if (i == 4 || i == 7)
			v2m_id_new(r[i].mp3);
		must(v2m_store_insert(store, &r[i], &suite_err) == 1,
		    "records");
	}
	good(v2m_store_usage(store, who, NULL, 0, true, &usage,
	    &suite_err) == 0, "what an owner uses is counted");
	is_int(usage.bytes, INT64_C(5000000000) * (2 + 4 + 8 + 16 + 32) +
	    2 * 70, "the bytes of videos and MP3s that are kept");
	is_int(usage.jobs, 3, "the jobs that wait or run");
	skip[0] = r[2].id;
	v2m_store_usage(store, who, skip, 1, true, &usage, &suite_err);
	ok(usage.jobs == 2 && usage.bytes == INT64_C(5000000000) *
	    (2 + 8 + 16 + 32) + 2 * 70, "but those that are to be left out");
	v2m_store_usage(store, who, skip, 1, false, &usage, &suite_err);
	ok(usage.jobs == 2 && usage.bytes == 0, "or the jobs alone");
	for (i = 0; i < 8; i++)
		v2m_store_forget(store, r[i].id, &suite_err);
}

/* An owner's number of jobs in a state, and usage in all, as "COUNT JOBS
 * BYTES". */
static const char *
told_use(const char *who, enum v2m_state state)
{
	static char text[64];
	struct v2m_filter f = { .owner = who, .state = state };
	struct v2m_usage usage = { -1, -1 };
	int64_t n = -1;

	v2m_store_count(store, &f, &n, &suite_err);
	v2m_store_usage(store, who, NULL, 0, true, &usage, &suite_err);
	snprintf(text, sizeof text, "%" PRId64 " %" PRId64 " %" PRId64, n,
	    usage.jobs, usage.bytes);
	return text;
}

/* Where usage is stored, it follows every change. */
static void
test_usage_changes(void)
{
	struct v2m_record r = record();
	char who[V2M_EMAIL_MAX];

	snprintf(who, sizeof who, "%s@changes.example.org", r.id);
	snprintf(r.owner, sizeof r.owner, "%s", who);
	r.state = V2M_JOB_NEW;
	r.length = 1000;
	r.mp3_length = 70;
	must(v2m_store_insert(store, &r, &suite_err) == 1, "a record");
	is(told_use(who, V2M_JOB_NEW), "1 0 0", "an upload uses nothing");
	r.state = V2M_JOB_QUEUED;
	must(v2m_store_put(store, &r, &suite_err) == 1, "it is queued");
	is(told_use(who, V2M_JOB_QUEUED), "1 1 1000", "a job does");
	is(told_use(who, V2M_JOB_NEW), "0 1 1000", "and only as such");
	r.state = V2M_JOB_DONE;
	v2m_id_new(r.mp3);
	must(v2m_store_put(store, &r, &suite_err) == 1, "it is done");
	is(told_use(who, V2M_JOB_DONE), "1 0 1070", "so does its MP3");
	r.video_gone = 1;
	must(v2m_store_put(store, &r, &suite_err) == 1, "without a video");
	is(told_use(who, V2M_JOB_DONE), "1 0 70", "no longer its video");
	r.attempts++;
	must(v2m_store_put(store, &r, &suite_err) == 1, "another change");
	is(told_use(who, V2M_JOB_DONE), "1 0 70", "which is no matter");
	must(v2m_store_forget(store, r.id, &suite_err) == 0, "it is forgotten");
	is(told_use(who, V2M_JOB_DONE), "0 0 0", "nothing is left");
}

static void
test_bad_ids(void)
{
	static const char *const bad[] = { "", "x", "../../../../etc/passwd",
	    "0123456789ABCDEF01234567", "0123456789abcdef012345678",
	    "0123456789abcdef0123456\n" };
	struct v2m_record r = record();
	bool refused = true;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		refused &= v2m_store_get(store, bad[i], &r, &suite_err) < 0 &&
		    suite_err.code == V2M_NOINPUT;
		refused &= v2m_store_get_by_mp3(store, bad[i], &r,
		    &suite_err) < 0;
		refused &= v2m_store_forget(store, bad[i], &suite_err) < 0;
	}
	ok(refused, "what is no ID gets nowhere");
	r = record();
	snprintf(r.mp3, sizeof r.mp3, "nonsense");
	ok(v2m_store_insert(store, &r, &suite_err) < 0,
	    "nor does a record with a bad ID in it");
	r = record();
	r.state = 99;
	ok(v2m_store_insert(store, &r, &suite_err) < 0,
	    "nor one in an unknown state");
}

/* --- many at once --- */

#define RECORDS 200
#define RACERS 8
#define ADDED 10		/* increments of the same record, by each
				 * process */

static struct {
	char ids[RECORDS][V2M_ID_SIZE];
	int inserted[RECORDS], claimed[RECORDS];
	volatile int ready;
} *race;

static int
run_race(void *arg)
{
	struct v2m_store *s = open_store();
	struct v2m_record r;
	int i, n, bad = 0;

	(void)arg;
	__atomic_add_fetch(&race->ready, 1, __ATOMIC_SEQ_CST);
	while (race->ready < RACERS)
		sched_yield();
	for (i = 0; i < RECORDS; i++) {
		r = record();
		memcpy(r.id, race->ids[i], sizeof r.id);
		n = v2m_store_insert(s, &r, &suite_err);
		bad |= n < 0;
		if (n == 1)
			__atomic_add_fetch(&race->inserted[i], 1,
			    __ATOMIC_SEQ_CST);
	}
	for (i = 0; i < RECORDS; i++) {
		bad |= v2m_store_get(s, race->ids[i], &r, &suite_err) < 0;
		if (r.state != V2M_JOB_NEW)
			continue;
		r.state = V2M_JOB_RUNNING;
		n = v2m_store_put(s, &r, &suite_err);
		bad |= n < 0;
		if (n == 1)
			__atomic_add_fetch(&race->claimed[i], 1,
			    __ATOMIC_SEQ_CST);
	}
	for (i = 0; i < ADDED;) {	/* every increment must count */
		bad |= v2m_store_get(s, race->ids[0], &r, &suite_err) < 0;
		r.attempts++;
		n = v2m_store_put(s, &r, &suite_err);
		if (n < 0)
			return 1;
		i += n;
	}
	v2m_store_close(s);
	return bad;
}

static void
test_race(void)
{
	struct v2m_record r;
	int i, inserted = 0, claimed = 0;

	race = mmap(NULL, sizeof *race, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(race != MAP_FAILED, "shared memory");
	for (i = 0; i < RECORDS; i++)
		v2m_id_new(race->ids[i]);
	is_int(suite_children(RACERS, run_race, NULL), 0,
	    "8 processes at 200 records get no error");
	for (i = 0; i < RECORDS; i++) {
		inserted += race->inserted[i] == 1;
		claimed += race->claimed[i] == 1;
	}
	is_int(inserted, RECORDS, "every insert has one winner");
	is_int(claimed, RECORDS, "every claim has one winner");
	v2m_store_get(store, race->ids[0], &r, &suite_err);
	is_int(r.attempts, ADDED * RACERS, "no change is lost");
	for (i = 0; i < RECORDS; i++)
		v2m_store_forget(store, race->ids[i], &suite_err);
	munmap(race, sizeof *race);
}

static void *
run_thread(void *arg)
{
	struct v2m_err err;
	struct v2m_store *s = v2m_store_open(&suite_conf, &err);
	bool *fine = arg;
	int i;

	*fine = s != NULL;
	for (i = 0; i < 20 && *fine; i++) {
		struct v2m_record r = record(), got;

		*fine &= v2m_store_insert(s, &r, &err) == 1 &&
		    v2m_store_put(s, &r, &err) == 1 &&
		    v2m_store_get(s, r.id, &got, &err) == 0 && got.rev == 2 &&
		    v2m_store_forget(s, r.id, &err) == 0;
	}
	v2m_store_close(s);
	return NULL;
}

static void
test_threads(void)
{
	ok(suite_threads(run_thread),
	    "threads with stores of their own do not disturb each other");
}

/* --- a move --- */

/* A machine that was paused does not see the mark for half a second. */
static void
test_moved(void)
{
	struct v2m_document mark = { .kind = "moved", .key = "store" };
	struct v2m_record r = record(), other;
	int64_t now = v2m_boot_ms();

	must(v2m_document_set(&mark, "closed dir:/new", &suite_err) == 0,
	    "a mark");
	v2m_moved_doubt(store);
	must(v2m_store_insert(store, &r, &suite_err) == 1, "a record");
	ok(store->unmoved_until >= now + V2M_MOVED_BELIEVED_MS,
	    "that there is no mark is believed for a while");
	other = r;
	must(v2m_document_put(store, &mark, &suite_err) == 1, "it is set");
	is_int(v2m_job_accept(store, &r, V2M_JOB_QUEUED, &suite_err), -1,
	    "a job that is to be accepted reads the mark again");
	ok(v2m_err_is_busy(&suite_err), "it can be tried again");
	must(v2m_document_drop(store, "moved", "store", 0, &suite_err) == 1,
	    "it is gone");
	is_int(v2m_store_put(store, &r, &suite_err), 1, "a record changes");
	must(v2m_document_set(&mark, "closed dir:/new", &suite_err) == 0 &&
	    (mark.rev = 0) == 0 &&
	    v2m_document_put(store, &mark, &suite_err) == 1, "set again");
	is_int(v2m_store_put(store, &other, &suite_err) == 1, 0,
	    "who has an old one loses");
	is_int(v2m_job_cancel(store, &r, &suite_err), -1,
	    "and reads the mark again");
	must(v2m_document_drop(store, "moved", "store", 0, &suite_err) == 1,
	    "it is gone");
	v2m_document_clear(&mark);
	v2m_store_forget(store, r.id, &suite_err);
}

/* --- documents --- */

static void
test_document(void)
{
	struct v2m_document n = { .rev = 0 }, other = { .rev = 0 };
	char key[V2M_ID_SIZE];
	struct v2m_store *s2 = open_store();
	int64_t first;

	v2m_id_new(key);
	is_int(v2m_document_get(store, "test", key, &n, &suite_err), 0,
	    "a document that is not there");
	is(n.key, key, "is one to be made");
	v2m_document_set(&n, "{\"a\": \"Ärger\"}", &suite_err);
	n.until = 5;
	is_int(v2m_document_put(store, &n, &suite_err), 1, "and is made");
	first = n.rev;
	is_int(v2m_document_get(s2, "test", key, &other, &suite_err), 1,
	    "everybody sees it");
	ok(other.rev == n.rev && other.until == 5 && strcmp(other.text,
	    "{\"a\": \"Ärger\"}") == 0, "as it was made");
	other.until = 6;
	v2m_document_set(&other, "", &suite_err);
	is_int(v2m_document_put(s2, &other, &suite_err), 1, "it is changed");
	is_int(v2m_document_put(store, &n, &suite_err), 0,
	    "by whoever is first");
	ok(n.rev == first, "the other keeps his revision");
	is_int(v2m_document_get(store, "test", key, &n, &suite_err), 1,
	    "and looks again");
	ok(n.until == 6 && n.rev > first && strcmp(v2m_document_text(&n), "") ==
	    0, "what there is now");
	is_int(v2m_document_get(store, "other", key, &other, &suite_err), 0,
	    "of another kind there is none");
	is_int(v2m_document_drop(store, "test", key, first, &suite_err), 0,
	    "an old revision is not dropped");
	is_int(v2m_document_drop(store, "test", key, n.rev, &suite_err), 1,
	    "the present one is");
	is_int(v2m_document_drop(store, "test", key, 0, &suite_err), 0,
	    "and then there is none to drop");
	is_int(v2m_document_put(store, &n, &suite_err), 0,
	    "nor one to be changed");
	n.rev = 0;
	is_int(v2m_document_put(store, &n, &suite_err), 1, "made anew");
	ok(n.rev > other.rev, "a revision that was there does not come again");
	is_int(v2m_document_drop(s2, "test", key, first, &suite_err), 0,
	    "whoever holds the first one's revision drops nothing");
	v2m_document_clear(&n);
	v2m_document_clear(&other);
	v2m_store_close(s2);
}

static void
test_document_limits(void)
{
	struct v2m_document n = { .rev = 0 };
	char *text = malloc(V2M_DOCUMENT_TEXT + 1), key[V2M_ID_SIZE];

	must(text != NULL, "memory");
	v2m_id_new(key);
	memset(text, 'x', V2M_DOCUMENT_TEXT);
	text[V2M_DOCUMENT_TEXT] = '\0';
	v2m_document_get(store, "test", key, &n, &suite_err);
	ok(v2m_document_set(&n, text, &suite_err) < 0, "a text may be too long"
	    "");
	text[V2M_DOCUMENT_TEXT - 1] = '\0';
	good(v2m_document_set(&n, text, &suite_err) == 0 &&
	    v2m_document_put(store, &n, &suite_err) == 1, "or just fit");
	v2m_document_get(store, "test", key, &n, &suite_err);
	is(n.text, text, "and comes back whole");
	v2m_document_drop(store, "test", key, 0, &suite_err);
	ok(v2m_document_get(store, "Test", key, &n, &suite_err) < 0 &&
	    v2m_document_get(store, "test", "", &n, &suite_err) < 0 &&
	    v2m_document_get(store, "test", "a\nb", &n, &suite_err) < 0,
	    "kinds and keys are checked");
	memcpy(n.kind, "Test", sizeof "Test");
	is_int(v2m_document_put(store, &n, &suite_err), -1,
	    "also where one is written");
	v2m_document_clear(&n);
	free(text);
}

static void
test_document_list(void)
{
	struct v2m_document n = { .rev = 0 }, *list;
	char key[V2M_DOCUMENT_KEY], base[V2M_ID_SIZE], kind[V2M_DOCUMENT_KIND];
	size_t i, count;

	v2m_id_new(base);
	snprintf(kind, sizeof kind, "list-%c%c%c", 'a' + base[21] % 26,
	    'a' + base[22] % 26, 'a' + base[23] % 26);
	for (i = 0; i < 5; i++) {
		snprintf(key, sizeof key, "%s-%zu", base, i);
		v2m_document_get(store, kind, key, &n, &suite_err);
		n.until = (int64_t)i * 100;	/* the first: for good */
		must(v2m_document_put(store, &n, &suite_err) == 1, "notes");
	}
	v2m_document_clear(&n);
	is_int(v2m_document_list(store, kind, 0, NULL, 100, &list, &count,
	    &suite_err), 0, "documents are listed");
	ok(count == 5 && strcmp(list[4].key, key) == 0, "by their keys");
	ok(list[4].until == 400 && list[0].until == 0,
	    "with the time until which each is good");
	snprintf(key, sizeof key, "%s-1", base);
	v2m_documents_free(list, count);
	v2m_document_list(store, kind, 0, key, 2, &list, &count, &suite_err);
	ok(count == 2 && list[0].until == 200, "in pages");
	v2m_documents_free(list, count);
	v2m_document_list(store, kind, 300, NULL, 100, &list, &count,
	    &suite_err);
	ok(count == 2 && list[0].until == 100 && list[1].until == 200,
	    "or those whose time is over");
	v2m_documents_free(list, count);
	v2m_document_list(store, kind, 0, NULL, 100, &list, &count, &suite_err);
	for (i = 0; i < count; i++)
		v2m_document_drop(store, kind, list[i].key, list[i].rev,
		    &suite_err);
	v2m_documents_free(list, count);
}

struct document_race {
	char key[V2M_ID_SIZE];
	int rounds;
	pthread_barrier_t *start;
	int won;
};

/* Each thread increments a number, again after each lost race. */
static void *
run_document_race(void *arg)
{
	struct document_race *run = arg;
	struct v2m_store *s = v2m_store_open(&suite_conf, NULL);
	struct v2m_document n = { .rev = 0 };
	char text[32];
	int i, put;

	pthread_barrier_wait(run->start);
	for (i = 0; s != NULL && i < run->rounds; ) {
		if (v2m_document_get(s, "race", run->key, &n, NULL) < 0)
			break;
		snprintf(text, sizeof text, "%d",
		    atoi(v2m_document_text(&n)) + 1);
		v2m_document_set(&n, text, NULL);
		put = v2m_document_put(s, &n, NULL);
		if (put < 0)
			break;
		run->won += put;
		i += put;
	}
	v2m_document_clear(&n);
	v2m_store_close(s);
	return NULL;
}

static void
test_document_race(void)
{
	enum { THREADS = 8, ROUNDS = 10 };
	struct document_race races[THREADS];
	pthread_t threads[THREADS];
	pthread_barrier_t start;
	struct v2m_document n = { .rev = 0 };
	int i, won = 0;

	memset(races, 0, sizeof races);
	v2m_id_new(races[0].key);
	pthread_barrier_init(&start, NULL, THREADS);
	for (i = 0; i < THREADS; i++) {
		races[i] = races[0];
		races[i].rounds = ROUNDS;
		races[i].start = &start;
		must(pthread_create(&threads[i], NULL, run_document_race,
		    &races[i]) == 0, "threads");
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		won += races[i].won;
	}
	v2m_document_get(store, "race", races[0].key, &n, &suite_err);
	is_int(won, THREADS * ROUNDS, "racing threads each come to write");
	is_int(atoi(v2m_document_text(&n)), THREADS * ROUNDS,
	    "and none overwrites another's");
	v2m_document_drop(store, "race", races[0].key, 0, &suite_err);
	v2m_document_clear(&n);
	pthread_barrier_destroy(&start);
}

/* --- older and foreign ones --- */

static void
test_upgrade(void)
{
	char path[256];
	struct v2m_record r = record(), got;
	struct v2m_db *db;

	r.until = r.lease_ms = 5;
	must(v2m_store_insert(store, &r, &suite_err) == 1, "a record");
	path_of(path, "index.db");
	db = v2m_db_open(path, false, &suite_err);
	must(db != NULL && v2m_db_run(db, &suite_err, NULL,
	    "ALTER TABLE record DROP COLUMN told_reason", "") >= 0 &&
	    v2m_db_run(db, &suite_err, NULL,
	    "ALTER TABLE record DROP COLUMN lease_ms", "") >= 0,
	    "an older index");
	v2m_db_close(db);
	ok(v2m_store_open(&suite_conf, &suite_err) == NULL &&
	    suite_err.code == V2M_CONFIG &&
	    strstr(suite_err.msg, "v2m-init") != NULL,
	    "an older v2m's store wants v2m-init");
	good(v2m_store_init(&suite_conf, &suite_err) == 0, "which mends it");
	v2m_store_close(store);
	store = open_store();
	good(v2m_store_get(store, r.id, &got, &suite_err) == 0 &&
	    got.until == 5 && got.lease_ms == 0,
	    "no lease of before has a length");
	v2m_store_forget(store, r.id, &suite_err);
	test_fields();
}

static int
use_as_nobody(void *arg)
{
	int *code = arg;

	if (setgid(65534) < 0 || setuid(65534) < 0)
		return 1;
	*code = v2m_store_open(&suite_conf, &suite_err) == NULL ?
	    (int)suite_err.code : 0;
	return 0;
}

static void
test_nobody(void)
{
	int *code;

	if (geteuid() != 0) {
		printf("ok %d - # SKIP only root can become nobody\n",
		    ++tap_count);
		return;
	}
	code = mmap(NULL, sizeof *code, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	suite_child(use_as_nobody, code);
	is_int(*code, V2M_DENIED, "who may not read the store is told so");
	munmap(code, sizeof *code);
}

#include "records_lists.h"

/* How many pages were written to the database's log since the last call. */
static int64_t
pages_written(void)
{
	struct v2m_rows *rows;
	struct v2m_db *db;
	int64_t pages = -1;
	char path[256];

	path_of(path, "index.db");
	db = v2m_db_open(path, false, &suite_err);
	must(db != NULL, "the index opens");
	rows = v2m_db_query(db, &suite_err, "PRAGMA wal_checkpoint", "");
	if (rows != NULL && v2m_rows_next(rows, &suite_err) == 1)
		pages = v2m_rows_int(rows, 1);
	v2m_rows_free(rows);
	v2m_db_close(db);
	return pages;
}

/* A change of one record among so many that each index has several pages. */
static void
test_pages_of_a_change(void)
{
	enum { AMONG = 400, CHANGES = 10 };
	struct v2m_record r;
	int64_t pages;
	int i;

	for (i = 0; i < AMONG; i++) {
		r = record();
		r.state = V2M_JOB_QUEUED;
		r.queued_at = i;
		r.fence = 1;
		must(v2m_store_insert(store, &r, &suite_err) == 1, "a record");
	}
	pages_written();
	for (i = 1; i <= CHANGES; i++) {
		r.progress = i;
		r.until = i * MINUTE;
		v2m_store_put(store, &r, &suite_err);
	}
	pages = pages_written();
	printf("# %d renewals of a lease: %lld pages\n", CHANGES,
	    (long long)pages);
	ok(pages > 0 && pages <= CHANGES,
	    "a change writes the record, and no index that it does not touch");
	for (i = 1; i <= CHANGES; i++) {
		r.state = r.state == V2M_JOB_QUEUED ? V2M_JOB_RUNNING :
		    V2M_JOB_QUEUED;
		r.queued_at += MINUTE;
		v2m_store_put(store, &r, &suite_err);
	}
	pages = pages_written();
	printf("# %d changes of the state: %lld pages\n", CHANGES,
	    (long long)pages);
	ok(pages > 0 && pages <= 7 * CHANGES,
	    "one of the state those that have it");
}

int
main(int argc, char **argv)
{
	begin_store(argc, argv);
	test_table();
	test_bad_ids();
	test_fields();
	test_compare_and_set();
	test_list();
	test_long_walk();
	test_newest();
	test_troubles();
	test_old();
	test_owners();
	test_fresh();
	test_fetched();
	test_leases();
	test_census();
	test_states();
	test_usage();
	test_usage_changes();
	test_race();
	test_threads();
	test_moved();
	test_document();
	test_document_limits();
	test_document_list();
	test_document_race();
	if (suite_embedded) {
		test_upgrade();
		test_nobody();
		test_pages_of_a_change();
	}
	v2m_store_close(store);
	return suite_end();
}
