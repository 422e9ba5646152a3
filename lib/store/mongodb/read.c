/* Read an object's bytes, chunk by chunk.
 *
 * A chunk is fetched when a byte of it is asked for.  A caller that says that
 * it reads everything, or reads three chunks in order, gets them from one
 * cursor, more and more at a time.  One that jumps through a video does not get
 * what lies between.  One that asks for many chunks at once gets them by one
 * query, without an open cursor.  A small file is fetched whole.
 *
 * Queries are expensive: a server without an index scans all chunks for each.
 * So only the fetch of the last chunk checks that there is none behind it.
 */
#include "store/mongodb/mongodb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define SLOTS 8
#define SLOTS_BYTES (4 << 20)	/* bytes kept, at most, but at least two
				 * chunks */
#define SMALL_BYTES (2 << 20)	/* bytes of a file that is fetched whole */
#define AHEAD_PART 4		/* of the chunks read in order: at most this
				 * part more is fetched than is used, */
#define AHEAD_MOST (4 << 20)	/* and so many bytes per response */
#define MANY 3			/* more chunks than this get a query of their
				 * own */
#define SURPLUS "should not be there: it is longer than it says"

struct slot {
	int32_t n;		/* number of the chunk; -1: empty */
	unsigned long used;
	uint8_t *data;
};

struct reader {
	struct v2m_mongodb *m;
	enum v2m_kind kind;
	struct v2m_mongodb_file file;
	bool partial;			/* read by v2m_mongodb_read_partial() */
	char what[V2M_OBJECT_WHAT];
	char id[V2M_ID_SIZE];
	struct slot slots[SLOTS];
	int nslots;
	unsigned long clock;
	mongoc_cursor_t *cursor;	/* or NULL */
	int32_t coming;			/* its next chunk */
	int32_t last;			/* the last chunk fetched */
	int row;			/* chunks fetched in order */
	bool whole;			/* the whole object will be read */
};

/* Bytes of a chunk, by the file's document. */
static size_t
size_of(const struct v2m_mongodb_file *f, int32_t n)
{
	int64_t left = f->length - (int64_t)n * f->chunk_size;

	return left < f->chunk_size ? (size_t)left : (size_t)f->chunk_size;
}

static int
damaged(const struct reader *r, int32_t n, const char *how,
    struct v2m_err *err)
{
	return v2m_err_damage(err, "%s is damaged: its chunk %d %s", r->what,
	    (int)n, how);
}

/* --- asking the server --- */

static void
end_cursor(struct reader *r)
{
	mongoc_cursor_destroy(r->cursor);
	r->cursor = NULL;
}

/* The number of chunks. */
static int32_t
count_of(const struct v2m_mongodb_file *f)
{
	return (int32_t)((f->length + f->chunk_size - 1) / f->chunk_size);
}

/* Chunks per response of an open cursor. */
static uint32_t
batch_size(const struct reader *r)
{
	int n = AHEAD_MOST / r->file.chunk_size;

	if (!r->whole && n > r->row / AHEAD_PART)
		n = r->row / AHEAD_PART;
	return n < 1 ? 1 : (uint32_t)n;
}

/* Query `many` chunks from n on, and one behind the last chunk of the file;
 * many 0: all, in batches. */
static void
begin_cursor(struct reader *r, int32_t n, int32_t many)
{
	bson_t filter = BSON_INITIALIZER, opts = BSON_INITIALIZER, part;
	bool to_end = n + many >= count_of(&r->file);

	BSON_APPEND_OID(&filter, "files_id", &r->file.id);
	if (many == 1 && !to_end) {
		BSON_APPEND_INT32(&filter, "n", n);
		BSON_APPEND_INT64(&opts, "limit", 1);
	} else {
		BSON_APPEND_DOCUMENT_BEGIN(&filter, "n", &part);
		BSON_APPEND_INT32(&part, "$gte", n);
		if (many > 0 && !to_end)
			BSON_APPEND_INT32(&part, "$lt", n + many);
		bson_append_document_end(&filter, &part);
		BSON_APPEND_DOCUMENT_BEGIN(&opts, "sort", &part);
		BSON_APPEND_INT32(&part, "n", 1);
		bson_append_document_end(&opts, &part);
	}
	if (many == 0) {
		BSON_APPEND_INT32(&opts, "batchSize", (int32_t)batch_size(r));
	} else if (many > 1 || to_end) {
		/* In one response, which leaves no open cursor. */
		BSON_APPEND_INT64(&opts, "limit", many + to_end);
		BSON_APPEND_BOOL(&opts, "singleBatch", true);
	}
	end_cursor(r);
	r->cursor = mongoc_collection_find_with_opts(r->m->chunks[r->kind],
	    &filter, &opts, NULL);
	r->coming = n;
	bson_destroy(&filter);
	bson_destroy(&opts);
}

