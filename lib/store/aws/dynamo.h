/* dynamo.h - a store in one table of DynamoDB, or of a compatible server:
 * dynamodb://TABLE?region=R&endpoint=URL&point_in_time=yes
 *
 * The partition key is k, the sort key s, both strings:
 *
 *	job#N		ID	a record, with its fields
 *	note#KIND#N	KEY	a document
 *	owner#OWNER	ID	a mark: a record of this owner
 *	live#OWNER	ID	a mark: one that waits or runs
 *	sha256#OWNER	SHA256#ID	a mark: one whose video has this SHA-256
 *	mp3#MP3		ID	a mark: one with this MP3
 *	fresh#N		OWNER ID	a mark: one queued and never claimed
 *	owners		OWNER	a mark: this owner has records
 *	census#N	all	counters of records, by state
 *	head-video#N	ID	the head of an object: its facts, and the
 *	head-mp3#N	ID	word in the keys of its chunks
 *	bytes#WORD#M	I	chunk 16 * I + M of the object
 *	of#VIDEO	ID	a mark: this MP3 was made for that job
 *	pending#N	WORD	chunks with this word are being written
 *				or removed
 *	partial#N	ID	the fence of a partial upload, whose chunks
 *				have its ID as word
 *
 * N, from 0 to V2M_DYNAMO_SHARDS - 1, is a hash of the ID, key, owner or word:
 * a partition takes 1,000 write units per second.  A list is merged from all N.
 *
 * A record changes by one conditional write.  A mark is written before the
 * record gets the property, and removed after it has lost it, so a mark only
 * says that the record may have it: lists read each record they find
 * (consistently) and check it.  The one index `open` has the records that still
 * need work.  It is updated late, so only lists that are repeated (sweeps) or
 * shown use it.  Whoever changes a record from a list does so by
 * compare-and-set.
 *
 * An object appears with its head, which is written last and removed first, and
 * never overwritten.  A word is random and used by one writer only, so writers
 * never touch each other's chunks.
 *
 * Empty strings and zeros are not stored.
 *
 * Files: dynamo.c (open, table of functions), dynamo_init.c (v2m-init),
 * dynamo_ask.c (requests), dynamo_clock.c (the server's time), dynamo_item.c
 * (one item), dynamo_walk.c (many).  Records: dynamo_fields.c (record and
 * item), dynamo_records.c, dynamo_marks.c, dynamo_lists.c, dynamo_census.c,
 * dynamo_documents.c.  Objects: dynamo_objects.c (heads), dynamo_chunks.c
 * (bytes), dynamo_write.c, dynamo_read.c, dynamo_partials.c, dynamo_tidy.c
 * (remove what was left).
 */
#ifndef V2M_STORE_AWS_DYNAMO_H
#define V2M_STORE_AWS_DYNAMO_H

#include <jansson.h>

#include "store/aws/aws.h"
#include "store/document.h"
#include "store/objects.h"
#include "store/records.h"

#define V2M_DYNAMO_SHARDS 8
#define V2M_DYNAMO_CHUNK (256 * 1024)	/* bytes; an item has at most 400 KB */
#define V2M_DYNAMO_CHUNKS 8	/* chunks per request */
#define V2M_DYNAMO_KEY 512	/* bytes of k or s, with the NUL */
#define V2M_DYNAMO_OPEN "open"	/* the index, and its partition key */
#define V2M_DYNAMO_TRIES 10	/* tries of a batch that is done in part only */

struct v2m_dynamo {
	struct v2m_aws aws;
	char table[256];
	bool point_in_time;
	int64_t clock_ms;	/* the server's time minus monotonic time */
	int64_t clock_at_ms;	/* monotonic: when that was set; 0: never */
	int halves;		/* drivers that use it; the last one closes
				 * it */
};

/* --- dynamo_ask.c --- */

/* Send one request.  operation: "GetItem".  request is taken over, and gets the
 * table's name; NULL means out of memory.  0: *answer, to be freed with
 * json_decref().  1: its condition does not hold (for DescribeTable: there is
 * no table); *lost, unless NULL: an earlier try had no response and may have
 * been executed.  -1: "cannot DOING: ...", as v2m_aws_ask(), or
 * V2M_UNAVAILABLE: the response is not JSON. */
int v2m_dynamo_ask(struct v2m_dynamo *d, const char *operation, json_t *request,
    json_t **answer, bool *lost, const char *doing, struct v2m_err *err);

