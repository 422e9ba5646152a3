/* Write an object: up to 16 MiB by one PutObject, more by a multipart
 * upload. */
#include "store/aws/s3.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

struct writer {
	struct v2m_s3 *s3;
	enum v2m_kind kind;
	char id[V2M_ID_SIZE];
	unsigned char *buf;
	size_t fill, room;
	bool in_parts;
	struct v2m_s3_multi multi;
};

void *
v2m_s3_create(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	struct writer *w = calloc(1, sizeof *w);
	struct v2m_s3_head h;
	int taken;

	if (w == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot store %s", id);
		return NULL;
	}
	w->s3 = self;
	w->kind = kind;
	memcpy(w->id, id, sizeof w->id);
	taken = v2m_s3_head(self, kind, id, &h, err);
	if (taken == 1)
		v2m_object_taken(w->kind, w->id, err);
	if (taken == 0)
		return w;
	free(w);
	return NULL;
}

/* Make space for `wanted` bytes. */
static int
grow(struct writer *w, size_t wanted, struct v2m_err *err)
{
	size_t most = w->s3->part_size > V2M_S3_SINGLE ?
	    (size_t)w->s3->part_size : V2M_S3_SINGLE, room = w->room;
	unsigned char *more;

	if (wanted <= w->room)
		return 0;
	while (room < wanted)
		room = room == 0 ? 64 * 1024 : 2 * room;
	more = realloc(w->buf, room < most ? room : most);
	if (more == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot store %s", w->id);
	w->buf = more;
	w->room = room < most ? room : most;
	return 0;
}

/* Send all full parts; all: also the rest. */
static int
send_parts(struct writer *w, bool all, struct v2m_err *err)
{
	size_t part = (size_t)w->s3->part_size, at = 0;

	if (!w->in_parts) {
		w->in_parts = true;
		if (v2m_s3_multi_begin(&w->multi, w->s3, w->kind, w->id, NULL,
		    err) < 0)
			return -1;
	}
	for (; w->fill - at >= part; at += part)
		if (v2m_s3_multi_add(&w->multi, w->buf + at, part, err) < 0)
			return -1;
	if (all && at < w->fill) {
		if (v2m_s3_multi_add(&w->multi, w->buf + at, w->fill - at,
		    err) < 0)
			return -1;
		at = w->fill;
	}
	memmove(w->buf, w->buf + at, w->fill - at);
	w->fill -= at;
	return 0;
}

int
v2m_s3_write(void *writer, const void *buf, size_t n, struct v2m_err *err)
{
	struct writer *w = writer;
	const unsigned char *from = buf;
	size_t single = w->s3->part_size > V2M_S3_SINGLE ?
	    (size_t)w->s3->part_size : V2M_S3_SINGLE, most, part;

	while (n > 0) {
		most = w->in_parts ? (size_t)w->s3->part_size : single;
		if (w->fill >= most && send_parts(w, false, err) < 0)
			return -1;
		most = w->in_parts ? (size_t)w->s3->part_size : single;
		part = most - w->fill < n ? most - w->fill : n;
		if (grow(w, w->fill + part, err) < 0)
			return -1;
		memcpy(w->buf + w->fill, from, part);
		w->fill += part;
		from += part;
		n -= part;
	}
	return 0;
}

static int
publish(struct writer *w, const struct v2m_object *object,
    struct v2m_err *err)
{
	if (!w->in_parts)
		return v2m_s3_put(w->s3, w->kind, object,
		    w->buf == NULL ? (const void *)"" : w->buf, NULL, err);
	return v2m_s3_multi_complete(&w->multi, object, NULL, err);
}

int
v2m_s3_commit(void *writer, const struct v2m_object *object,
    struct v2m_err *err)
{
	struct writer *w = writer;
	int published;

	if (v2m_fault("store-written", err) < 0 ||
	    (w->in_parts && send_parts(w, true, err) < 0) ||
	    v2m_fault("store-linked", err) < 0)
		return -1;
	published = publish(w, object, err);
	if (published == 0)
		return v2m_object_taken(w->kind, w->id, err);
	if (published == 1 && v2m_fault("store-committed", err) == 0)
		return 0;
	/* The object exists or may exist, but no record will name it. */
	if (published == 1 || v2m_s3_is_ours(w->s3, w->kind, object,
	    w->in_parts ? w->multi.word : "", NULL) == 1)
		v2m_s3_remove(w->s3, w->kind, w->id, NULL);
	return -1;
}

void
v2m_s3_discard(void *writer)
{
	struct writer *w = writer;

	if (w->in_parts)
		v2m_s3_multi_release(&w->multi);
	free(w->buf);
	free(w);
}