/* Get the bytes of chunk n, and check them; valid while doc is. */
static int
bytes_of(const struct reader *r, int32_t n, const bson_t *doc,
    const uint8_t **data, struct v2m_err *err)
{
	size_t wanted = size_of(&r->file, n);
	bson_subtype_t type;
	bson_iter_t it;
	uint32_t len;

	if (v2m_mongodb_int(doc, "n", -1) != n)
		return damaged(r, n, "is missing, or there twice", err);
	if (!bson_iter_init_find(&it, doc, "data") ||
	    !BSON_ITER_HOLDS_BINARY(&it))
		return damaged(r, n, "has no data", err);
	bson_iter_binary(&it, &type, &len, data);
	if (r->partial ? len < wanted : len != wanted)
		return damaged(r, n, "is not as long as it should be", err);
	return 0;
}

static int
take_chunk(struct reader *r, struct slot *s, int32_t n, const bson_t *doc,
    struct v2m_err *err)
{
	const uint8_t *data;

	if (bytes_of(r, n, doc, &data, err) < 0)
		return -1;
	if (s->data == NULL)
		s->data = malloc(size_of(&r->file, 0));
	if (s->data == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot read %s", r->what);
	memcpy(s->data, data, size_of(&r->file, n));
	s->n = n;
	return 0;
}

/* A chunk is missing without an error: the file is damaged, or was removed. */
static int
explain(struct reader *r, int32_t n, struct v2m_err *err)
{
	int there = r->partial ? 1 :
	    v2m_mongodb_find(r->m, r->kind, r->id, NULL, NULL, err);

	if (there < 0)
		return -1;
	if (there == 0)
		return v2m_err_set(err, V2M_NOINPUT, "%s was removed while it "
		    "was read", r->what);
	return damaged(r, n, "is missing", err);
}

/* Does the file fit into the slots, and into one or two responses? */
static bool
is_small(const struct reader *r)
{
	return !r->partial && r->file.length > 0 && r->file.length <=
	    SMALL_BYTES && r->file.length <= (int64_t)r->nslots *
	    r->file.chunk_size;
}

/* Fetch all chunks of a small file, and check that there are no more, by one
 * query. */
static int
fetch_all(struct reader *r, struct v2m_err *err)
{
	int32_t n, count = count_of(&r->file);
	bson_error_t error;
	const bson_t *doc;
	int ret = 0;

	begin_cursor(r, 0, count);
	for (n = 0; ret == 0 && mongoc_cursor_next(r->cursor, &doc); n++)
		ret = n < count ? take_chunk(r, &r->slots[n], n, doc, err) :
		    damaged(r, n, SURPLUS, err);
	if (ret == 0 && mongoc_cursor_error(r->cursor, &error))
		ret = v2m_mongodb_err(r->m, &error, err, "read %s", r->what);
	else if (ret == 0 && n < count)
		ret = explain(r, n, err);
	end_cursor(r);
	for (n = 0; ret < 0 && n < r->nslots; n++)
		r->slots[n].n = -1;
	return ret;
}

/* After the last chunk: check that there are no more. */
static int
look_behind(struct reader *r, int32_t n, struct v2m_err *err)
{
	bson_error_t error;
	const bson_t *doc;

	if (r->partial || n + 1 < count_of(&r->file))
		return 0;
	if (mongoc_cursor_next(r->cursor, &doc))
		return damaged(r, n + 1, SURPLUS, err);
	return mongoc_cursor_error(r->cursor, &error) ?
	    v2m_mongodb_err(r->m, &error, err, "read %s", r->what) : 0;
}

static int
fetch_once(struct reader *r, struct slot *s, int32_t n, struct v2m_err *err)
{
	bool more = r->whole || r->row >= 2;
	bson_error_t error;
	const bson_t *doc;
	int ret;

	if (is_small(r))
		return fetch_all(r, err);
	if (r->cursor == NULL || r->coming != n)
		begin_cursor(r, n, more ? 0 : 1);
	else
		mongoc_cursor_set_batch_size(r->cursor, batch_size(r));
	if (mongoc_cursor_next(r->cursor, &doc))
		ret = take_chunk(r, s, n, doc, err);
	else if (mongoc_cursor_error(r->cursor, &error))
		ret = v2m_mongodb_err(r->m, &error, err, "read %s", r->what);
	else
		ret = explain(r, n, err);
	if (ret == 0)
		ret = look_behind(r, n, err);
	if (ret < 0 || !more)
		end_cursor(r);
	r->coming = n + 1;
	return ret;
}

/* Also opens a cursor again that the server has timed out. */
static int
fetch_chunk(struct reader *r, struct slot *s, int32_t n, struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_BYTES_MS);
	int ret;

