/* Partial uploads: objects partial/ID/NNNNN.F.L, each one a chunk as the holder
 * with fence F wrote it when it was L bytes long.
 *
 * All chunks but the last are full, at least 5 MiB, so that UploadPartCopy can
 * join them.  The last one, the tail, is written again as it grows.  Each
 * version has a key of its own: a request that is executed late writes what is
 * there already, and an older holder never overwrites what a newer one has
 * written.
 *
 * So of all versions of a chunk, any that is long enough has the right bytes at
 * its beginning.  The one with the highest fence is used. */
#include "store/aws/s3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

int64_t
v2m_s3_partial_chunk_size(void *self)
{
	return ((struct v2m_s3 *)self)->chunk_size;
}

int
v2m_s3_partial_begin(void *self, const char *id, int64_t fence,
    struct v2m_err *err)
{
	return v2m_s3_fence_raise(self, id, fence, err);
}

/* Bytes after size are under other keys. */
int
v2m_s3_partial_take(void *self, const char *id, int64_t fence, int64_t size,
    int64_t chunk_size, struct v2m_err *err)
{
	(void)size;
	(void)chunk_size;
	return v2m_s3_fence_raise(self, id, fence, err);
}

/* --- writing --- */

static void
name_chunk(const struct v2m_s3 *s3, char key[V2M_S3_KEY], const char *id,
    int64_t n, int64_t fence, int64_t length)
{
	v2m_s3_key_of(s3, key, "partial/%s/%05" PRId64 ".%019" PRId64 ".%"
	    PRId64, id, n, fence, length);
}

static int
put_chunk(struct v2m_s3 *s3, const char *id, const char *key,
    const void *bytes, size_t n, struct v2m_err *err)
{
	struct v2m_aws_request rq = { .body = bytes, .length = n };
	char doing[64];

	snprintf(doing, sizeof doing, "store the upload %s", id);
	return v2m_s3_keep(s3, &rq, key, V2M_AWS_BYTES_MS, doing, err);
}

/* Remove the tail that this process wrote last, if there is now a longer
 * version of the same chunk and fence.  Others are removed at the end. */
static void
replace_tail(struct v2m_s3 *s3, const char *key, int64_t length)
{
	const char *dot = strrchr(key, '.');
	size_t same = (size_t)(dot - key) + 1;

	if (strncmp(s3->tail, key, same) == 0 && s3->tail_length < length)
		v2m_s3_delete(s3, s3->tail, "replace a chunk", NULL);
	if (length < s3->chunk_size) {
		snprintf(s3->tail, sizeof s3->tail, "%s", key);
		s3->tail_length = length;
	}
}

int
v2m_s3_partial_write(void *self, const char *id, int64_t fence,
    int64_t chunk_size, int64_t offset, const void *buf, size_t n,
    struct v2m_err *err)
{
	const unsigned char *from = buf;
	struct v2m_s3 *s3 = self;
	char key[V2M_S3_KEY];
	size_t part;

	if ((offset + (int64_t)n) / chunk_size >= V2M_S3_PARTS)
		return v2m_err_set(err, V2M_CANTCREATE, "the file is too "
		    "large for parts of %lld", (long long)chunk_size);
	if (v2m_s3_fence_check(s3, id, fence, err) < 0)
		return -1;
	for (; n > 0; n -= part, from += part, offset += (int64_t)part) {
		part = (size_t)chunk_size < n ? (size_t)chunk_size : n;
		name_chunk(s3, key, id, offset / chunk_size, fence,
		    (int64_t)part);
		if (put_chunk(s3, id, key, from, part, err) < 0)
			return -1;
		replace_tail(s3, key, (int64_t)part);
	}
	return 0;
}

/* --- which objects count --- */

struct chunks {
	int64_t size, chunk_size;
	struct v2m_s3_piece *pieces;
	int64_t *fences, *lengths;	/* of the objects chosen */
	size_t n;
};

static void
release_chunks(struct chunks *c)
{
	free(c->pieces);
	free(c->fences);
	free(c->lengths);
}

