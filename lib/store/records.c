#include "store/records.h"

#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "store/moved.h"
#include "store/private.h"

#define PAGE 200		/* records in memory at a time */

int
v2m_store_get(struct v2m_store *s, const char *id, struct v2m_record *r,
    struct v2m_err *err)
{
	if (v2m_store_check_id(id, V2M_NOINPUT, err) < 0)
		return -1;
	return s->records->get(s->record_driver, id, r, err);
}

int
v2m_store_get_by_mp3(struct v2m_store *s, const char *mp3,
    struct v2m_record *r, struct v2m_err *err)
{
	if (v2m_store_check_id(mp3, V2M_NOINPUT, err) < 0)
		return -1;
	return s->records->get_by_mp3(s->record_driver, mp3, r, err);
}

/* Check and clean the texts, so that what is stored can be read again. */
static int
check_record(struct v2m_record *r, struct v2m_err *err)
{
	const struct v2m_field *f;

	if (v2m_store_check_id(r->id, V2M_BUG, err) < 0)
		return -1;
	if (r->mp3[0] != '\0' && v2m_store_check_id(r->mp3, V2M_BUG, err) < 0)
		return -1;
	if (r->state < V2M_JOB_NEW || r->state > V2M_JOB_CANCELLED)
		return v2m_err_set(err, V2M_BUG, "record %s: no such state: "
		    "%lld", r->id, (long long)r->state);
	for (f = v2m_record_fields; f->name != NULL; f++)
		if (f->kind == V2M_FIELD_TEXT)
			v2m_text_clean(v2m_field_text(r, f));
	return 0;
}

int
v2m_store_insert(struct v2m_store *s, struct v2m_record *r,
    struct v2m_err *err)
{
	int64_t begun = v2m_boot_ms();
	int won;

	if (check_record(r, err) < 0)
		return -1;
	r->rev = 1;
	if (v2m_moved_check(s, V2M_WRITE_NEW, err) < 0 ||
	    v2m_fault("record-put", err) < 0)
		return -1;
	won = s->records->insert(s->record_driver, r, err);
	return won == 1 && (v2m_moved_check_late(s, begun, err) < 0 ||
	    v2m_fault("record-written", err) < 0) ? -1 : won;
}

/* Free the space of the bytes that this change gives up, before anything else:
 * otherwise another that waits for space could take it first. */
static void
free_room(struct v2m_store *s, const struct v2m_record *r)
{
	if (r->state != V2M_JOB_CANCELLED || s->objects->free_room == NULL)
		return;
	s->objects->free_room(s->object_driver, V2M_VIDEO, r->id);
	if (r->mp3[0] != '\0')
		s->objects->free_room(s->object_driver, V2M_MP3, r->mp3);
}

int
v2m_store_put(struct v2m_store *s, struct v2m_record *r, struct v2m_err *err)
{
	int64_t old = r->rev, begun = v2m_boot_ms();
	bool full = false;
	int won;

	if (check_record(r, err) < 0 ||
	    v2m_moved_check(s, V2M_WRITE_ON, err) < 0 ||
	    v2m_fault("record-put", err) < 0)
		return -1;
	r->rev = old + 1;
	won = s->records->put(s->record_driver, r, old, &full, err);
	if (won == 1 && full)
		free_room(s, r);
	if (won == 1 && (v2m_moved_check_late(s, begun, err) < 0 ||
	    v2m_fault("record-written", err) < 0))
		won = -1;
	if (won == 0)
		v2m_moved_doubt(s);
	if (won != 1)
		r->rev = old;
	return won;
}

int
v2m_store_forget(struct v2m_store *s, const char *id, struct v2m_err *err)
{
	if (v2m_store_check_id(id, V2M_NOINPUT, err) < 0 ||
	    v2m_moved_check(s, V2M_WRITE_ON, err) < 0)
		return -1;
	return s->records->forget(s->record_driver, id, err);
}

/* Read a page of records after the ID `after`, which becomes the last of the
 * page, and call each for them. */
static int
walk_page(struct v2m_store *s, const struct v2m_filter *filter,
    struct v2m_page *page, char after[V2M_ID_SIZE],
    int (*each)(void *arg, struct v2m_record *r), void *arg,
    struct v2m_err *err)
{
	struct v2m_record r;
	size_t at = 0;
	int ret = 0;