	r->row = n == r->last + 1 ? r->row + 1 : 0;
	s->n = -1;
	do
		ret = fetch_once(r, s, n, &t.failure);
	while (v2m_mongodb_again(&t, ret, err));
	if (ret == 0)
		r->last = n;
	return ret;
}

static const uint8_t *
chunk(struct reader *r, int32_t n, struct v2m_err *err)
{
	struct slot *s = &r->slots[0];
	int i;

	for (i = 0; i < r->nslots; i++) {
		if (r->slots[i].n == n) {
			s = &r->slots[i];
			break;
		}
		if (r->slots[i].used < s->used)
			s = &r->slots[i];
	}
	if (s->n != n && fetch_chunk(r, s, n, err) < 0)
		return NULL;
	if (is_small(r))
		s = &r->slots[n];
	s->used = ++r->clock;
	return s->data;
}

/* --- called by the store --- */

/* Check that an empty file has no chunk, or an empty one, as old drivers wrote
 * it. */
static int
check_empty(struct reader *r, struct v2m_err *err)
{
	bson_t filter = BSON_INITIALIZER, doc;
	const uint8_t *data;
	bson_subtype_t type;
	char doing[16 + V2M_OBJECT_WHAT];
	bson_iter_t it;
	uint32_t len = 1;
	int found;

	BSON_APPEND_OID(&filter, "files_id", &r->file.id);
	snprintf(doing, sizeof doing, "read %s", r->what);
	found = v2m_mongodb_one(r->m, r->m->chunks[r->kind], &filter, &doc,
	    doing, err);
	bson_destroy(&filter);
	if (found <= 0)
		return found;
	if (bson_iter_init_find(&it, &doc, "data") &&
	    BSON_ITER_HOLDS_BINARY(&it))
		bson_iter_binary(&it, &type, &len, &data);
	bson_destroy(&doc);
	return len == 0 ? 0 : damaged(r, 0, SURPLUS, err);
}

static struct reader *
new_reader(struct v2m_mongodb *m, enum v2m_kind kind, const char *id)
{
	struct reader *r = calloc(1, sizeof *r);
	int i;

	if (r == NULL)
		return NULL;
	r->m = m;
	r->kind = kind;
	r->last = -1;
	r->row = -1;		/* the first chunk does not count as in order */
	memcpy(r->id, id, sizeof r->id);
	v2m_object_what(r->what, kind, id);
	for (i = 0; i < SLOTS; i++)
		r->slots[i].n = -1;
	return r;
}

static void
count_slots(struct reader *r)
{
	int n = SLOTS_BYTES / r->file.chunk_size;

	r->nslots = n < 2 ? 2 : n > SLOTS ? SLOTS : n;
}

void *
v2m_mongodb_read(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err)
{
	struct reader *r = new_reader(self, kind, id);
	int found;

	if (r == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot read the store");
		return NULL;
	}
	found = v2m_mongodb_find(self, kind, id, object, &r->file, err);
	if (found == 0)
		v2m_object_missing(kind, err);
	if (found > 0)
		count_slots(r);
	if (found <= 0 || (r->file.length == 0 && check_empty(r, err) < 0)) {
		v2m_mongodb_release(r);
		return NULL;
	}
	return r;
}