/* The same if the response does not matter.  1: its condition does not hold. */
int v2m_dynamo_do(struct v2m_dynamo *d, const char *operation, json_t *request,
    const char *doing, struct v2m_err *err);

/* --- dynamo_item.c --- */

struct v2m_dynamo_key {
	char k[V2M_DYNAMO_KEY], s[V2M_DYNAMO_KEY];
};

/* Make a key with k "PREFIX#N" and this s; prefix: "job". */
void v2m_dynamo_sharded(struct v2m_dynamo_key *key, const char *prefix,
    const char *s);

json_t *v2m_dynamo_text(const char *text);	/* {"S": text} */
json_t *v2m_dynamo_number(int64_t n);		/* {"N": "n"} */
json_t *v2m_dynamo_key_json(const struct v2m_dynamo_key *key);

/* An attribute of an item; "" or 0 if it has none.  The text is valid while
 * item is. */
const char *v2m_dynamo_text_of(const json_t *item, const char *name);
int64_t v2m_dynamo_number_of(const json_t *item, const char *name);

/* Read an item, consistently.  1: *item, to be freed with json_decref(); 0:
 * there is none; -1. */
int v2m_dynamo_get(struct v2m_dynamo *d, const struct v2m_dynamo_key *key,
    json_t **item, const char *doing, struct v2m_err *err);

/* A change of an item: attributes to set, and names of those to remove. */
struct v2m_dynamo_change {
	const struct v2m_dynamo_key *key;
	int64_t old_rev;		/* 0: the item must not exist */
	json_t *set;			/* { name: value }, taken over */
	json_t *remove;			/* [ name ], taken over; or NULL */
	const char *doing;
};

/* Compare-and-set on the attribute rev.  1: changed; 0: it has another rev; -1:
 * the outcome may be unknown. */
int v2m_dynamo_change(struct v2m_dynamo *d, struct v2m_dynamo_change *c,
    struct v2m_err *err);

/* Delete an item with this rev; 0: with any.  1; 0: it is missing or has
 * another rev; -1. */
int v2m_dynamo_delete(struct v2m_dynamo *d, const struct v2m_dynamo_key *key,
    int64_t rev, const char *doing, struct v2m_err *err);

/* Write and remove items without conditions: an array of at most 25 objects
 * with a PutRequest or a DeleteRequest each, which is taken over.  0; -1. */
int v2m_dynamo_batch(struct v2m_dynamo *d, json_t *writes, const char *doing,
    struct v2m_err *err);

/* The same for *writes, unless NULL or empty; sets *writes to NULL. */
int v2m_dynamo_flush(struct v2m_dynamo *d, json_t **writes, const char *doing,
    struct v2m_err *err);

/* Read the items with these keys (an array of at most 100, taken over),
 * consistently and in any order; missing ones are left out.  If each returns 0
 * it goes on; another value ends it and is returned. */
int v2m_dynamo_get_items(struct v2m_dynamo *d, json_t *keys,
    int (*each)(void *arg, const json_t *item), void *arg, const char *doing,
    struct v2m_err *err);

/* --- dynamo_clock.c --- */

int v2m_dynamo_now(void *self, int64_t *now_ms, struct v2m_err *err);

/* --- dynamo_walk.c --- */

/* Items with one k, or with all of its shards, sorted by s. */
struct v2m_dynamo_range {
	const char *prefix;
	bool sharded;			/* "PREFIX#N", else "PREFIX" */
	bool open_only;			/* use the index `open` */
	bool backwards;
	bool keys_only;			/* read only k and s */
	const char *bound;		/* only items after this s, in the order
					 * of the walk; "": all */
	int page;			/* items per request and shard */
};

/* If each returns 0 it goes on; another value ends it and is returned.  0 at
 * the end; -1: a request failed. */
int v2m_dynamo_walk(struct v2m_dynamo *d, const struct v2m_dynamo_range *range,
    int (*each)(void *arg, const json_t *item), void *arg, const char *doing,
    struct v2m_err *err);

/* --- dynamo_fields.c --- */

void v2m_dynamo_parse(const json_t *item, struct v2m_record *r);
void v2m_dynamo_record_key(struct v2m_dynamo_key *key, const char *id);

/* Is the record in the index `open`? */
bool v2m_dynamo_is_open(const struct v2m_record *r);

/* Fill c->set and c->remove with the fields that differ, so that fields of a
 * newer v2m stay.  old: the stored record, or one of zeros. */
void v2m_dynamo_compose(struct v2m_dynamo_change *c,
    const struct v2m_record *r, const struct v2m_record *old);

