/* s3.h - objects in a bucket of S3 or a compatible server:
 * s3://BUCKET/PREFIX?region=R&endpoint=URL&path_style=yes
 *
 * Keys below PREFIX/:
 *
 *	videos/ID, mp3s/ID	the bytes, with the facts of struct v2m_object
 *				as metadata
 *	details/KIND/ID.WORD	an empty object, whose metadata are the facts
 *				of a multipart upload, as these are known only
 *				at its end; written before it is completed
 *	jobs/VIDEO/ID		empty: this MP3 may have been made for that job
 *	partial/ID/fence.F	empty: a holder of this partial upload has or
 *				had the fence F
 *	partial/ID/NNNNN.F.L	chunk NNNNN of a partial upload, written with
 *				fence F when it was L bytes long
 *
 * An object appears by one request, PutObject or CompleteMultipartUpload, each
 * with If-None-Match.  It is not overwritten (except by partial_finish), and it
 * is removed before its details and marks.  S3 is strongly consistent: a read
 * or list shows all earlier writes.  The rules are those of objects.h.
 *
 * Files: s3.c (open, table of functions), s3_init.c (v2m-init), s3_ask.c
 * (requests), s3_object.c (facts of objects; remove), s3_link.c (presigned
 * URLs), s3_list.c (lists), s3_write.c, s3_multi.c (multipart uploads),
 * s3_read.c (the bytes), s3_partials.c and s3_fence.c (partial uploads),
 * s3_tidy.c (remove what was left).
 */
#ifndef V2M_STORE_AWS_S3_H
#define V2M_STORE_AWS_S3_H

#include "store/aws/aws.h"
#include "store/objects.h"

#define V2M_S3_MIB (1 << 20)
#define V2M_S3_SINGLE (16 * V2M_S3_MIB)	/* bytes; larger objects are multipart
					 * uploads */
#define V2M_S3_PART_MIN (5 * V2M_S3_MIB)	/* of S3, except for the last
						 * part */
#define V2M_S3_PARTS 9000	/* of an object, at most; S3 allows 10,000 */

#define V2M_S3_KEY 512		/* bytes of a key with prefix and NUL */
#define V2M_S3_PATH 1024	/* "/bucket/key" */
#define V2M_S3_WORD 33		/* 32 hex digits and the NUL */
#define V2M_S3_ETAG 128

struct v2m_s3 {
	struct v2m_aws aws;
	char bucket[64], prefix[256];	/* prefix: "", or it ends with '/' */
	bool path_style;
	char encryption[16], kms_key[256], storage_class[32];
	char public_base[V2M_AWS_BASE];	/* for links */
	char public_host[V2M_AWS_HOST];	/* "": no links */
	bool public_clear;		/* links are neither encrypted nor to
					 * this machine */
	bool no_conditions;		/* the server does not support
					 * If-None-Match */
	CURLM *multi;			/* for all readers, with their
					 * connections */
	int64_t part_size;		/* of a multipart upload */
	int64_t chunk_size;		/* of a partial upload */
	/* The last chunk written, which is not full; a longer one replaces
	 * it. */
	char tail[V2M_S3_KEY];
	int64_t tail_length;
};

/* --- s3_link.c --- */

/* Set where links lead, if the configuration wants links.  V2M_CONFIG. */
int v2m_s3_take_public(struct v2m_s3 *s3, const struct v2m_conf *conf,
    struct v2m_err *err);
bool v2m_s3_has_links(const void *self);
int v2m_s3_link(void *self, enum v2m_kind kind, const char *id,
    const struct v2m_link *link, char url[V2M_LINK_MAX], struct v2m_err *err);

/* --- s3_ask.c: one request --- */

/* Make the key of an object, or of another name below the prefix. */
void v2m_s3_key(const struct v2m_s3 *s3, char key[V2M_S3_KEY],
    enum v2m_kind kind, const char *id);