void *
v2m_mongodb_read_partial(struct v2m_mongodb *m, enum v2m_kind kind,
    const char *id, const struct v2m_mongodb_file *file, struct v2m_err *err)
{
	struct reader *r = new_reader(m, kind, id);

	if (r == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot read the store");
		return NULL;
	}
	r->file = *file;
	r->partial = true;
	count_slots(r);
	return r;
}

void
v2m_mongodb_read_on(void *reader)
{
	((struct reader *)reader)->whole = true;
}

/* --- many chunks at once --- */

struct range {
	uint8_t *to;
	int64_t offset;
	size_t n;
};

/* Copy the wanted part of chunk k. */
static int
copy_chunk(const struct reader *r, int32_t k, const bson_t *doc,
    const struct range *w, struct v2m_err *err)
{
	int64_t at = (int64_t)k * r->file.chunk_size;
	int64_t end = at + (int64_t)size_of(&r->file, k);
	int64_t from = at > w->offset ? at : w->offset;
	const uint8_t *data;

	if (bytes_of(r, k, doc, &data, err) < 0)
		return -1;
	if (end > w->offset + (int64_t)w->n)
		end = w->offset + (int64_t)w->n;
	memcpy(w->to + (from - w->offset), data + (from - at),
	    (size_t)(end - from));
	return 0;
}

static int
read_range_once(struct reader *r, const struct range *w, struct v2m_err *err)
{
	int32_t first = (int32_t)(w->offset / r->file.chunk_size);
	int32_t last = (int32_t)((w->offset + (int64_t)w->n - 1) /
	    r->file.chunk_size), k;
	bson_error_t error;
	const bson_t *doc;
	int ret = 0;

	begin_cursor(r, first, last - first + 1);
	for (k = first; ret == 0 && k <= last; k++)
		if (mongoc_cursor_next(r->cursor, &doc))
			ret = copy_chunk(r, k, doc, w, err);
		else if (mongoc_cursor_error(r->cursor, &error))
			ret = v2m_mongodb_err(r->m, &error, err, "read %s",
			    r->what);
		else
			ret = explain(r, k, err);
	if (ret == 0)
		ret = look_behind(r, last, err);
	end_cursor(r);
	return ret;
}

/* Read a range, by one query for each AHEAD_MOST bytes. */
static int
read_range(struct reader *r, struct range w, struct v2m_err *err)
{
	size_t left = w.n, most = AHEAD_MOST / (size_t)r->file.chunk_size *
	    (size_t)r->file.chunk_size;
	struct v2m_mongodb_try t;
	int ret = 0;

	while (ret == 0 && left > 0) {
		w.n = left < most ? left : most;
		t = v2m_mongodb_try(V2M_MONGODB_BYTES_MS);
		do
			ret = read_range_once(r, &w, &t.failure);
		while (v2m_mongodb_again(&t, ret, err));
		w.to += w.n;
		w.offset += (int64_t)w.n;
		left -= w.n;
	}
	return ret;
}

static bool
is_many(const struct reader *r, size_t n)
{
	return !r->whole && !is_small(r) &&
	    (int64_t)n > (int64_t)MANY * r->file.chunk_size &&
	    r->file.chunk_size <= AHEAD_MOST;
}

/* offset + n is within the object. */
ssize_t
v2m_mongodb_pread(void *reader, void *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	struct reader *r = reader;
	uint8_t *to = buf;
	size_t done = 0;

	if (is_many(r, n))
		return read_range(r, (struct range){ buf, offset, n }, err) <
		    0 ? -1 : (ssize_t)n;

	while (done < n) {
		int64_t at = offset + (int64_t)done;
		int32_t k = (int32_t)(at / r->file.chunk_size);
		size_t skip = (size_t)(at % r->file.chunk_size);
		size_t part = size_of(&r->file, k) - skip;
		const uint8_t *data = chunk(r, k, err);

		if (data == NULL)
			return -1;
		if (part > n - done)
			part = n - done;
		memcpy(to + done, data + skip, part);
		done += part;
	}
	return (ssize_t)n;
}

void
v2m_mongodb_release(void *reader)
{
	struct reader *r = reader;
	int i;

	end_cursor(r);
	for (i = 0; i < SLOTS; i++)
		free(r->slots[i].data);
	free(r);
}