/* --- dynamo_records.c --- */

/* Read records by their IDs, at most V2M_DYNAMO_BATCH, consistently.  each gets
 * those that exist, in the order of ids; another value than 0 ends it and is
 * returned. */
#define V2M_DYNAMO_BATCH 50
int v2m_dynamo_get_many(struct v2m_dynamo *d, char (*ids)[V2M_ID_SIZE],
    size_t n, int (*each)(void *arg, struct v2m_record *r), void *arg,
    struct v2m_err *err);

int v2m_dynamo_record_get(void *self, const char *id, struct v2m_record *r,
    struct v2m_err *err);
int v2m_dynamo_get_by_mp3(void *self, const char *mp3, struct v2m_record *r,
    struct v2m_err *err);
int v2m_dynamo_insert(void *self, const struct v2m_record *r,
    struct v2m_err *err);
int v2m_dynamo_put(void *self, const struct v2m_record *r, int64_t old_rev,
    bool *full, struct v2m_err *err);
int v2m_dynamo_forget(void *self, const char *id, struct v2m_err *err);

/* --- dynamo_marks.c --- */

/* Write the marks that r needs and old has not; old NULL: all. */
int v2m_dynamo_mark(struct v2m_dynamo *d, const struct v2m_record *r,
    const struct v2m_record *old, struct v2m_err *err);

/* Remove the marks that old has and r does not need; r NULL: all. */
int v2m_dynamo_unmark(struct v2m_dynamo *d, const struct v2m_record *old,
    const struct v2m_record *r, struct v2m_err *err);

/* --- dynamo_lists.c --- */

int v2m_dynamo_list(void *self, const struct v2m_filter *filter,
    struct v2m_page *page, struct v2m_err *err);
int v2m_dynamo_count(void *self, const struct v2m_filter *filter, int64_t *n,
    struct v2m_err *err);
int v2m_dynamo_count_states(void *self, const char *owner,
    int64_t counts[V2M_JOB_STATES], struct v2m_err *err);
int v2m_dynamo_usage(void *self, const char *owner, const char *const *skip,
    size_t n, bool with_bytes, struct v2m_usage *usage, struct v2m_err *err);
int v2m_dynamo_next_owner(void *self, const char *after,
    char owner[V2M_EMAIL_MAX], struct v2m_err *err);
int v2m_dynamo_next_fresh(void *self, const char *after,
    struct v2m_record *r, struct v2m_err *err);

/* --- dynamo_census.c --- */

/* Count a change of a record from old to r; NULL: it is new, or it is gone.  A
 * failure is ignored: v2m-init counts again. */
void v2m_dynamo_census_note(struct v2m_dynamo *d, const struct v2m_record *old,
    const struct v2m_record *r);
int v2m_dynamo_census_anew(struct v2m_dynamo *d, struct v2m_err *err);
int v2m_dynamo_census(void *self, struct v2m_census *census,
    struct v2m_err *err);

/* --- dynamo_documents.c --- */

int v2m_dynamo_document_get(void *self, const char *kind, const char *key,
    struct v2m_document *n, struct v2m_err *err);
int v2m_dynamo_document_put(void *self, const struct v2m_document *n,
    int64_t old_rev, struct v2m_err *err);
int v2m_dynamo_document_drop(void *self, const char *kind, const char *key,
    int64_t rev, struct v2m_err *err);
int v2m_dynamo_document_list(void *self, const char *kind,
    int64_t until_before, const char *after, int limit,
    struct v2m_document **list, size_t *n, struct v2m_err *err);

/* --- dynamo_objects.c --- */

#define V2M_DYNAMO_WORD V2M_ID_SIZE

struct v2m_dynamo_head {
	struct v2m_object object;
	char word[V2M_DYNAMO_WORD];
	int64_t size;			/* bytes of a chunk, except the last */
};

/* Read a head.  1; 0: there is none; -1, V2M_IO: it is invalid. */
int v2m_dynamo_head(struct v2m_dynamo *d, enum v2m_kind kind, const char *id,
    struct v2m_dynamo_head *head, struct v2m_err *err);

/* Write the head, with which the object appears.  1; 0: the ID has an object;
 * -1: the outcome may be unknown. */
int v2m_dynamo_publish(struct v2m_dynamo *d, enum v2m_kind kind,
    const struct v2m_dynamo_head *head, struct v2m_err *err);
/* Give the object's fence and created_at to a video with the same bytes and an
 * older or the same fence.  1; 0: there is no such video; -1. */
