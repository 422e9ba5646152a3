#include "store/store.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/driver.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/tls.h"

#include "store/document.h"
#include "store/private.h"

#define PAGE 200		/* records in memory at a time */

struct v2m_writer {
	struct v2m_store *store;
	void *self;
	char id[V2M_ID_SIZE];
	int64_t length;
	struct v2m_sha256 hash;
	bool ended;		/* committed, or a write has failed */
};

static const struct v2m_driver drivers[] = {
	{ .scheme = "dir", .form = "dir:FOLDER", .ops = &v2m_store_dir },
	{ .scheme = "mongodb", .form = "mongodb://HOST",
	    .module = "store-mongodb", .symbol = "v2m_store_mongodb" },
	{ .scheme = "mongodb+srv", .form = "mongodb+srv://HOST",
	    .module = "store-mongodb", .symbol = "v2m_store_mongodb" },
	{ .scheme = NULL }
};

static const char *
kind_word(enum v2m_kind kind)
{
	return kind == V2M_VIDEO ? "video" : "MP3";
}

int
v2m_store_check_id(const char *id, enum v2m_code code, struct v2m_err *err)
{
	if (id != NULL && v2m_id_valid(id))
		return 0;
	return v2m_err_set(err, code, "'%.64s' is no ID (24 of 0-9a-f)",
	    id == NULL ? "" : id);
}

struct v2m_store *
v2m_store_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	const struct v2m_store_ops *ops = v2m_driver(conf, "store", drivers,
	    err);
	struct v2m_store *s;

	if (ops == NULL || v2m_tls_check(conf, "store", err) < 0)
		return NULL;
	s = calloc(1, sizeof *s);
	if (s == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open the store");
		return NULL;
	}
	s->ops = ops;
	s->self = ops->open(conf, err);
	if (s->self == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
v2m_store_close(struct v2m_store *s)
{
	if (s == NULL)
		return;
	s->ops->close(s->self);
	free(s);
}

int
v2m_store_init(const struct v2m_conf *conf, struct v2m_err *err)
{
	const struct v2m_store_ops *ops = v2m_driver(conf, "store", drivers,
	    err);

	if (ops == NULL || v2m_tls_check(conf, "store", err) < 0)
		return -1;
	return ops->init(conf, err);
}

int
v2m_store_ready(struct v2m_store *s, struct v2m_err *err)
{
	int64_t now;

	return s->ops->ready != NULL ? s->ops->ready(s->self, err) :
	    s->ops->now(s->self, &now, err);
}

int
v2m_store_now(struct v2m_store *s, int64_t *now_ms, struct v2m_err *err)
{
	return s->ops->now(s->self, now_ms, err);
}

int
v2m_store_hold(struct v2m_store *s, int *fd, struct v2m_err *err)
{
	*fd = -1;
	return s->ops->hold == NULL ? 0 : s->ops->hold(s->self, fd, err);
}

struct v2m_writer *
v2m_store_create(struct v2m_store *s, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	struct v2m_writer *w;

	if (v2m_store_check_id(id, V2M_BUG, err) < 0)
		return NULL;
	w = calloc(1, sizeof *w);
	if (w == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot store the %s %s",
		    kind_word(kind), id);
		return NULL;
	}
	w->store = s;
	memcpy(w->id, id, sizeof w->id);
	v2m_sha256_init(&w->hash);
	w->self = s->ops->create(s->self, kind, id, err);
	if (w->self == NULL) {
		free(w);
		return NULL;
	}
	return w;
}

int
v2m_writer_write(struct v2m_writer *w, const void *buf, size_t n,
    struct v2m_err *err)
{
	if (w->ended)
		return v2m_err_set(err, V2M_BUG, "write to the ended object %s",
		    w->id);
	if (n == 0)
		return 0;
	if (w->store->ops->write(w->self, buf, n, err) < 0) {
		w->ended = true;
		return -1;
	}
	v2m_sha256_update(&w->hash, buf, n);
	w->length += (int64_t)n;
	return 0;
}

int64_t
v2m_writer_length(const struct v2m_writer *w)
{
	return w->length;
}

int
v2m_writer_commit(struct v2m_writer *w, struct v2m_object *object,
    struct v2m_err *err)
{
	const struct v2m_store_ops *ops = w->store->ops;

	if (w->ended)
		return v2m_err_set(err, V2M_BUG, "commit of the ended object "
		    "%s", w->id);
	w->ended = true;
	if (object->video[0] != '\0' &&
	    v2m_store_check_id(object->video, V2M_BUG, err) < 0)
		return -1;
	if (ops->now(w->store->self, &object->created_at, err) < 0)
		return -1;
	memcpy(object->id, w->id, sizeof object->id);
	object->length = w->length;
	v2m_sha256_final(&w->hash, object->sha256);
	v2m_text_clean(object->name);
	v2m_text_clean(object->owner);
	return ops->commit(w->self, object, err);
}

void
v2m_writer_free(struct v2m_writer *w)
{
	if (w == NULL)
		return;
	w->store->ops->discard(w->self);
	free(w);
}

