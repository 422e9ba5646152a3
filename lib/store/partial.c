/* The state of a partial upload is a document (kind V2M_PARTIAL_DOCUMENT, key
 * ID); the driver stores the bytes.  Taking it changes the document first; the
 * new revision is the fence, which is then given to the driver.  The document
 * says how many bytes are valid: a save writes them first, and then changes the
 * document, which only the holder can.  Less than a chunk is kept in memory,
 * and written as a short chunk at a save. */
#include "store/partial.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "store/document.h"
#include "store/moved.h"
#include "store/private.h"

#define READ_SIZE (256 * 1024)
#define MOST_TAKES 100		/* so often another may be faster */

static int
taken_over(const struct v2m_partial *p, struct v2m_err *err)
{
	return v2m_err_set(err, V2M_DENIED, "the upload %s was taken over by "
	    "another connection, or removed", p->id);
}

static int
no_memory(const char *id, struct v2m_err *err)
{
	return v2m_err_set(err, V2M_TEMP, "cannot store the upload %s: out of "
	    "memory", id);
}

/* --- its state as text --- */

static int
compose_document(const struct v2m_partial *p, struct v2m_document *document,
    struct v2m_err *err)
{
	char hash[V2M_SHA256_SAVED] = "";
	json_t *json;
	char *text;
	int ret;

	if (p->hashed)
		v2m_sha256_save(&p->hash, hash);
	json = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:s}",
	    "owner", p->owner, "text", p->text, "length", (json_int_t)p->length,
	    "most", (json_int_t)p->most, "saved", (json_int_t)p->saved,
	    "created", (json_int_t)p->created_at, "piece",
	    (json_int_t)p->chunk_size, "held", (int)p->held, "doubtful",
	    (int)p->doubtful, "hash", hash);
	text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text == NULL)
		return no_memory(p->id, err);
	document->until = p->until;
	ret = v2m_document_set(document, text, err);
	free(text);
	return ret;
}

static bool
read_members(struct v2m_partial *p, json_t *json)
{
	const char *owner, *text, *hash;
	json_int_t length, most, saved, created, chunk_size;
	int held, doubtful;

	if (json_unpack(json, "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:b, "
	    "s:s}", "owner", &owner, "text", &text, "length", &length, "most",
	    &most, "saved", &saved, "created", &created, "piece", &chunk_size,
	    "held", &held, "doubtful", &doubtful, "hash", &hash) < 0 || length <
	    -1 || saved < 0 || (length >= 0 && saved > length) || chunk_size <
	    1)
		return false;
	v2m_text_copy(p->owner, sizeof p->owner, owner);
	v2m_text_copy(p->text, sizeof p->text, text);
	p->length = length;
	p->most = most;
	p->saved = p->offset = saved;
	p->created_at = created;
	p->chunk_size = chunk_size;
	p->held = held != 0;
	p->doubtful = doubtful != 0;
	p->hashed = v2m_sha256_load(&p->hash, hash);
	return true;
}

static int
parse_document(struct v2m_partial *p, const struct v2m_document *document,
    struct v2m_err *err)
{
	json_t *json = json_loads(v2m_document_text(document), 0, NULL);
	bool fine;

	v2m_text_copy(p->id, sizeof p->id, document->key);
	p->rev = document->rev;
	p->until = document->until;
	p->ours = false;
	p->ngathered = 0;
	fine = json != NULL && read_members(p, json);
	json_decref(json);
	return fine ? 0 : v2m_err_set(err, V2M_IO, "the state of the upload "
	    "%s is invalid", p->id);
}

/* 1, 0, -1. */
static int
find_partial(struct v2m_store *s, const char *id, struct v2m_partial *p,
    struct v2m_document *document, struct v2m_err *err)
{
	int found = v2m_document_get(s, V2M_PARTIAL_DOCUMENT, id, document,
	    err);

	if (found == 1 && parse_document(p, document, err) < 0)
		found = -1;
	if (found == 0)
		v2m_err_set(err, V2M_NOINPUT, "there is no such upload");
	return found;
}

/* Write the state.  1; 0: another has changed it; -1. */
static int
put_state(struct v2m_store *s, struct v2m_partial *p, struct v2m_err *err)
{
	struct v2m_document document = { .rev = p->rev };
	int put = -1;

	v2m_text_copy(document.kind, sizeof document.kind,
	    V2M_PARTIAL_DOCUMENT);
	v2m_text_copy(document.key, sizeof document.key, p->id);
	if (compose_document(p, &document, err) == 0)
		put = v2m_document_put(s, &document, err);
	if (put == 1)
		p->rev = document.rev;
	v2m_document_clear(&document);
	return put;
}