int v2m_dynamo_adopt(struct v2m_dynamo *d, const struct v2m_object *object,
    struct v2m_err *err);
/* Remove the head, if it is that of this object. */
int v2m_dynamo_unpublish(struct v2m_dynamo *d, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err);

/* Note that there may be chunks with this word but no head; forget that. */
int v2m_dynamo_pend(struct v2m_dynamo *d, enum v2m_kind kind, const char *id,
    const char *word, struct v2m_err *err);
int v2m_dynamo_unpend(struct v2m_dynamo *d, const char *word,
    struct v2m_err *err);

int v2m_dynamo_stat(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err);
int v2m_dynamo_remove(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err);
int v2m_dynamo_objects(void *self, enum v2m_kind kind, const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err);

/* --- dynamo_chunks.c --- */

void v2m_dynamo_chunk_key(struct v2m_dynamo_key *key, const char *word,
    int64_t n);
json_t *v2m_dynamo_bytes(const void *buf, size_t n);	/* {"B": base64} */

/* Write n bytes as chunks from number `first` on, at most V2M_DYNAMO_CHUNKS. */
int v2m_dynamo_write_chunks(struct v2m_dynamo *d, const char *word,
    int64_t first, const void *buf, size_t n, const char *doing,
    struct v2m_err *err);

/* Read n bytes, in chunks of `size`, from number `first` on.  V2M_IO: a chunk
 * is missing or too short. */
int v2m_dynamo_read_chunks(struct v2m_dynamo *d, const char *word,
    int64_t first, int64_t size, void *buf, size_t n, const char *what,
    struct v2m_err *err);

/* Delete the chunks from number `from` up to `end` - 1, whether or not they
 * exist. */
int v2m_dynamo_delete_chunks(struct v2m_dynamo *d, const char *word,
    int64_t from, int64_t end, struct v2m_err *err);

/* Delete all chunks from number `from` on; those of a partial upload only with
 * a fence up to this one.  fence INT64_MAX: all. */
int v2m_dynamo_find_and_delete(struct v2m_dynamo *d, const char *word,
    int64_t from, int64_t fence, struct v2m_err *err);

/* --- dynamo_write.c, dynamo_read.c, dynamo_partials.c, dynamo_tidy.c: as in
 * struct v2m_objects_ops --- */

void *v2m_dynamo_create(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err);
int v2m_dynamo_write(void *writer, const void *buf, size_t n,
    struct v2m_err *err);
int v2m_dynamo_commit(void *writer, const struct v2m_object *object,
    struct v2m_err *err);
void v2m_dynamo_discard(void *writer);

void *v2m_dynamo_read(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err);
/* what: "the video 0123...", copied. */
void *v2m_dynamo_reader(struct v2m_dynamo *d, const char *word, int64_t length,
    int64_t size, const char *what, struct v2m_err *err);
void v2m_dynamo_read_on(void *reader);
ssize_t v2m_dynamo_pread(void *reader, void *buf, size_t n, int64_t offset,
    struct v2m_err *err);
void v2m_dynamo_release(void *reader);

int64_t v2m_dynamo_partial_chunk_size(void *self);
int v2m_dynamo_partial_begin(void *self, const char *id, int64_t fence,
    struct v2m_err *err);
int v2m_dynamo_partial_take(void *self, const char *id, int64_t fence,
    int64_t size, int64_t chunk_size, struct v2m_err *err);
int v2m_dynamo_partial_write(void *self, const char *id, int64_t fence,
    int64_t chunk_size, int64_t offset, const void *buf, size_t n,
    struct v2m_err *err);
void *v2m_dynamo_partial_read(void *self, const char *id, int64_t size,
    int64_t chunk_size, struct v2m_err *err);
int v2m_dynamo_partial_finish(void *self, int64_t chunk_size,
    const struct v2m_object *object, struct v2m_err *err);
int v2m_dynamo_partial_unfinish(void *self, const struct v2m_object *object,
    struct v2m_err *err);
int v2m_dynamo_partial_erase(void *self, const char *id, struct v2m_err *err);

int v2m_dynamo_tidy(void *self, const struct v2m_tidy *t, struct v2m_err *err);

/* --- dynamo_init.c --- */

int v2m_dynamo_make(struct v2m_dynamo *d, struct v2m_err *err);
/* Does the table exist, with its index?  V2M_CONFIG: no; V2M_TEMP: it is being
 * created. */
int v2m_dynamo_ready(void *self, struct v2m_err *err);

#endif
