/* Write an object: chunks, then the file's document. */
#include "store/mongodb/mongodb.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

struct writer {
	struct v2m_mongodb *m;
	enum v2m_kind kind;
	char id[V2M_ID_SIZE];
	struct v2m_mongodb_chunks chunks;
	uint8_t *buf;		/* the current chunk */
	size_t fill;
	bool keep;		/* the chunks belong, or may belong, to an
				 * object */
};

void *
v2m_mongodb_create(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	struct v2m_mongodb *m = self;
	int taken = v2m_mongodb_find(m, kind, id, NULL, NULL, err);
	char what[V2M_OBJECT_WHAT];
	struct writer *w;

	if (taken < 0)
		return NULL;
	if (taken > 0) {
		v2m_object_taken(kind, id, err);
		return NULL;
	}
	w = calloc(1, sizeof *w);
	if (w != NULL)
		w->buf = malloc((size_t)m->chunk_size);
	if (w == NULL || w->buf == NULL) {
		free(w);
		v2m_err_sys(err, V2M_TEMP, "cannot store %s",
		    v2m_object_what(what, kind, id));
		return NULL;
	}
	w->m = m;
	w->kind = kind;
	memcpy(w->id, id, sizeof w->id);
	v2m_mongodb_chunks_init(&w->chunks, m, kind, id);
	return w;
}

int
v2m_mongodb_write(void *writer, const void *buf, size_t n,
    struct v2m_err *err)
{
	struct writer *w = writer;
	const uint8_t *from = buf;
	size_t size = (size_t)w->m->chunk_size, part;

	while (n > 0) {
		part = size - w->fill < n ? size - w->fill : n;
		if (part == size) {	/* a full chunk needs no copy */
			if (v2m_mongodb_chunks_add(&w->chunks, from, size,
			    err) < 0)
				return -1;
		} else {
			memcpy(w->buf + w->fill, from, part);
			w->fill += part;
		}
		if (w->fill == size) {
			w->fill = 0;
			if (v2m_mongodb_chunks_add(&w->chunks, w->buf, size,
			    err) < 0)
				return -1;
		}
		from += part;
		n -= part;
	}
	return 0;
}

/* Remove a document that exists or may exist.  If that fails its chunks stay,
 * as a file without chunks would be worse. */
static int
undo_commit(struct writer *w, const struct v2m_object *object)
{
	if (v2m_mongodb_unpublish(w->m, w->kind, object, NULL) == 0)
		w->keep = false;
	return -1;
}

int
v2m_mongodb_commit(void *writer, const struct v2m_object *object,
    struct v2m_err *err)
{
	struct writer *w = writer;
	int published;

	if (v2m_fault("store-written", err) < 0)
		return -1;
	if (w->fill > 0 && v2m_mongodb_chunks_add(&w->chunks, w->buf, w->fill,
	    err) < 0)
		return -1;
	w->fill = 0;
	if (v2m_mongodb_chunks_flush(&w->chunks, err) < 0 ||
	    v2m_fault("store-linked", err) < 0)
		return -1;
	published = v2m_mongodb_publish(w->m, w->kind, object,
	    w->m->chunk_size, err);
	if (published == 0)
		return v2m_object_taken(w->kind, w->id, err);
	w->keep = true;
	if (published < 0 || v2m_fault("store-committed", err) < 0)
		return undo_commit(w, object);
	return 0;
}

void
v2m_mongodb_discard(void *writer)
{
	struct writer *w = writer;

	if (!w->keep)
		v2m_mongodb_chunks_undo(&w->chunks);
	v2m_mongodb_chunks_release(&w->chunks);
	free(w->buf);
	free(w);
}
