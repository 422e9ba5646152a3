/* dynamo.h - a store in one table of DynamoDB, or of what speaks like it:
 * dynamodb://TABLE?region=R&endpoint=URL&point_in_time=yes
 *
 * Every item has the key k (text), s (text):
 *
 *	job#N		ID	a record, with its fields
 *	note#KIND#N	KEY	a document
 *	owner#OWNER	ID	a mark: a record of this owner may be there
 *	live#OWNER	ID	the same, one that waits or runs
 *	sha256#OWNER	SHA256#ID	the same, of a video with these bytes
 *	mp3#MP3		ID	the same, with this MP3
 *	fresh#N		OWNER ID	the same, queued and never claimed
 *	owners		OWNER	this owner may have records
 *	census#N	all	how many there are of each state
 *	head-video#N	ID	an object: what is known of it, and the word
 *	head-mp3#N	ID	that its chunks go by
 *	bytes#WORD#M	I	its chunk 16 * I + M
 *	of#VIDEO	ID	a mark: this MP3 may be there, made of that job
 *	pending#N	WORD	chunks of this word are being written or removed
 *	partial#N	ID	who holds this upload; its word is the ID
 *
 * N is one of SHARDS, by a hash of what follows, since a partition of the
 * table takes 1,000 write units a second; a list is merged from all of them.
 *
 * A record changes by one conditional write.  A mark is written before the
 * record is such a one, and removed after it is none any more: what a list
 * finds by marks is judged at the record, which is read consistently.  The one
 * index, `open`, has the records that somebody has to see to; it lags, so only
 * those lists use it that are made again and again (sweeps), or shown.
 * Whoever changes what a list gave him does so by compare-and-set.
 *
 * An object appears with its head, which is written last and removed first,
 * and once only.  A word is that of one writer, so no two of them meet.
 *
 * Empty texts and zeros are not stored.
 *
 * Files: dynamo.c (opening, the table of functions), dynamo_init.c (v2m-init),
 * dynamo_ask.c (requests), dynamo_clock.c (the server's time), dynamo_item.c
 * (one item), dynamo_walk.c (many).  Of records: dynamo_fields.c (one as an
 * item), dynamo_records.c, dynamo_marks.c, dynamo_lists.c, dynamo_census.c,
 * dynamo_documents.c.  Of objects: dynamo_objects.c (heads), dynamo_chunks.c
 * (bytes), dynamo_write.c, dynamo_read.c, dynamo_partials.c, dynamo_tidy.c
 * (what was left).
 */
#ifndef V2M_STORE_AWS_DYNAMO_H
#define V2M_STORE_AWS_DYNAMO_H

#include <jansson.h>

#include "store/aws/aws.h"
#include "store/document.h"
#include "store/objects.h"
#include "store/records.h"

#define V2M_DYNAMO_SHARDS 8
#define V2M_DYNAMO_CHUNK (256 * 1024)	/* an item has 400 KB at most */
#define V2M_DYNAMO_CHUNKS 8	/* of one request */
#define V2M_DYNAMO_KEY 512	/* bytes of a k or s with the NUL */
#define V2M_DYNAMO_OPEN "open"	/* the index, and the text it goes by */
#define V2M_DYNAMO_TRIES 10	/* of a batch that is done in part only */

struct v2m_dynamo {
	struct v2m_aws aws;
	char table[256];
	bool point_in_time;
	int64_t clock_ms;	/* the server's time less the monotonic one */
	int64_t clock_at_ms;	/* monotonic: when it was seen; 0: never */
	int halves;		/* drivers that use it: closed by the last */
};

/* --- dynamo_ask.c --- */

/* operation: "GetItem".  request is taken over, and gets the table's name;
 * NULL: out of memory.  Returns 0 with *answer, to be dropped; 1 its condition
 * does not hold (that of DescribeTable: there is this table), and *lost, which
 * may be NULL, says whether an earlier try of the same may have been done; -1
 * with "cannot DOING: ...". */
int v2m_dynamo_ask(struct v2m_dynamo *d, const char *operation, json_t *request,
    json_t **answer, bool *lost, const char *doing, struct v2m_err *err);

/* The same where there is no condition and the answer does not matter. */
int v2m_dynamo_do(struct v2m_dynamo *d, const char *operation, json_t *request,
    const char *doing, struct v2m_err *err);

/* --- dynamo_item.c --- */

struct v2m_dynamo_key {
	char k[V2M_DYNAMO_KEY], s[V2M_DYNAMO_KEY];
};

/* "PREFIX#N" of what s is; prefix: "job". */
void v2m_dynamo_sharded(struct v2m_dynamo_key *key, const char *prefix,
    const char *s);

json_t *v2m_dynamo_text(const char *text);	/* {"S": text} */
json_t *v2m_dynamo_number(int64_t n);		/* {"N": "n"} */
json_t *v2m_dynamo_key_json(const struct v2m_dynamo_key *key);

/* Of an item; "" and 0 where it has none. */
const char *v2m_dynamo_text_of(const json_t *item, const char *name);
int64_t v2m_dynamo_number_of(const json_t *item, const char *name);

/* Read one, consistently: 1 with *item, to be dropped; 0; -1. */
int v2m_dynamo_get(struct v2m_dynamo *d, const struct v2m_dynamo_key *key,
    json_t **item, const char *doing, struct v2m_err *err);