void v2m_s3_key_of(const struct v2m_s3 *s3, char key[V2M_S3_KEY],
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The URL path of a key; "": of the bucket. */
void v2m_s3_path(const struct v2m_s3 *s3, char path[V2M_S3_PATH],
    const char *key);

/* Set endpoint to `told`, with the bucket's name before the host name unless
 * path_style. */
#define V2M_S3_ENDPOINT V2M_AWS_BASE
void v2m_s3_endpoint(const struct v2m_s3 *s3, const char *told,
    char endpoint[V2M_S3_ENDPOINT]);

/* Send a request as v2m_aws_ask(); a missing bucket is an error, too.  The
 * caller fills the other fields of *rq; method, key and query are borrowed. */
int v2m_s3_ask(struct v2m_s3 *s3, struct v2m_aws_request *rq,
    const char *method, const char *key, const char *query, int64_t most_ms,
    struct v2m_aws_answer *a, const char *doing, struct v2m_err *err);

/* PutObject with the body of *rq, overwriting.  Clears *rq.  0; -1. */
int v2m_s3_keep(struct v2m_s3 *s3, struct v2m_aws_request *rq,
    const char *key, int64_t most_ms, const char *doing, struct v2m_err *err);

/* Write an empty object; delete an object, which may be missing.  0; -1. */
int v2m_s3_mark(struct v2m_s3 *s3, const char *key, const char *doing,
    struct v2m_err *err);
int v2m_s3_delete(struct v2m_s3 *s3, const char *key, const char *doing,
    struct v2m_err *err);

/* Add the headers for encryption and storage class. */
void v2m_s3_add_storage(const struct v2m_s3 *s3, struct v2m_aws_request *rq);

/* Write "store the video 0123..." to doing.  Returns doing. */
#define V2M_S3_DOING 96
char *v2m_s3_doing(char doing[V2M_S3_DOING], const char *verb,
    enum v2m_kind kind, const char *id);

/* --- s3_object.c --- */

struct v2m_s3_head {
	struct v2m_object object;
	char etag[V2M_S3_ETAG];		/* with quotes */
	char word[V2M_S3_WORD];		/* WORD of its details; "": none */
	int64_t modified;		/* wall ms */
};

/* Read an object's metadata, but not its details.  1; 0: there is none; -1. */
int v2m_s3_head(struct v2m_s3 *s3, enum v2m_kind kind, const char *id,
    struct v2m_s3_head *head, struct v2m_err *err);

/* The same, and its details. */
int v2m_s3_find(struct v2m_s3 *s3, enum v2m_kind kind, const char *id,
    struct v2m_s3_head *head, struct v2m_err *err);
int v2m_s3_stat(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err);
int v2m_s3_remove(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err);

/* Add the facts of an object, or the WORD of its details, as metadata. */
void v2m_s3_add_metadata(struct v2m_aws_request *rq,
    const struct v2m_object *object);
void v2m_s3_add_word(struct v2m_aws_request *rq, const char *word);

/* Write what must exist before the object: its details, unless word is "", and
 * the mark of its job.  0; -1. */
int v2m_s3_announce(struct v2m_s3 *s3, enum v2m_kind kind,
    const struct v2m_object *object, const char *word, struct v2m_err *err);

/* After a request that should have created the object: is the stored object
 * this one?  1; 0: it is another; -1; V2M_TEMP: there is none. */
int v2m_s3_is_ours(struct v2m_s3 *s3, enum v2m_kind kind,
    const struct v2m_object *object, const char *word, struct v2m_err *err);

/* A request that should have created the object failed, but an earlier try may
 * have been executed.  1: the object is there; -1: err is the failure. */
int v2m_s3_settle(struct v2m_s3 *s3, enum v2m_kind kind,
    const struct v2m_object *object, const char *word,
    const struct v2m_err *failure, struct v2m_err *err);

/* Write the object by one PutObject.  1; 0: the ID has another object; -1.
 * etag: replace the object with this ETag; NULL: there must be none. */
int v2m_s3_put(struct v2m_s3 *s3, enum v2m_kind kind,
    const struct v2m_object *object, const void *bytes, const char *etag,
    struct v2m_err *err);

/* --- s3_list.c --- */

struct v2m_s3_entry {
	const char *key;		/* with the prefix */
	int64_t size, modified;		/* wall ms */
};

/* List the keys with a prefix (after that of the store) in order, one page in
 * memory at a time.  If each returns 0 it goes on; another value ends it and is
 * returned. */
int v2m_s3_list(struct v2m_s3 *s3, const char *prefix,
    int (*each)(void *arg, const struct v2m_s3_entry *entry), void *arg,
    const char *doing, struct v2m_err *err);
int v2m_s3_objects(void *self, enum v2m_kind kind, const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err);

/* Get the ID at the end of a key.  false: there is none. */
bool v2m_s3_id_of(const char *key, char id[V2M_ID_SIZE]);

/* A multipart upload in progress. */
struct v2m_s3_upload {
	const char *key, *id;
	int64_t begun;			/* wall ms */
};

int v2m_s3_uploads(struct v2m_s3 *s3,
    int (*each)(void *arg, const struct v2m_s3_upload *upload), void *arg,
    struct v2m_err *err);
int v2m_s3_abort(struct v2m_s3 *s3, const char *key, const char *upload,
    struct v2m_err *err);

/* --- s3_multi.c: an object in parts --- */

struct v2m_s3_multi {
	struct v2m_s3 *s3;
	enum v2m_kind kind;
	char id[V2M_ID_SIZE];
	char upload[1024];		/* its upload ID; "": none */
	char word[V2M_S3_WORD];		/* WORD of its details; "": none */
	struct v2m_s3_part {
		char etag[V2M_S3_ETAG];
	} *parts;
	size_t n, room;
};

/* Begin a multipart upload.  object: its facts; NULL: they will be in details.
 * *m must be zeroed.  0; -1. */
int v2m_s3_multi_begin(struct v2m_s3_multi *m, struct v2m_s3 *s3,
    enum v2m_kind kind, const char *id, const struct v2m_object *object,
    struct v2m_err *err);
int v2m_s3_multi_add(struct v2m_s3_multi *m, const void *bytes, size_t n,
    struct v2m_err *err);
/* Add the first n bytes of another object as a part (UploadPartCopy). */
int v2m_s3_multi_copy(struct v2m_s3_multi *m, const char *key, int64_t n,
    struct v2m_err *err);
/* Complete it.  Returns as v2m_s3_put(). */
int v2m_s3_multi_complete(struct v2m_s3_multi *m,
    const struct v2m_object *object, const char *etag, struct v2m_err *err);
/* Free; abort the upload, unless it was completed. */
void v2m_s3_multi_release(struct v2m_s3_multi *m);

/* --- s3_write.c, s3_read.c: as in struct v2m_objects_ops --- */

void *v2m_s3_create(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err);
int v2m_s3_write(void *writer, const void *buf, size_t n,
    struct v2m_err *err);
int v2m_s3_commit(void *writer, const struct v2m_object *object,
    struct v2m_err *err);
void v2m_s3_discard(void *writer);

/* A piece of what is read: the first `length` bytes of an object. */
struct v2m_s3_piece {
	char key[V2M_S3_KEY];
	int64_t at, length;		/* its offset in the whole */
};

void *v2m_s3_read(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err);
/* pieces (malloc'ed) are taken over; they are consecutive.  NULL: V2M_TEMP. */
void *v2m_s3_reader(struct v2m_s3 *s3, struct v2m_s3_piece *pieces, size_t n,
    const char *what, struct v2m_err *err);
void v2m_s3_read_on(void *reader);
void v2m_s3_ahead(void *reader, size_t n, int64_t offset);
ssize_t v2m_s3_pread(void *reader, void *buf, size_t n, int64_t offset,
    struct v2m_err *err);
void v2m_s3_release(void *reader);

/* --- s3_fence.c: who holds a partial upload --- */

int v2m_s3_fence_raise(struct v2m_s3 *s3, const char *id, int64_t fence,
    struct v2m_err *err);
/* Write our fence; check that it is the highest.  V2M_DENIED: there is a higher
 * one, or the upload is gone. */
int v2m_s3_fence_check(struct v2m_s3 *s3, const char *id, int64_t fence,
    struct v2m_err *err);

/* --- s3_partials.c: as in struct v2m_objects_ops --- */

int64_t v2m_s3_partial_chunk_size(void *self);
int v2m_s3_partial_begin(void *self, const char *id, int64_t fence,
    struct v2m_err *err);
int v2m_s3_partial_take(void *self, const char *id, int64_t fence,
    int64_t size, int64_t chunk_size, struct v2m_err *err);
int v2m_s3_partial_write(void *self, const char *id, int64_t fence,
    int64_t chunk_size, int64_t offset, const void *buf, size_t n,
    struct v2m_err *err);
void *v2m_s3_partial_read(void *self, const char *id, int64_t size,
    int64_t chunk_size, struct v2m_err *err);
int v2m_s3_partial_finish(void *self, int64_t chunk_size,
    const struct v2m_object *object, struct v2m_err *err);
int v2m_s3_partial_unfinish(void *self, const struct v2m_object *object,
    struct v2m_err *err);
int v2m_s3_partial_erase(void *self, const char *id, struct v2m_err *err);

/* --- s3_tidy.c, s3_init.c --- */

int v2m_s3_tidy(void *self, const struct v2m_tidy *t, struct v2m_err *err);
int v2m_s3_make(struct v2m_s3 *s3, struct v2m_err *err);
int v2m_s3_concerns(void *self, void (*each)(void *arg, const char *what),
    void *arg, struct v2m_err *err);

#endif
