/* s3.h - objects on S3 and what speaks like it:
 * s3://BUCKET/PREFIX?region=R&endpoint=URL&path_style=yes
 *
 * Below PREFIX/:
 *
 *	videos/ID, mp3s/ID	the bytes, with what is known of them as
 *				metadata of the object
 *	details/KIND/ID.WORD	what is known of one that came in parts, whose
 *				metadata were written before it was known; an
 *				empty object, there before the bytes are
 *	jobs/VIDEO/ID		an MP3 of this job may be there; empty
 *	partial/ID/fence.F	somebody holds this partial upload, or did
 *	partial/ID/NNNNN.F.L	its chunk NNNNN as holder F had it when it was
 *				L bytes long
 *
 * An object appears by one request, a PUT or the completion of a multipart
 * upload, each with If-None-Match; it is never overwritten, and its removal
 * begins with it.  S3 answers consistently, so what is read is what is there.
 * The rules are objects.h's.
 *
 * Files: s3.c (opening, the table of functions), s3_init.c (v2m-init), s3_ask.c
 * (requests), s3_object.c (what is known of objects; removing), s3_link.c (URLs
 * for others), s3_list.c (the walks), s3_write.c, s3_multi.c (uploads in
 * parts), s3_read.c (the bytes), s3_partials.c and s3_fence.c (partial
 * uploads), s3_tidy.c (what was left).
 */
#ifndef V2M_STORE_AWS_S3_H
#define V2M_STORE_AWS_S3_H

#include "store/aws/aws.h"
#include "store/objects.h"

#define V2M_S3_MIB (1 << 20)
#define V2M_S3_SINGLE (16 * V2M_S3_MIB)	/* more comes in parts */
#define V2M_S3_PART_MIN (5 * V2M_S3_MIB)	/* but of the last */
#define V2M_S3_PARTS 9000	/* of an object, at most; S3 takes 10,000 */

#define V2M_S3_KEY 512		/* bytes of a key with its prefix, at most */
#define V2M_S3_PATH 1024	/* "/bucket/key" */
#define V2M_S3_WORD 33		/* 32 hex digits and the NUL */
#define V2M_S3_ETAG 128

struct v2m_s3 {
	struct v2m_aws aws;
	char bucket[64], prefix[256];	/* prefix: "", or it ends with '/' */
	bool path_style;
	char encryption[16], kms_key[256], storage_class[32];
	char public_base[V2M_AWS_BASE];	/* where links lead */
	char public_host[V2M_AWS_HOST];	/* "": there are none */
	bool public_clear;		/* through others' networks in clear */
	bool no_conditions;		/* the server refuses If-None-Match */
	CURLM *multi;			/* of the readers, and their
					 * connections */
	int64_t part_size;		/* of a writer */
	int64_t chunk_size;		/* of a partial upload */
	/* The tail that was written last, which a longer one replaces. */
	char tail[V2M_S3_KEY];
	int64_t tail_length;
};

/* --- s3_link.c --- */

/* Where clients are sent to, if they are to be. */
int v2m_s3_take_public(struct v2m_s3 *s3, const struct v2m_conf *conf,
    struct v2m_err *err);
bool v2m_s3_has_links(const void *self);
int v2m_s3_link(void *self, enum v2m_kind kind, const char *id,
    const struct v2m_link *link, char url[V2M_LINK_MAX], struct v2m_err *err);

/* --- s3_ask.c: one request --- */

/* The key of a kind's object, and others; all within V2M_S3_KEY. */
void v2m_s3_key(const struct v2m_s3 *s3, char key[V2M_S3_KEY],
    enum v2m_kind kind, const char *id);