/* --- create, read, take --- */

static int
make_room(struct v2m_partial *p, struct v2m_err *err)
{
	free(p->gathered);
	p->gathered = malloc((size_t)p->chunk_size);
	return p->gathered == NULL ? no_memory(p->id, err) : 0;
}

int
v2m_partial_create(struct v2m_store *s, struct v2m_partial *p, struct v2m_err
    *err)
{
	struct v2m_err ignored;
	int put;

	if (v2m_store_check_id(p->id, V2M_BUG, err) < 0 ||
	    v2m_moved_check(s, V2M_WRITE_NEW, err) < 0 ||
	    s->records->now(s->record_driver, &p->created_at, err) < 0)
		return -1;
	v2m_text_clean(p->owner);
	v2m_text_clean(p->text);
	p->chunk_size = s->objects->partial_chunk_size(s->object_driver);
	p->rev = p->offset = p->saved = 0;
	p->ngathered = 0;
	p->held = p->hashed = true;
	p->doubtful = false;
	v2m_sha256_init(&p->hash);
	if (make_room(p, err) < 0)
		return -1;
	put = put_state(s, p, err);
	if (put == 0)
		return v2m_err_set(err, V2M_CANTCREATE, "there is an upload "
		    "%s already", p->id);
	p->fence = p->rev;
	if (put < 0 || v2m_fault("partial-noted", err) < 0 ||
	    s->objects->partial_begin(s->object_driver, p->id, p->fence, err) <
	    0) {
		v2m_partial_drop(s, p->id, &ignored);
		return -1;
	}
	p->ours = true;
	return 0;
}

int
v2m_partial_get(struct v2m_store *s, const char *id, struct v2m_partial *p,
    struct v2m_err *err)
{
	struct v2m_document document = { .rev = 0 };
	int found;

	if (v2m_store_check_id(id, V2M_NOINPUT, err) < 0)
		return -1;
	found = find_partial(s, id, p, &document, err);
	v2m_document_clear(&document);
	return found == 1 ? 0 : -1;
}

/* Open the saved bytes for reading. */
static struct v2m_reader *
open_reader(struct v2m_store *s, const struct v2m_partial *p,
    struct v2m_err *err)
{
	struct v2m_reader *r = calloc(1, sizeof *r);

