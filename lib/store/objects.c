#include "store/objects.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "store/document.h"
#include "store/moved.h"
#include "store/partial.h"
#include "store/private.h"

struct v2m_writer {
	struct v2m_store *store;
	void *self;
	char id[V2M_ID_SIZE];
	int64_t length;
	struct v2m_sha256 hash;
	bool ended;		/* committed, or a write has failed */
};

const char *
v2m_kind_word(enum v2m_kind kind)
{
	return kind == V2M_VIDEO ? "video" : "MP3";
}

char *
v2m_object_what(char what[V2M_OBJECT_WHAT], enum v2m_kind kind, const char *id)
{
	snprintf(what, V2M_OBJECT_WHAT, "the %s %s", v2m_kind_word(kind), id);
	return what;
}

int
v2m_object_taken(enum v2m_kind kind, const char *id, struct v2m_err *err)
{
	return v2m_err_set(err, V2M_CANTCREATE, "there is a%s %s %s already",
	    kind == V2M_MP3 ? "n" : "", v2m_kind_word(kind), id);
}

int
v2m_object_missing(enum v2m_kind kind, struct v2m_err *err)
{
	return v2m_err_set(err, V2M_NOINPUT, "there is no such %s",
	    v2m_kind_word(kind));
}

int
v2m_store_hold(struct v2m_store *s, int *fd, struct v2m_err *err)
{
	*fd = -1;
	return s->objects->hold == NULL ? 0 :
	    s->objects->hold(s->object_driver, fd, err);
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
		    v2m_kind_word(kind), id);
		return NULL;
	}
	w->store = s;
	memcpy(w->id, id, sizeof w->id);
	v2m_sha256_init(&w->hash);
	w->self = s->objects->create(s->object_driver, kind, id, err);
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
	if (w->store->objects->write(w->self, buf, n, err) < 0) {
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

static int
begin_commit(struct v2m_writer *w, struct v2m_object *object,
    struct v2m_err *err)
{
	if (w->ended)
		return v2m_err_set(err, V2M_BUG, "commit of the ended object "
		    "%s", w->id);
	w->ended = true;
	if (object->video[0] != '\0' &&
	    v2m_store_check_id(object->video, V2M_BUG, err) < 0)
		return -1;
	memcpy(object->id, w->id, sizeof object->id);
	object->length = w->length;
	v2m_text_clean(object->name);
	v2m_text_clean(object->owner);
	return v2m_moved_check(w->store, V2M_WRITE_ON, err);
}

int
v2m_writer_commit(struct v2m_writer *w, struct v2m_object *object,
    struct v2m_err *err)
{
	struct v2m_store *s = w->store;

	if (begin_commit(w, object, err) < 0 ||
	    s->records->now(s->record_driver, &object->created_at, err) < 0)
		return -1;
	v2m_sha256_final(&w->hash, object->sha256);
	return s->objects->commit(w->self, object, err);
}

int
v2m_writer_commit_as(struct v2m_writer *w, struct v2m_object *object,
    struct v2m_err *err)
{
	return begin_commit(w, object, err) < 0 ? -1 :
	    w->store->objects->commit(w->self, object, err);
}

void
v2m_writer_free(struct v2m_writer *w)
{
	if (w == NULL)
		return;
	w->store->objects->discard(w->self);
	free(w);
}

int
v2m_store_stat(struct v2m_store *s, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_object unasked;

	if (v2m_store_check_id(id, V2M_NOINPUT, err) < 0)
		return 0;
	return s->objects->stat(s->object_driver, kind, id,
	    object == NULL ? &unasked : object, err);
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
		    v2m_kind_word(kind), id);
		return NULL;
	}
	r->ops = s->objects;
	r->self = s->objects->read(s->object_driver, kind, id, &found, err);
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

void
v2m_reader_read_on(struct v2m_reader *r)
{
	if (r->ops->read_on != NULL)
		r->ops->read_on(r->self);
}

void
v2m_reader_ahead(struct v2m_reader *r, size_t n, int64_t offset)
{
	if (r->ops->ahead != NULL && offset >= 0 && offset < r->length &&
	    (uint64_t)n <= (uint64_t)(r->length - offset))
		r->ops->ahead(r->self, n, offset);
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

bool
v2m_store_has_links(const struct v2m_store *s)
{
	return s->objects->has_links != NULL &&
	    s->objects->has_links(s->object_driver);
}

int
v2m_store_link(struct v2m_store *s, enum v2m_kind kind, const char *id,
    const struct v2m_link *link, char url[V2M_LINK_MAX], struct v2m_err *err)
{
	if (v2m_store_check_id(id, V2M_NOINPUT, err) < 0)
		return -1;
	return s->objects->link(s->object_driver, kind, id, link, url, err);
}

int
v2m_store_remove(struct v2m_store *s, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	if (v2m_store_check_id(id, V2M_NOINPUT, err) < 0 ||
	    v2m_moved_check(s, V2M_WRITE_ON, err) < 0)
		return -1;
	return s->objects->remove(s->object_driver, kind, id, err);
}

int
v2m_store_objects(struct v2m_store *s, enum v2m_kind kind, const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err)
{
	return s->objects->objects(s->object_driver, kind, video, each, arg,
	    err);
}

int
v2m_objects_by_page(int (*read)(void *from, const char *after,
    struct v2m_object *page, struct v2m_err *err), void *from,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err)
{
	struct v2m_object *page = calloc(V2M_OBJECTS_PAGE, sizeof *page);
	char after[V2M_ID_SIZE] = "";
	int i, n, ret = 0;

	if (page == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot list the store");
	do {
		n = read(from, after, page, err);
		if (n < 0)
			ret = -1;
		for (i = 0; i < n && ret == 0; i++)
			ret = each(arg, &page[i]);
		if (n > 0)
			memcpy(after, page[n - 1].id, sizeof after);
	} while (n == V2M_OBJECTS_PAGE && ret == 0);
	free(page);
	return ret;
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
v2m_store_tidy(struct v2m_store *s, int64_t before_ms, bool dry, bool full,
    void (*each)(void *arg, const char *name), void *arg,
    struct v2m_err *err)
{
	struct v2m_tidy t = { before_ms, dry, full, each, arg, is_partial, s };

	return s->objects->tidy == NULL ? 0 :
	    s->objects->tidy(s->object_driver, &t, err);
}

int
v2m_store_concerns(struct v2m_store *s,
    void (*each)(void *arg, const char *what), void *arg, struct v2m_err *err)
{
	return s->objects->concerns == NULL ? 0 :
	    s->objects->concerns(s->object_driver, each, arg, err);
}

bool
v2m_store_knows_loose(const struct v2m_store *s)
{
	return s->objects->knows_loose != NULL &&
	    s->objects->knows_loose(s->object_driver);
}

int
v2m_store_loose(struct v2m_store *s, enum v2m_kind kind,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err)
{
	return s->objects->loose(s->object_driver, kind, each, arg, err);
}