	v2m_page_clear(page);
	if (s->records->list(s->record_driver, filter, page, err) < 0)
		return -1;
	while (ret == 0 && v2m_page_next(page, &at, &r)) {
		memcpy(after, r.id, sizeof r.id);
		ret = each(arg, &r);
	}
	return ret;
}

int
v2m_store_each(struct v2m_store *s, const struct v2m_filter *filter,
    int (*each)(void *arg, struct v2m_record *r), void *arg,
    struct v2m_err *err)
{
	int left = filter->limit > 0 ? filter->limit : INT_MAX, ret;
	struct v2m_filter part = *filter;
	struct v2m_page page = { .n = 0 };
	char after[V2M_ID_SIZE];

	do {
		part.limit = left < PAGE ? left : PAGE;
		ret = walk_page(s, &part, &page, after, each, arg, err);
		part.after = after;
		if (filter->limit > 0)
			left -= part.limit;
	} while (ret == 0 && page.n == (size_t)part.limit && left > 0);
	v2m_page_release(&page);
	return ret;
}

int
v2m_store_count(struct v2m_store *s, const struct v2m_filter *filter,
    int64_t *n, struct v2m_err *err)
{
	struct v2m_filter all = *filter;

	all.after = NULL;
	return s->records->count(s->record_driver, &all, n, err);
}

static int
count_each(struct v2m_store *s, const char *owner,
    int64_t counts[V2M_JOB_STATES], struct v2m_err *err)
{
	struct v2m_filter f = { .owner = owner };

	for (f.state = V2M_JOB_HELD; f.state <= V2M_JOB_FAILED; f.state++)
		if (v2m_store_count(s, &f, &counts[f.state], err) < 0)
			return -1;
	return 0;
}

int
v2m_store_count_states(struct v2m_store *s, const char *owner,
    int64_t counts[V2M_JOB_STATES], struct v2m_err *err)
{
	memset(counts, 0, V2M_JOB_STATES * sizeof counts[0]);
	if (s->records->count_states == NULL)
		return count_each(s, owner, counts, err);
	if (s->records->count_states(s->record_driver, owner, counts, err) < 0)
		return -1;
	counts[V2M_JOB_NEW] = counts[V2M_JOB_CANCELLED] = 0;
	return 0;
}

int
v2m_store_usage(struct v2m_store *s, const char *owner,
    const char *const *skip, size_t n, bool with_bytes,
    struct v2m_usage *usage, struct v2m_err *err)
{
	return s->records->usage(s->record_driver, owner, skip, n, with_bytes,
	    usage, err);
}

static int
note_age(void *arg, struct v2m_record *r)
{
	*(int64_t *)arg = r->created_at;
	return 0;
}

/* The order of IDs is that of age, so the first record is the oldest. */
static int
find_oldest(struct v2m_store *s, int state, int64_t *oldest_ms,
    struct v2m_err *err)
{
	struct v2m_filter filter = { .state = state, .limit = 1 };

	*oldest_ms = 0;
	return v2m_store_each(s, &filter, note_age, oldest_ms, err);
}

int
v2m_store_census(struct v2m_store *s, struct v2m_census *census,
    struct v2m_err *err)
{
	int state;

	memset(census, 0, sizeof *census);
	if (s->records->census(s->record_driver, census, err) < 0)
		return -1;
	for (state = V2M_JOB_NEW; state <= V2M_JOB_RUNNING; state++)
		if (find_oldest(s, state, &census->states[state].oldest_ms,
		    err) < 0)
			return -1;
	return 0;
}

static int
stop_at_first(void *arg, struct v2m_record *r)
{
	(void)arg;
	(void)r;
	return 1;
}

int
v2m_store_is_used(struct v2m_store *s, struct v2m_err *err)
{
	const struct v2m_filter any = { .state = -1, .limit = 1 };

	return v2m_store_each(s, &any, stop_at_first, NULL, err);
}

int
v2m_store_next_owner(struct v2m_store *s, const char *after,
    char owner[V2M_EMAIL_MAX], struct v2m_err *err)
{
	return s->records->next_owner(s->record_driver, after, owner, err);
}

int
v2m_store_next_fresh(struct v2m_store *s, const char *after,
    struct v2m_record *r, struct v2m_err *err)
{
	return s->records->next_fresh(s->record_driver, after, r, err);
}