struct v2m_reader *
v2m_store_read(struct v2m_store *s, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_object found;
	struct v2m_reader *r;

	if (v2m_store_check_id(id, V2M_NOINPUT, err) < 0)
		return NULL;
	r = calloc(1, sizeof *r);
	if (r == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot read the %s %s",
		    kind_word(kind), id);
		return NULL;
	}
	r->ops = s->ops;
	r->self = s->ops->read(s->self, kind, id, &found, err);
	if (r->self == NULL) {
		free(r);
		return NULL;
	}
	r->length = found.length;
	if (object != NULL)
		*object = found;
	return r;
}

int64_t
v2m_reader_length(const struct v2m_reader *r)
{
	return r->length;
}

int
v2m_reader_fd(const struct v2m_reader *r)
{
	return r->ops->fd == NULL ? -1 : r->ops->fd(r->self);
}

ssize_t
v2m_reader_pread(struct v2m_reader *r, void *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	if (offset < 0)
		return v2m_err_set(err, V2M_BUG, "read at a negative offset");
	if (offset >= r->length)
		return 0;
	if ((uint64_t)n > (uint64_t)(r->length - offset))
		n = (size_t)(r->length - offset);
	return r->ops->pread(r->self, buf, n, offset, err);
}

void
v2m_reader_free(struct v2m_reader *r)
{
	if (r == NULL)
		return;
	r->ops->release(r->self);
	free(r);
}

int
v2m_store_remove(struct v2m_store *s, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	if (v2m_store_check_id(id, V2M_NOINPUT, err) < 0)
		return -1;
	return s->ops->remove(s->self, kind, id, err);
}

int
v2m_store_get(struct v2m_store *s, const char *id, struct v2m_record *r,
    struct v2m_err *err)
{
	if (v2m_store_check_id(id, V2M_NOINPUT, err) < 0)
		return -1;
	return s->ops->get(s->self, id, r, err);
}

int
v2m_store_get_by_mp3(struct v2m_store *s, const char *mp3,
    struct v2m_record *r, struct v2m_err *err)
{
	if (v2m_store_check_id(mp3, V2M_NOINPUT, err) < 0)
		return -1;
	return s->ops->get_by_mp3(s->self, mp3, r, err);
}

/* What goes into a record is what will come out of it. */
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
	int won;

	if (check_record(r, err) < 0)
		return -1;
	r->rev = 1;
	if (v2m_fault("record-put", err) < 0)
		return -1;
	won = s->ops->insert(s->self, r, err);
	return won == 1 && v2m_fault("record-written", err) < 0 ? -1 : won;
}

int
v2m_store_put(struct v2m_store *s, struct v2m_record *r, struct v2m_err *err)
{
	int64_t old = r->rev;
	int won;

	if (check_record(r, err) < 0 || v2m_fault("record-put", err) < 0)
		return -1;
	r->rev = old + 1;
	won = s->ops->put(s->self, r, old, err);
	if (won == 1 && v2m_fault("record-written", err) < 0)
		won = -1;
	if (won != 1)
		r->rev = old;
	return won;
}

int
v2m_store_forget(struct v2m_store *s, const char *id, struct v2m_err *err)
{
	if (v2m_store_check_id(id, V2M_NOINPUT, err) < 0)
		return -1;
	return s->ops->forget(s->self, id, err);
}

/* Read a page behind the ID `after`, which becomes the last one's, and call
 * each for all in it. */
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
	if (s->ops->list(s->self, filter, page, err) < 0)
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
v2m_store_objects(struct v2m_store *s, enum v2m_kind kind, const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err)
{
	return s->ops->objects(s->self, kind, video, each, arg, err);
}

int
v2m_store_usage(struct v2m_store *s, const char *owner,
    const char *const *skip, size_t n, struct v2m_usage *usage,
    struct v2m_err *err)
{
	return s->ops->usage(s->self, owner, skip, n, usage, err);
}

static int
note_age(void *arg, struct v2m_record *r)
{
	*(int64_t *)arg = r->created_at;
	return 0;
}

/* IDs sort by age. */
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
	if (s->ops->census(s->self, census, err) < 0)
		return -1;
	for (state = V2M_JOB_NEW; state <= V2M_JOB_RUNNING; state++)
		if (find_oldest(s, state, &census->states[state].oldest_ms,
		    err) < 0)
			return -1;
	return 0;
}

static int
is_partial(void *partials, const char *id, struct v2m_err *err)
{
	struct v2m_document document = { .rev = 0 };
	int found = v2m_document_get(partials, V2M_PARTIAL_DOCUMENT, id,
	    &document, err);

	v2m_document_clear(&document);
	return found;
}

int
v2m_store_tidy(struct v2m_store *s, int64_t before_ms, bool dry,
    void (*each)(void *arg, const char *name), void *arg,
    struct v2m_err *err)
{
	struct v2m_tidy t = { before_ms, dry, each, arg, is_partial, s };

	return s->ops->tidy == NULL ? 0 : s->ops->tidy(s->self, &t, err);
}
