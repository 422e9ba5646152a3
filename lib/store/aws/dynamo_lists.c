/* Lists of records that match a filter. */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 100		/* items per request and shard */

static int64_t
ended_at(const struct v2m_record *r)
{
	return r->done_at != 0 ? r->done_at : r->created_at;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static bool
is_old(const struct v2m_record *r, enum v2m_old old, int64_t before_ms)
{
	bool done = r->state == V2M_JOB_DONE, failed = r->state ==
	    V2M_JOB_FAILED, mp3 = r->mp3[0] != '\0';

	switch (old) {
	case V2M_OLD_ANY:
		return true;
	case V2M_OLD_VIDEO:
		return done && r->video_gone == 0 && ended_at(r) <= before_ms;
	case V2M_OLD_FETCHED:
		return done && mp3 && r->fetched_at != 0 &&
		    r->fetched_at <= before_ms;
	case V2M_OLD_UNFETCHED:
		return done && mp3 && r->fetched_at == 0 &&
		    ended_at(r) <= before_ms;
	case V2M_OLD_FAILED:
		return failed && (r->video_gone == 0 || mp3) &&
		    ended_at(r) <= before_ms;
	case V2M_OLD_RECORD:
		return (r->state == V2M_JOB_CANCELLED ||
		    ((done || failed) && !mp3)) &&
		    later(later(ended_at(r), r->queued_at),
		    later(r->fetched_at, r->video_gone)) <= before_ms;
	}
	return false;
}

static bool
is_untold(const struct v2m_record *r, const struct v2m_filter *f)
{
	if (f->untold && (v2m_told_is_over((enum v2m_told)r->told) ||
	    r->end_published_at <= 0 || r->via == V2M_VIA_PIPE))
		return false;
	return f->untold_before == 0 || (r->end_published_at <
	    f->untold_before && r->notify_due < f->untold_before &&
	    r->end_again_at == 0 && r->owner[0] != '\0' &&
	    (r->state != V2M_JOB_DONE || r->mp3[0] != '\0'));
}

static bool
is_timely(const struct v2m_record *r, const struct v2m_filter *f)
{
	return (f->queued_before == 0 || (r->queued_at < f->queued_before &&
	    r->due < f->queued_before)) &&
	    (f->due_after == 0 || r->due > f->due_after) &&
	    (f->done_after == 0 || r->done_at > f->done_after) &&
	    (f->notify_due_after == 0 || r->notify_due > f->notify_due_after);
}

static bool
matches(const struct v2m_record *r, const struct v2m_filter *f)
{
	return (f->owner == NULL || strcmp(r->owner, f->owner) == 0) &&
	    (f->sha256 == NULL || strcmp(r->sha256, f->sha256) == 0) &&
	    (f->state < 0 || r->state == f->state) &&
	    (!f->sending || r->told == V2M_TOLD_SENDING) &&
	    (f->failure == 0 || r->failure == f->failure) &&
	    (!f->end_unpublished || r->end_published_at == 0) &&
	    (!f->claimed || r->fence > 0) &&
	    (!f->undelivered || r->told == V2M_TOLD_FAILED ||
	    r->told == V2M_TOLD_MAYBE) &&
	    is_old(r, f->old, f->before_ms) && is_untold(r, f) &&
	    is_timely(r, f);
}

/* --- walks: by the marks of an owner, by the index, or over all --- */

struct search {
	struct v2m_dynamo *d;
	const struct v2m_filter *filter;
	int (*each)(void *arg, struct v2m_record *r);
	void *arg;
	struct v2m_err *err;
	const char *prefix;		/* of the s of marks: "", "SHA256#" */
	char ids[V2M_DYNAMO_BATCH][V2M_ID_SIZE];
	size_t n;			/* IDs whose records were not read
					 * yet */
};

static int
judge(void *arg, struct v2m_record *r)
{
	struct search *s = arg;

	return matches(r, s->filter) ? s->each(s->arg, r) : 0;
}

static int
judge_item(void *arg, const json_t *item)
{
	struct v2m_record r;

	v2m_dynamo_parse(item, &r);
	return judge(arg, &r);
}

static int
judge_marked(struct search *s)
{
	size_t n = s->n;

	s->n = 0;
	return v2m_dynamo_get_many(s->d, s->ids, n, judge, s, s->err);
}

/* 1: there are no more marks with this prefix. */
static int
take_mark(void *arg, const json_t *item)
{
	const char *text = v2m_dynamo_text_of(item, "s");
	struct search *s = arg;
	size_t n = strlen(s->prefix);

	if (strncmp(text, s->prefix, n) != 0)
		return 1;
	v2m_text_copy(s->ids[s->n++], V2M_ID_SIZE, text + n);
	return s->n == V2M_DYNAMO_BATCH ? judge_marked(s) : 0;
}

/* Search by the marks of an owner; mark: "owner" or "live". */
static int
search_marks(struct search *s, const char *mark, const char *owner)
{
	const struct v2m_filter *f = s->filter;
	char k[V2M_DYNAMO_KEY], bound[V2M_DYNAMO_KEY], prefix[80] = "";
	struct v2m_dynamo_range range = { .prefix = k, .bound = bound,
		.backwards = f->newest_first, .page = PAGE };
	int ret;

	if (f->sha256 != NULL)
		snprintf(prefix, sizeof prefix, "%.64s#", f->sha256);
	s->prefix = prefix;
	snprintf(k, sizeof k, "%s#%s", f->sha256 != NULL ? "sha256" : mark,
	    owner);
	snprintf(bound, sizeof bound, "%s%s", prefix, f->after != NULL ?
	    f->after : f->newest_first && f->sha256 != NULL ? "~" : "");
	ret = v2m_dynamo_walk(s->d, &range, take_mark, s, "list the records",
	    s->err);
	return ret < 0 || s->n == 0 ? ret : judge_marked(s);
}

/* Are all records that the filter can match in the index? */
static bool
is_in_index(const struct v2m_filter *f)
{
	if (f->state < 0 || f->state > V2M_JOB_FAILED)
		return false;
	return f->state <= V2M_JOB_RUNNING || f->end_unpublished ||
	    f->sending || f->untold || f->undelivered;
}

/* Call each for every match.  0, or what each returned; -1. */
static int
search(struct v2m_dynamo *d, const struct v2m_filter *f,
    int (*each)(void *arg, struct v2m_record *r), void *arg,
    struct v2m_err *err)
{
	struct search s = { .d = d, .filter = f, .each = each, .arg = arg,
		.err = err };
	struct v2m_dynamo_range range = { .prefix = "job", .sharded = true,
		.bound = f->after == NULL ? "" : f->after,
		.backwards = f->newest_first, .page = PAGE };

	if (f->owner != NULL && f->owner[0] != '\0')
		return search_marks(&s, "owner", f->owner);
	range.open_only = is_in_index(f);
	if (range.open_only)
		range.prefix = V2M_DYNAMO_OPEN;
	if (f->limit > 0 && f->limit < range.page)
		range.page = f->limit < 10 ? 10 : f->limit;
	return v2m_dynamo_walk(d, &range, judge_item, &s, "list the records",
	    err);
}

/* --- lists --- */

struct listing {
	const struct v2m_filter *filter;
	struct v2m_page *page;
	struct v2m_record *oldest;	/* sorted by time, or NULL */
	size_t n;
	struct v2m_err *err;
};

static int64_t
time_of(const struct listing *l, const struct v2m_record *r)
{
	return l->filter->queued_before != 0 ? r->queued_at : r->done_at;
}

/* Keep the oldest records, sorted. */
static int
keep_oldest(void *arg, struct v2m_record *r)
{
	struct listing *l = arg;
	size_t i = l->n;

	while (i > 0 && time_of(l, &l->oldest[i - 1]) > time_of(l, r))
		i--;
	if (i == (size_t)l->filter->limit)
		return 0;
	if (l->n < (size_t)l->filter->limit)
		l->n++;
	memmove(&l->oldest[i + 1], &l->oldest[i], (l->n - 1 - i) *
	    sizeof l->oldest[0]);
	l->oldest[i] = *r;
	return 0;
}

static int
list_oldest(struct v2m_dynamo *d, struct listing *l)
{
	int ret;
	size_t i;

	l->oldest = calloc((size_t)l->filter->limit, sizeof l->oldest[0]);
	if (l->oldest == NULL)
		return v2m_err_sys(l->err, V2M_TEMP, "cannot list the records");
	ret = search(d, l->filter, keep_oldest, l, l->err);
	for (i = 0; ret == 0 && i < l->n; i++)
		ret = v2m_page_add(l->page, &l->oldest[i], l->err);
	free(l->oldest);
	return ret;
}

static int
add_to_page(void *arg, struct v2m_record *r)
{
	struct listing *l = arg;

	if (v2m_page_add(l->page, r, l->err) < 0)
		return -1;
	return l->page->n == (size_t)l->filter->limit;
}

int
v2m_dynamo_list(void *self, const struct v2m_filter *filter,
    struct v2m_page *page, struct v2m_err *err)
{
	struct listing l = { .filter = filter, .page = page, .err = err };

	if (filter->oldest)
		return list_oldest(self, &l);
	return search(self, filter, add_to_page, &l, err) < 0 ? -1 : 0;
}

static int
count_one(void *arg, struct v2m_record *r)
{
	(void)r;
	++*(int64_t *)arg;
	return 0;
}

int
v2m_dynamo_count(void *self, const struct v2m_filter *filter, int64_t *n,
    struct v2m_err *err)
{
	struct v2m_filter all = *filter;

	*n = 0;
	all.limit = 0;
	return search(self, &all, count_one, n, err);
}

static int
count_state(void *arg, struct v2m_record *r)
{
	int64_t *counts = arg;

	if (r->state >= 0 && r->state < V2M_JOB_STATES)
		counts[r->state]++;
	return 0;
}

/* Of one owner by a walk over the owner's records: counters for each owner
 * would cost another write at each change, and few callers need them.  Of all
 * by the census. */
int
v2m_dynamo_count_states(void *self, const char *owner,
    int64_t counts[V2M_JOB_STATES], struct v2m_err *err)
{
	struct v2m_filter filter = { .owner = owner, .state = -1 };
	struct v2m_census census = { .states = { { 0 } } };
	int state;

	if (owner != NULL)
		return search(self, &filter, count_state, counts, err);
	if (v2m_dynamo_census(self, &census, err) < 0)
		return -1;
	for (state = 0; state < V2M_JOB_STATES; state++)
		counts[state] = census.states[state].jobs;
	return 0;
}

/* --- of owners --- */

struct sum {
	struct v2m_usage *usage;
	const char *const *skip;
	size_t n;
};

static int
add_usage(void *arg, struct v2m_record *r)
{
	struct sum *sum = arg;
	size_t i;

	for (i = 0; i < sum->n; i++)
		if (strcmp(sum->skip[i], r->id) == 0)
			return 0;
	if (r->state == V2M_JOB_NEW || r->state == V2M_JOB_CANCELLED)
		return 0;
	sum->usage->jobs += r->state <= V2M_JOB_RUNNING;
	sum->usage->bytes += r->video_gone == 0 ? r->length : 0;
	sum->usage->bytes += r->mp3[0] != '\0' ? r->mp3_length : 0;
	return 0;
}

int
v2m_dynamo_usage(void *self, const char *owner, const char *const *skip,
    size_t n, bool with_bytes, struct v2m_usage *usage, struct v2m_err *err)
{
	struct v2m_filter filter = { .owner = owner, .state = -1 };
	struct sum sum = { usage, skip, n };
	struct search s = { .d = self, .filter = &filter, .each = add_usage,
		.arg = &sum, .err = err };

	usage->bytes = usage->jobs = 0;
	if (search_marks(&s, with_bytes ? "owner" : "live", owner) < 0)
		return -1;
	if (!with_bytes)
		usage->bytes = 0;
	return 0;
}

struct owner_search {
	struct v2m_dynamo *d;
	char *owner;
	struct v2m_err *err;
};

static int
is_any(void *arg, struct v2m_record *r)
{
	(void)arg, (void)r;
	return 1;
}

/* A listed owner may have no record any more. */
static int
has_records(void *arg, const json_t *item)
{
	struct owner_search *o = arg;
	const char *owner = v2m_dynamo_text_of(item, "s");
	struct v2m_filter filter = { .owner = owner, .state = -1, .limit = 1 };

	v2m_text_copy(o->owner, V2M_EMAIL_MAX, owner);
	return search(o->d, &filter, is_any, NULL, o->err);
}

int
v2m_dynamo_next_owner(void *self, const char *after,
    char owner[V2M_EMAIL_MAX], struct v2m_err *err)
{
	struct v2m_dynamo_range range = { .prefix = "owners", .bound = after,
		.page = 20 };
	struct owner_search o = { self, owner, err };

	return v2m_dynamo_walk(self, &range, has_records, &o, "list the owners",
	    err);
}

struct fresh_search {
	struct v2m_dynamo *d;
	struct v2m_record *r;
	struct v2m_err *err;
};

/* Remove a mark that was left: a record that was claimed is never fresh
 * again. */
static void
drop_mark(struct v2m_dynamo *d, const json_t *item)
{
	struct v2m_dynamo_key key;

	snprintf(key.k, sizeof key.k, "%s", v2m_dynamo_text_of(item, "k"));
	snprintf(key.s, sizeof key.s, "%s", v2m_dynamo_text_of(item, "s"));
	v2m_dynamo_do(d, "DeleteItem", json_pack("{s:o}", "Key",
	    v2m_dynamo_key_json(&key)), "remove a note", NULL);
}

/* 1: f->r is a fresh record. */
static int
is_fresh(void *arg, const json_t *item)
{
	struct fresh_search *f = arg;
	const char *text = v2m_dynamo_text_of(item, "s");
	const char *id = strrchr(text, ' ');
	struct v2m_err why;

	if (id == NULL)
		return 0;
	if (v2m_dynamo_record_get(f->d, id + 1, f->r, &why) == 0) {
		if (f->r->fence != 0)
			drop_mark(f->d, item);
		return f->r->state == V2M_JOB_QUEUED && f->r->fence == 0;
	}
	if (why.code == V2M_NOINPUT)
		return 0;
	v2m_err_pass(f->err, &why);
	return -1;
}

int
v2m_dynamo_next_fresh(void *self, const char *after, struct v2m_record *r,
    struct v2m_err *err)
{
	struct fresh_search f = { self, r, err };
	char bound[V2M_DYNAMO_KEY] = "";
	struct v2m_dynamo_range range = { .prefix = "fresh", .sharded = true,
		.bound = bound, .page = 10 };

	/* After all marks of this owner: '!' follows the blank in ASCII. */
	if (after[0] != '\0')
		snprintf(bound, sizeof bound, "%s!", after);
	return v2m_dynamo_walk(self, &range, is_fresh, &f,
	    "look for others' jobs", err);
}