void v2m_s3_key_of(const struct v2m_s3 *s3, char key[V2M_S3_KEY],
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The path of a key, or of the bucket with "". */
void v2m_s3_path(const struct v2m_s3 *s3, char path[V2M_S3_PATH],
    const char *key);

/* An endpoint with the bucket's name in front of its host, unless that is in
 * the path. */
#define V2M_S3_ENDPOINT V2M_AWS_BASE
void v2m_s3_endpoint(const struct v2m_s3 *s3, const char *told,
    char endpoint[V2M_S3_ENDPOINT]);

/* method, key and query are borrowed; the rest of *rq is the caller's. */
int v2m_s3_ask(struct v2m_s3 *s3, struct v2m_aws_request *rq,
    const char *method, const char *key, const char *query, int64_t most_ms,
    struct v2m_aws_answer *a, const char *doing, struct v2m_err *err);

/* Write the body of *rq to this key, over what is there.  Clears *rq. */
int v2m_s3_keep(struct v2m_s3 *s3, struct v2m_aws_request *rq,
    const char *key, int64_t most_ms, const char *doing, struct v2m_err *err);

/* An empty object of this key, whoever made it. */
int v2m_s3_mark(struct v2m_s3 *s3, const char *key, const char *doing,
    struct v2m_err *err);
int v2m_s3_delete(struct v2m_s3 *s3, const char *key, const char *doing,
    struct v2m_err *err);

/* What all that is stored gets: encryption, class. */
void v2m_s3_add_storage(const struct v2m_s3 *s3, struct v2m_aws_request *rq);

/* "store the video 0123...", in a buffer of the caller's. */
#define V2M_S3_DOING 96
char *v2m_s3_doing(char doing[V2M_S3_DOING], const char *verb,
    enum v2m_kind kind, const char *id);

/* --- s3_object.c --- */

struct v2m_s3_head {
	struct v2m_object object;
	char etag[V2M_S3_ETAG];		/* with its quotes */
	char word[V2M_S3_WORD];		/* of its details; "" none */
	int64_t modified;		/* wall ms */
};

/* 1 with *head filled, but for details; 0; -1. */
int v2m_s3_head(struct v2m_s3 *s3, enum v2m_kind kind, const char *id,
    struct v2m_s3_head *head, struct v2m_err *err);

/* The same, with details. */
int v2m_s3_find(struct v2m_s3 *s3, enum v2m_kind kind, const char *id,
    struct v2m_s3_head *head, struct v2m_err *err);
int v2m_s3_stat(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err);
int v2m_s3_remove(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err);

/* Metadata: all that is known of it, or only the word of its details. */
void v2m_s3_add_metadata(struct v2m_aws_request *rq,
    const struct v2m_object *object);
void v2m_s3_add_word(struct v2m_aws_request *rq, const char *word);

/* What is to be there before the object is: its details, unless word is "",
 * and which job it is of. */
int v2m_s3_announce(struct v2m_s3 *s3, enum v2m_kind kind,
    const struct v2m_object *object, const char *word, struct v2m_err *err);

/* After a request that was to make it: is the object there this one?  1, 0
 * there is another, -1, V2M_TEMP: there is none. */
int v2m_s3_is_ours(struct v2m_s3 *s3, enum v2m_kind kind,
    const struct v2m_object *object, const char *word, struct v2m_err *err);

/* A request that was to make it has failed, but an earlier try of it may have
 * been done: 1, it is there; else -1 with the failure. */
int v2m_s3_settle(struct v2m_s3 *s3, enum v2m_kind kind,
    const struct v2m_object *object, const char *word,
    const struct v2m_err *failure, struct v2m_err *err);

/* One PUT of all bytes: 1, 0 the ID has another, -1.  etag: it takes the place
 * of that one; or NULL: of none. */
int v2m_s3_put(struct v2m_s3 *s3, enum v2m_kind kind,
    const struct v2m_object *object, const void *bytes, const char *etag,
    struct v2m_err *err);

/* --- s3_list.c --- */

struct v2m_s3_entry {
	const char *key;		/* all of it */
	int64_t size, modified;		/* wall ms */
};

/* Each key below a prefix (which the store's own comes before), in order, a
 * page at a time; one page is in memory while each() is called.  0 goes on,
 * another value of each ends it and is returned. */
int v2m_s3_list(struct v2m_s3 *s3, const char *prefix,
    int (*each)(void *arg, const struct v2m_s3_entry *entry), void *arg,
    const char *doing, struct v2m_err *err);
int v2m_s3_objects(void *self, enum v2m_kind kind, const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err);

/* The ID at the end of a key; false where there is none. */
bool v2m_s3_id_of(const char *key, char id[V2M_ID_SIZE]);

/* Each multipart upload that is not complete. */
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
	char upload[1024];		/* the server's name of it; "" none */
	char word[V2M_S3_WORD];		/* of its details; "" none */
	struct v2m_s3_part {
		char etag[V2M_S3_ETAG];
	} *parts;
	size_t n, room;
};

/* Begin; object: its metadata, or NULL: details follow. */
int v2m_s3_multi_begin(struct v2m_s3_multi *m, struct v2m_s3 *s3,
    enum v2m_kind kind, const char *id, const struct v2m_object *object,
    struct v2m_err *err);
int v2m_s3_multi_add(struct v2m_s3_multi *m, const void *bytes, size_t n,
    struct v2m_err *err);
/* The first n bytes of another object, within the server. */
int v2m_s3_multi_copy(struct v2m_s3_multi *m, const char *key, int64_t n,
    struct v2m_err *err);
/* As v2m_s3_put(). */
int v2m_s3_multi_complete(struct v2m_s3_multi *m,
    const struct v2m_object *object, const char *etag, struct v2m_err *err);
/* Abort it, unless it was completed or may be, and free. */
void v2m_s3_multi_release(struct v2m_s3_multi *m);

/* --- s3_write.c, s3_read.c: as in struct v2m_objects_ops --- */

void *v2m_s3_create(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err);
int v2m_s3_write(void *writer, const void *buf, size_t n,
    struct v2m_err *err);
int v2m_s3_commit(void *writer, const struct v2m_object *object,
    struct v2m_err *err);
void v2m_s3_discard(void *writer);

/* One piece of what is read: the first `length` bytes of an object. */
struct v2m_s3_piece {
	char key[V2M_S3_KEY];
	int64_t at, length;		/* where in the whole it lies */
};

void *v2m_s3_read(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err);
/* pieces are taken over; they lie one behind another. */
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
/* V2M_DENIED: somebody has a higher one, or it is gone. */
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