/* What a change does: attributes that are set, and names that are removed. */
struct v2m_dynamo_change {
	const struct v2m_dynamo_key *key;
	int64_t old_rev;		/* 0: there must be none */
	json_t *set;			/* { name: value }, taken over */
	json_t *remove;			/* [ name ], taken over; or NULL */
	const char *doing;
};

/* Compare-and-set on the attribute rev.  1, 0 it has another, -1 and then the
 * outcome may be unknown. */
int v2m_dynamo_change(struct v2m_dynamo *d, struct v2m_dynamo_change *c,
    struct v2m_err *err);

/* rev 0: whatever it is.  1, 0 it is gone or another, -1. */
int v2m_dynamo_delete(struct v2m_dynamo *d, const struct v2m_dynamo_key *key,
    int64_t rev, const char *doing, struct v2m_err *err);

/* Write and remove items without conditions, n at most 25 of { "PutRequest":
 * ... } or { "DeleteRequest": ... }; all is taken over. */
int v2m_dynamo_batch(struct v2m_dynamo *d, json_t *writes, const char *doing,
    struct v2m_err *err);

/* The same of what was gathered, if anything; *writes is NULL then. */
int v2m_dynamo_flush(struct v2m_dynamo *d, json_t **writes, const char *doing,
    struct v2m_err *err);

/* Read those of [ key ], which is taken over, consistently and in any order;
 * what is not there is left out.  each: another value than 0 ends it and is
 * returned. At most 100. */
int v2m_dynamo_get_items(struct v2m_dynamo *d, json_t *keys,
    int (*each)(void *arg, const json_t *item), void *arg, const char *doing,
    struct v2m_err *err);

/* --- dynamo_clock.c --- */

int v2m_dynamo_now(void *self, int64_t *now_ms, struct v2m_err *err);

/* --- dynamo_walk.c --- */

/* Items of one k, or of all its shards, in the order of s. */
struct v2m_dynamo_range {
	const char *prefix;
	bool sharded;			/* "PREFIX#N", else "PREFIX" */
	bool open_only;			/* by the index */
	bool backwards;
	bool keys_only;			/* nothing but k and s of each */
	const char *bound;		/* behind this s, on the way; "" all */
	int page;			/* so many at a time of each shard */
};

/* each: 0 goes on, another value ends it and is returned; 0 at the end, -1 an
 * error of the store's. */
int v2m_dynamo_walk(struct v2m_dynamo *d, const struct v2m_dynamo_range *range,
    int (*each)(void *arg, const json_t *item), void *arg, const char *doing,
    struct v2m_err *err);

/* --- dynamo_fields.c --- */

void v2m_dynamo_parse(const json_t *item, struct v2m_record *r);
void v2m_dynamo_record_key(struct v2m_dynamo_key *key, const char *id);

/* Has the index this record? */
bool v2m_dynamo_is_open(const struct v2m_record *r);

/* What a change sets and removes: only what differs, for what a newer v2m has
 * written stays.  old: what is there, or one of zeros. */
void v2m_dynamo_compose(struct v2m_dynamo_change *c,
    const struct v2m_record *r, const struct v2m_record *old);

/* --- dynamo_records.c --- */

/* Read records by their IDs, at most BATCH of them, consistently: all that are
 * there, in the order of ids. */
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

/* Write the marks that r has and old has not; NULL: none. */
int v2m_dynamo_mark(struct v2m_dynamo *d, const struct v2m_record *r,
    const struct v2m_record *old, struct v2m_err *err);

/* Remove those that old has and r has not. */
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

/* A record has become this one of that; either NULL: it is new, it is gone.
 * What fails is not counted: v2m-init counts anew. */
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
	int64_t size;			/* of a chunk, but the last */
};

/* 1 with *head filled, 0, -1. */
int v2m_dynamo_head(struct v2m_dynamo *d, enum v2m_kind kind, const char *id,
    struct v2m_dynamo_head *head, struct v2m_err *err);

/* The object appears: 1, 0 the ID has one, -1 and then nobody may know. */
int v2m_dynamo_publish(struct v2m_dynamo *d, enum v2m_kind kind,
    const struct v2m_dynamo_head *head, struct v2m_err *err);
/* One that is the same under an older fence becomes ours: 1, 0, -1. */
int v2m_dynamo_adopt(struct v2m_dynamo *d, const struct v2m_object *object,
    struct v2m_err *err);
/* And goes, if it is this one. */
int v2m_dynamo_unpublish(struct v2m_dynamo *d, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err);

/* Note that chunks of a word may be there without a head, or forget that. */
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

/* At most V2M_DYNAMO_CHUNKS of them, from chunk `first` on. */
int v2m_dynamo_write_chunks(struct v2m_dynamo *d, const char *word,
    int64_t first, const void *buf, size_t n, const char *doing,
    struct v2m_err *err);

/* The same, into buf; n is what they hold together.  V2M_IO: one is not there,
 * or of another size. */
int v2m_dynamo_read_chunks(struct v2m_dynamo *d, const char *word,
    int64_t first, int64_t size, void *buf, size_t n, const char *what,
    struct v2m_err *err);

/* Those from `from` on and before `end`, all of which are there or may be. */
int v2m_dynamo_delete_chunks(struct v2m_dynamo *d, const char *word,
    int64_t from, int64_t end, struct v2m_err *err);

/* Those from `from` on, however many; of a partial upload only those of fences
 * up to this one. */
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
/* Is the table there, with its index? */
int v2m_dynamo_ready(void *self, struct v2m_err *err);

#endif