static bool
parse_chunk(const char *key, int64_t *n, int64_t *fence, int64_t *length)
{
	const char *slash = strrchr(key, '/');

	return slash != NULL && sscanf(slash + 1, "%" SCNd64 ".%" SCNd64 ".%"
	    SCNd64, n, fence, length) == 3 && *n >= 0;
}

static int
on_chunk(void *arg, const struct v2m_s3_entry *e)
{
	int64_t n, fence, length;
	struct chunks *c = arg;

	if (!parse_chunk(e->key, &n, &fence, &length) ||
	    n >= (int64_t)c->n || length != e->size ||
	    length < c->pieces[n].length)
		return 0;
	if (fence < c->fences[n] ||
	    (fence == c->fences[n] && length <= c->lengths[n]))
		return 0;
	c->fences[n] = fence;
	c->lengths[n] = length;
	snprintf(c->pieces[n].key, V2M_S3_KEY, "%s", e->key);
	return 0;
}

static int
no_chunks(const char *id, struct v2m_err *err)
{
	return v2m_err_sys(err, V2M_TEMP, "cannot read the upload %s", id);
}

static int
make_chunks(struct chunks *c, const char *id, struct v2m_err *err)
{
	size_t i;

	c->n = (size_t)((c->size + c->chunk_size - 1) / c->chunk_size);
	c->pieces = calloc(c->n + 1, sizeof *c->pieces);
	c->fences = calloc(c->n + 1, sizeof *c->fences);
	c->lengths = calloc(c->n + 1, sizeof *c->lengths);
	if (c->pieces == NULL || c->fences == NULL || c->lengths == NULL)
		return no_chunks(id, err);
	for (i = 0; i < c->n; i++) {
		c->pieces[i].at = (int64_t)i * c->chunk_size;
		c->pieces[i].length = c->size - c->pieces[i].at;
		if (c->pieces[i].length > c->chunk_size)
			c->pieces[i].length = c->chunk_size;
	}
	return 0;
}

/* Choose the objects that hold the first c->size bytes. */
static int
find_chunks(struct v2m_s3 *s3, struct chunks *c, const char *id,
    struct v2m_err *err)
{
	char prefix[64];
	size_t i;

	snprintf(prefix, sizeof prefix, "partial/%s/", id);
	if (make_chunks(c, id, err) < 0 || (c->n > 0 && v2m_s3_list(s3,
	    prefix, on_chunk, c, "read an upload", err) < 0))
		return -1;
	for (i = 0; i < c->n; i++)
		if (c->pieces[i].key[0] == '\0')
			return v2m_err_damage(err, "the upload %s is damaged: "
			    "its chunk %zu is missing", id, i);
	return 0;
}

void *
v2m_s3_partial_read(void *self, const char *id, int64_t size,
    int64_t chunk_size, struct v2m_err *err)
{
	struct chunks c = { .size = size, .chunk_size = chunk_size };
	void *reader = NULL;
	char what[64];

	snprintf(what, sizeof what, "the upload %s", id);
	if (find_chunks(self, &c, id, err) == 0) {
		reader = v2m_s3_reader(self, c.pieces, c.n, what, err);
		c.pieces = NULL;
	}
	release_chunks(&c);
	return reader;
}

/* --- its end --- */

/* An object of one chunk is written by one PutObject. */
static int
put_small(struct v2m_s3 *s3, struct chunks *c, const struct v2m_object *o,
    const char *etag, struct v2m_err *err)
{
	unsigned char *bytes = malloc((size_t)o->length + 1);
	void *reader = NULL;
	int ret = -1;

	if (bytes == NULL)
		return no_chunks(o->id, err);
	if (o->length > 0) {
		reader = v2m_s3_reader(s3, c->pieces, c->n, "an upload", err);
		c->pieces = NULL;
	}
	if (o->length == 0 || (reader != NULL && v2m_s3_pread(reader, bytes,
	    (size_t)o->length, 0, err) == o->length))
		ret = v2m_s3_put(s3, V2M_VIDEO, o, bytes, etag, err);
	v2m_s3_release(reader);
	free(bytes);
	return ret;
}

