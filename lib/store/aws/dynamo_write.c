/* Write an object: chunks, then its head. */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/id.h"

#define NOTE_MS (60 * 60 * 1000)
#define ROOM ((size_t)V2M_DYNAMO_CHUNKS * V2M_DYNAMO_CHUNK)

struct writer {
	struct v2m_dynamo *d;
	enum v2m_kind kind;
	struct v2m_dynamo_head head;
	char doing[16 + V2M_OBJECT_WHAT];
	int64_t n;		/* chunks sent, maybe without success */
	unsigned char *buf;
	size_t fill;
	int64_t noted_ms;	/* monotonic: when `pending` was last written */
	bool keep;		/* the chunks belong, or may belong, to an
				 * object */
};

static struct writer *
new_writer(struct v2m_dynamo *d, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	struct writer *w = calloc(1, sizeof *w);
	char what[V2M_OBJECT_WHAT];

	if (w != NULL)
		w->buf = malloc(ROOM);
	if (w == NULL || w->buf == NULL) {
		free(w);
		v2m_err_sys(err, V2M_TEMP, "cannot store %s",
		    v2m_object_what(what, kind, id));
		return NULL;
	}
	w->d = d;
	w->kind = kind;
	memcpy(w->head.object.id, id, V2M_ID_SIZE);
	v2m_id_new(w->head.word);
	w->head.size = V2M_DYNAMO_CHUNK;
	snprintf(w->doing, sizeof w->doing, "store %s",
	    v2m_object_what(what, kind, id));
	return w;
}

void *
v2m_dynamo_create(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	struct v2m_dynamo_head head;
	int taken = v2m_dynamo_head(self, kind, id, &head, err);

	if (taken == 1)
		v2m_object_taken(kind, id, err);
	return taken == 0 ? new_writer(self, kind, id, err) : NULL;
}

/* Write the item `pending`, at least once an hour: v2m-prune judges by its time
 * whether the writer is alive. */
static int
note(struct writer *w, struct v2m_err *err)
{
	if (w->n > 0 && v2m_mono_ms() - w->noted_ms < NOTE_MS)
		return 0;
	if (v2m_dynamo_pend(w->d, w->kind, w->head.object.id, w->head.word,
	    err) < 0)
		return -1;
	w->noted_ms = v2m_mono_ms();
	return 0;
}

static int
flush(struct writer *w, struct v2m_err *err)
{
	size_t count = (w->fill + V2M_DYNAMO_CHUNK - 1) / V2M_DYNAMO_CHUNK;
	int64_t first = w->n;

	if (w->fill == 0)
		return 0;
	if (note(w, err) < 0)
		return -1;
	w->n += (int64_t)count;
	if (v2m_dynamo_write_chunks(w->d, w->head.word, first, w->buf, w->fill,
	    w->doing, err) < 0)
		return -1;
	w->fill = 0;
	return 0;
}

int
v2m_dynamo_write(void *writer, const void *buf, size_t n, struct v2m_err *err)
{
	struct writer *w = writer;
	const unsigned char *from = buf;

	while (n > 0) {
		size_t part = ROOM - w->fill < n ? ROOM - w->fill : n;

		memcpy(w->buf + w->fill, from, part);
		w->fill += part;
		from += part;
		n -= part;
		if (w->fill == ROOM && flush(w, err) < 0)
			return -1;
	}
	return 0;
}

/* Remove a head that exists or may exist.  If that fails its chunks stay, as an
 * object without chunks would be worse. */
static int
undo_commit(struct writer *w)
{
	if (v2m_dynamo_unpublish(w->d, w->kind, &w->head.object, NULL) == 0)
		w->keep = false;
	return -1;
}

int
v2m_dynamo_commit(void *writer, const struct v2m_object *object,
    struct v2m_err *err)
{
	struct writer *w = writer;
	int published;

	if (v2m_fault("store-written", err) < 0 || flush(w, err) < 0 ||
	    v2m_fault("store-linked", err) < 0)
		return -1;
	w->head.object = *object;
	published = v2m_dynamo_publish(w->d, w->kind, &w->head, err);
	if (published == 0)
		return v2m_object_taken(w->kind, object->id, err);
	w->keep = true;
	if (published < 0 || v2m_fault("store-committed", err) < 0)
		return undo_commit(w);
	/* If this fails, v2m-prune removes the item. */
	if (w->n > 0)
		v2m_dynamo_unpend(w->d, w->head.word, NULL);
	return 0;
}

void
v2m_dynamo_discard(void *writer)
{
	struct writer *w = writer;

	if (!w->keep && w->n > 0 &&
	    v2m_dynamo_delete_chunks(w->d, w->head.word, 0, w->n, NULL) == 0)
		v2m_dynamo_unpend(w->d, w->head.word, NULL);
	free(w->buf);
	free(w);
}
