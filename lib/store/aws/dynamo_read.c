/* Read an object's bytes from the chunks that hold them. */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct v2m_dynamo *d;
	char word[V2M_DYNAMO_WORD], what[V2M_OBJECT_WHAT];
	int64_t length, size;		/* bytes of all; of a chunk */
	bool on;			/* the whole object will be read */
	unsigned char *buf;		/* consecutive chunks */
	int64_t at;			/* offset of their first byte */
	size_t n;			/* how many bytes */
};

void *
v2m_dynamo_reader(struct v2m_dynamo *d, const char *word, int64_t length,
    int64_t size, const char *what, struct v2m_err *err)
{
	struct reader *r = calloc(1, sizeof *r);

	if (r != NULL)
		r->buf = malloc((size_t)size * V2M_DYNAMO_CHUNKS);
	if (r == NULL || r->buf == NULL) {
		free(r);
		v2m_err_sys(err, V2M_TEMP, "cannot read %s", what);
		return NULL;
	}
	r->d = d;
	r->length = length;
	r->size = size;
	snprintf(r->word, sizeof r->word, "%s", word);
	snprintf(r->what, sizeof r->what, "%s", what);
	return r;
}

void *
v2m_dynamo_read(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_dynamo_head head;
	char what[V2M_OBJECT_WHAT];
	int found = v2m_dynamo_head(self, kind, id, &head, err);

	if (found == 0)
		v2m_object_missing(kind, err);
	if (found != 1)
		return NULL;
	*object = head.object;
	return v2m_dynamo_reader(self, head.word, head.object.length, head.size,
	    v2m_object_what(what, kind, id), err);
}

void
v2m_dynamo_read_on(void *reader)
{
	((struct reader *)reader)->on = true;
}

/* Read the chunks with these bytes, as many as one request can. */
static int
fill(struct reader *r, size_t n, int64_t offset, struct v2m_err *err)
{
	int64_t first = offset / r->size, count;
	int64_t end = offset + (int64_t)n;

	count = r->on ? V2M_DYNAMO_CHUNKS :
	    (end + r->size - 1) / r->size - first;
	if (count > V2M_DYNAMO_CHUNKS)
		count = V2M_DYNAMO_CHUNKS;
	end = (first + count) * r->size;
	if (end > r->length)
		end = r->length;
	r->at = first * r->size;
	r->n = 0;
	if (v2m_dynamo_read_chunks(r->d, r->word, first, r->size, r->buf,
	    (size_t)(end - r->at), r->what, err) < 0)
		return -1;
	r->n = (size_t)(end - r->at);
	return 0;
}

ssize_t
v2m_dynamo_pread(void *reader, void *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	struct reader *r = reader;
	size_t done = 0, part;

	if (offset >= r->length)
		return 0;
	if ((int64_t)n > r->length - offset)
		n = (size_t)(r->length - offset);
	while (done < n) {
		int64_t at = offset + (int64_t)done;

		if (at < r->at || at >= r->at + (int64_t)r->n) {
			if (fill(r, n - done, at, err) < 0)
				return -1;
		}
		part = r->n - (size_t)(at - r->at);
		part = part < n - done ? part : n - done;
		memcpy((char *)buf + done, r->buf + (at - r->at), part);
		done += part;
	}
	return (ssize_t)done;
}

void
v2m_dynamo_release(void *reader)
{
	struct reader *r = reader;

	free(r->buf);
	free(r);
}