	if (r == NULL) {
		no_memory(p->id, err);
		return NULL;
	}
	r->ops = s->objects;
	r->length = p->saved;
	r->self = s->objects->partial_read(s->object_driver, p->id, p->saved,
	    p->chunk_size, err);
	if (r->self == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

/* Read back the incomplete chunk that the last save wrote. */
static int
read_gathered(struct v2m_store *s, struct v2m_partial *p, struct v2m_err *err)
{
	size_t n = (size_t)(p->saved % p->chunk_size);
	struct v2m_reader *r;
	ssize_t got;

	if (n == 0)
		return 0;
	r = open_reader(s, p, err);
	if (r == NULL)
		return -1;
	got = v2m_reader_pread(r, p->gathered, n, p->saved - (int64_t)n, err);
	v2m_reader_free(r);
	if (got < 0)
		return -1;
	p->ngathered = n;
	return 0;
}

/* Become the holder.  1; 0: another changed the state meanwhile; -1. */
static int
take_once(struct v2m_store *s, const char *id, int64_t until,
    struct v2m_partial *p, struct v2m_err *err)
{
	struct v2m_document document = { .rev = 0 };
	int64_t own = p->ours ? p->rev : 0;
	int found = find_partial(s, id, p, &document, err);

	v2m_document_clear(&document);
	if (found != 1)
		return -1;
	if (p->held && p->rev != own)
		p->doubtful = true;
	p->held = true;
	if (until != 0)
		p->until = until;
	return put_state(s, p, err);
}

int
v2m_partial_take(struct v2m_store *s, const char *id, int64_t until,
    struct v2m_partial *p, struct v2m_err *err)
{
	int took = 0, tries;

	if (v2m_store_check_id(id, V2M_NOINPUT, err) < 0 ||
	    v2m_moved_check(s, V2M_WRITE_NEW, err) < 0)
		return -1;
	for (tries = 0; took == 0 && tries < MOST_TAKES; tries++)
		took = take_once(s, id, until, p, err);
	if (took == 0)
		return v2m_err_set(err, V2M_TEMP, "the upload %s is taken by "
		    "others again and again", id);
	p->fence = p->rev;
	if (took < 0 || v2m_fault("partial-taken", err) < 0 ||
	    make_room(p, err) < 0 ||
	    s->objects->partial_take(s->object_driver, id, p->fence, p->saved,
	    p->chunk_size, err) < 0 || read_gathered(s, p, err) < 0)
		return -1;
	p->ours = true;
	return 0;
}

/* --- bytes --- */

bool
v2m_partial_gathers(const struct v2m_partial *p, size_t n)
{
	return n < (size_t)p->chunk_size - p->ngathered;
}

/* Write bytes after those that the store has. */
static int
write_out(struct v2m_store *s, struct v2m_partial *p, const void *buf, size_t n,
    int64_t offset, struct v2m_err *err)
{
	return v2m_moved_check(s, V2M_WRITE_NEW, err) < 0 ? -1 :
	    s->objects->partial_write(s->object_driver, p->id, p->fence,
	    p->chunk_size, offset, buf, n, err);
}

/* Append some of the n bytes.  Returns how many; -1. */
static ssize_t
append_some(struct v2m_store *s, struct v2m_partial *p, const unsigned char
    *buf, size_t n, struct v2m_err *err)
{
	size_t chunk_size = (size_t)p->chunk_size, part;

	if (p->ngathered == 0 && n >= chunk_size) {	/* no copy needed */
		part = n - n % chunk_size;
		return write_out(s, p, buf, part, p->offset, err) < 0 ? -1 :
		    (ssize_t)part;
	}
	part = chunk_size - p->ngathered < n ? chunk_size - p->ngathered : n;
	memcpy(p->gathered + p->ngathered, buf, part);
	if (p->ngathered + part == chunk_size) {
		if (write_out(s, p, p->gathered, chunk_size, p->offset -
		    (int64_t)p->ngathered, err) < 0)
			return -1;
		p->ngathered = 0;
	} else {
		p->ngathered += part;
	}
	return (ssize_t)part;
}

int
v2m_partial_append(struct v2m_store *s, struct v2m_partial *p, const void *buf,
    size_t n, struct v2m_err *err)
{
	int64_t most = p->length >= 0 ? p->length : p->most;
	const unsigned char *from = buf;
	ssize_t took;

	if (!p->ours)
		return taken_over(p, err);
	if (p->offset > most || (uint64_t)n > (uint64_t)(most - p->offset))
		return v2m_err_set(err, V2M_DATA, "it is longer than "
		    "the %lld bytes that were announced or are allowed",
		    (long long)most);
	while (n > 0) {
		took = append_some(s, p, from, n, err);
		if (took < 0) {
			p->ours = false;
			return -1;
		}
		if (p->hashed)
			v2m_sha256_update(&p->hash, from, (size_t)took);
		p->offset += took;
		from += took;
		n -= (size_t)took;
	}
	return 0;
}

/* again: even where the store has it all, since it may have more as well, from
 * one who was further. */
static int
flush(struct v2m_store *s, struct v2m_partial *p, bool again,
    struct v2m_err *err)
{
	if (p->offset == p->saved && !again)
		return 0;
	if (p->ngathered > 0 && write_out(s, p, p->gathered, p->ngathered,
	    p->offset - (int64_t)p->ngathered, err) < 0)
		return -1;
	return s->objects->partial_sync == NULL ? 0 :
	    s->objects->partial_sync(s->object_driver, p->id, err);
}

static int
save(struct v2m_store *s, struct v2m_partial *p, bool leave, bool again,
    struct v2m_err *err)
{
	int put;

	if (!p->ours)
		return taken_over(p, err);
	p->ours = false;	/* until the save has succeeded */
	v2m_text_clean(p->text);
	if (flush(s, p, again, err) < 0 || v2m_fault("partial-written", err) <
	    0)
		return -1;
	p->saved = p->offset;
	p->held = !leave;
	put = put_state(s, p, err);
	if (put == 0)
		return taken_over(p, err);
	if (put < 0 || v2m_fault("partial-saved", err) < 0)
		return -1;
	p->ours = !leave;
	return 0;
}

int
v2m_partial_save(struct v2m_store *s, struct v2m_partial *p, bool leave,
    struct v2m_err *err)
{
	return save(s, p, leave, false, err);
}

/* --- its end --- */

static int
read_back(struct v2m_store *s, struct v2m_partial *p, struct v2m_err *err)
{
	unsigned char *buf = malloc(READ_SIZE);
	struct v2m_reader *r = NULL;
	int64_t at = 0;
	ssize_t n = -1;

	if (buf == NULL)
		no_memory(p->id, err);
	else
		r = open_reader(s, p, err);
	if (r != NULL)
		v2m_reader_read_on(r);
	v2m_sha256_init(&p->hash);
	while (r != NULL && (n = v2m_reader_pread(r, buf, READ_SIZE, at,
	    err)) > 0) {
		v2m_sha256_update(&p->hash, buf, (size_t)n);
		at += n;
	}
	v2m_reader_free(r);
	free(buf);
	p->hashed = n == 0;
	return n == 0 ? 0 : -1;
}

/* Whoever removes the document has finished the upload.  If another has taken
 * it over meanwhile, it finds our object with our fence, and replaces the
 * fence; from then on we cannot undo it. */
static int
remove_document(struct v2m_store *s, struct v2m_partial *p,
    const struct v2m_object *object, struct v2m_err *err)
{
	int dropped = v2m_document_drop(s, V2M_PARTIAL_DOCUMENT, p->id, p->rev,
	    err);

	if (dropped == 0) {
		s->objects->partial_unfinish(s->object_driver, object, NULL);
		return taken_over(p, err);
	}
	if (dropped < 0 || v2m_fault("partial-finished", err) < 0)
		return -1;
	s->objects->partial_erase(s->object_driver, p->id, NULL);
	return 0;
}

int
v2m_partial_finish(struct v2m_store *s, struct v2m_partial *p,
    struct v2m_object *object, struct v2m_err *err)
{
	struct v2m_sha256 hash;
	int made;

	if (!p->ours)
		return taken_over(p, err);
	if (p->length >= 0 && p->length != p->offset)
		return v2m_err_set(err, V2M_DATA, "only %lld of %lld bytes "
		    "came", (long long)p->offset, (long long)p->length);
	if (save(s, p, false, p->doubtful, err) < 0)
		return -1;
	p->ours = false;
	if ((p->doubtful || !p->hashed) && read_back(s, p, err) < 0)
		return -1;
	hash = p->hash;
	v2m_sha256_final(&hash, object->sha256);
	memcpy(object->id, p->id, sizeof object->id);
	object->length = p->offset;
	object->fence = p->fence;
	if (s->records->now(s->record_driver, &object->created_at, err) < 0)
		return -1;
	v2m_text_clean(object->name);
	v2m_text_clean(object->owner);
	made = s->objects->partial_finish(s->object_driver, p->chunk_size,
	    object, err);
	if (made == 0)
		return v2m_err_set(err, V2M_CANTCREATE, "there is a video %s "
		    "already", p->id);
	return made < 0 ? -1 : remove_document(s, p, object, err);
}

int
v2m_partial_drop(struct v2m_store *s, const char *id, struct v2m_err *err)
{
	if (v2m_store_check_id(id, V2M_NOINPUT, err) < 0 ||
	    v2m_document_drop(s, V2M_PARTIAL_DOCUMENT, id, 0, err) < 0 ||
	    v2m_fault("partial-dropped", err) < 0)
		return -1;
	return s->objects->partial_erase(s->object_driver, id, err);
}

void
v2m_partial_clear(struct v2m_partial *p)
{
	free(p->gathered);
	memset(p, 0, sizeof *p);
}

/* --- lists --- */

int
v2m_partial_list(struct v2m_store *s, int64_t until_before, const char *after,
    int limit, struct v2m_partial **list, size_t *n, struct v2m_err *err)
{
	struct v2m_document *documents;
	struct v2m_err ignored;
	size_t count, i;

	*list = NULL;
	*n = 0;
	if (v2m_document_list(s, V2M_PARTIAL_DOCUMENT, until_before, after,
	    limit, &documents, &count, err) < 0)
		return -1;
	*list = calloc(count + 1, sizeof **list);
	for (i = 0; *list != NULL && i < count; i++) {
		struct v2m_partial *p = &(*list)[*n];

		/* A damaged one is listed too, so that v2m-prune removes it
		 * in time. */
		if (!v2m_id_valid(documents[i].key))
			continue;
		if (parse_document(p, &documents[i], &ignored) < 0)
			p->length = p->saved = 0;
		++*n;
	}
	v2m_documents_free(documents, count);
	return *list == NULL ? no_memory("list", err) : 0;
}

int
v2m_partial_room(struct v2m_store *s, int64_t need, int64_t reserve,
    struct v2m_err *err)
{
	if (s->records->keep_room != NULL)
		s->records->keep_room(s->record_driver, reserve);
	return s->objects->room == NULL ? 0 :
	    s->objects->room(s->object_driver, need, reserve, err);
}