static int
join(struct v2m_s3 *s3, const struct chunks *c, const struct v2m_object *o,
    const char *etag, struct v2m_err *err)
{
	struct v2m_s3_multi m = { .n = 0 };
	size_t i;
	int ret = v2m_s3_multi_begin(&m, s3, V2M_VIDEO, o->id, o, err);

	for (i = 0; ret == 0 && i < c->n; i++)
		ret = v2m_s3_multi_copy(&m, c->pieces[i].key,
		    c->pieces[i].length, err);
	if (ret == 0 && v2m_fault("store-linked", err) < 0)
		ret = -1;
	if (ret == 0)
		ret = v2m_s3_multi_complete(&m, o, etag, err);
	v2m_s3_multi_release(&m);
	return ret;
}

static int
compose(struct v2m_s3 *s3, int64_t chunk_size, const struct v2m_object *o,
    const char *etag, struct v2m_err *err)
{
	struct chunks c = { .size = o->length, .chunk_size = chunk_size };
	int ret = find_chunks(s3, &c, o->id, err);

	if (ret == 0 && c.n <= 1)
		ret = v2m_fault("store-linked", err) < 0 ? -1 :
		    put_small(s3, &c, o, etag, err);
	else if (ret == 0)
		ret = join(s3, &c, o, etag, err);
	release_chunks(&c);
	return ret;
}

/* The object exists: an earlier holder finished it while we took the upload
 * over.  The same bytes count as ours.  Other, fewer bytes are replaced, by
 * If-Match. */
static int
finish_over(struct v2m_s3 *s3, int64_t chunk_size,
    const struct v2m_object *o, const struct v2m_s3_head *h,
    struct v2m_err *err)
{
	if (h->object.fence <= 0 || h->object.fence > o->fence)
		return 0;
	if (h->object.length == o->length &&
	    strcmp(h->object.sha256, o->sha256) == 0)
		return 1;
	return compose(s3, chunk_size, o, h->etag, err);
}

int
v2m_s3_partial_finish(void *self, int64_t chunk_size,
    const struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_s3 *s3 = self;
	struct v2m_s3_head h;
	int made;

	if (v2m_fault("store-written", err) < 0 ||
	    v2m_s3_fence_check(s3, object->id, object->fence, err) < 0)
		return -1;
	made = v2m_s3_find(s3, V2M_VIDEO, object->id, &h, err);
	if (made == 0)
		made = compose(s3, chunk_size, object, NULL, err);
	else if (made == 1)
		made = finish_over(s3, chunk_size, object, &h, err);
	/* Another process was faster, with the same bytes. */
	if (made == 0 && v2m_s3_find(s3, V2M_VIDEO, object->id, &h, err) == 1 &&
	    h.object.length == object->length && h.object.fence > 0 &&
	    h.object.fence <= object->fence &&
	    strcmp(h.object.sha256, object->sha256) == 0)
		made = 1;
	return made == 1 && v2m_fault("store-committed", err) < 0 ? -1 : made;
}

/* S3 has no DeleteObject that checks a fence, and a new holder may rely on the
 * object already.  So it stays: a new holder accepts or replaces it; without
 * one, v2m-prune removes it like any video without a job. */
int
v2m_s3_partial_unfinish(void *self, const struct v2m_object *object,
    struct v2m_err *err)
{
	(void)self;
	(void)object;
	(void)err;
	return 0;
}

struct erasing {
	struct v2m_s3 *s3;
	struct v2m_err *err;
};

static int
erase_entry(void *arg, const struct v2m_s3_entry *e)
{
	struct erasing *x = arg;

	return v2m_s3_delete(x->s3, e->key, "remove an upload", x->err);
}

/* The fences are removed first: later writers are refused, and v2m-prune finds
 * chunks that were just being written. */
int
v2m_s3_partial_erase(void *self, const char *id, struct v2m_err *err)
{
	struct erasing x = { self, err };
	char prefix[64];

	snprintf(prefix, sizeof prefix, "partial/%s/fence.", id);
	if (v2m_s3_list(self, prefix, erase_entry, &x, "remove an upload",
	    err) < 0)
		return -1;
	snprintf(prefix, sizeof prefix, "partial/%s/", id);
	return v2m_s3_list(self, prefix, erase_entry, &x, "remove an upload",
	    err);
}
