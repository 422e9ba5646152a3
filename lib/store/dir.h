/* dir.h - what the files of the dir driver share; see dir.c.
 *
 * Files: dir.c (objects, the table of functions), dir_read.c (their bytes),
 * dir_index.c (the SQLite index), dir_wanted.c (which objects a record wants),
 * dir_partials.c (partial uploads), dir_tidy.c (left-over files).
 */
#ifndef V2M_STORE_DIR_H
#define V2M_STORE_DIR_H

#include "store/dir_index.h"
#include "store/objects.h"

#define V2M_DIR_PATH 4096
/* Suffixes of the files of a partial upload, in the folder of videos. */
#define V2M_DIR_PARTIAL ".part"
#define V2M_DIR_FENCE ".fence"

struct v2m_dir {
	char folders[2][V2M_DIR_PATH];	/* by enum v2m_kind */
	struct v2m_db *db;
	bool shared;			/* db is the records', which close it */
};

/* --- dir_read.c --- */

/* A reader of fd, which it owns, and closes also after an error.  NULL:
 * V2M_TEMP. */
void *v2m_dir_reader(int fd, const char *what, struct v2m_err *err);

/* As in struct v2m_objects_ops. */
int v2m_dir_fd(void *reader);
ssize_t v2m_dir_pread(void *reader, void *buf, size_t n, int64_t offset,
    struct v2m_err *err);
void v2m_dir_release(void *reader);

/* --- dir_partials.c: likewise --- */

int64_t v2m_dir_partial_chunk_size(void *self);
int v2m_dir_partial_begin(void *self, const char *id, int64_t fence,
    struct v2m_err *err);
int v2m_dir_partial_take(void *self, const char *id, int64_t fence,
    int64_t size, int64_t chunk_size, struct v2m_err *err);
int v2m_dir_partial_write(void *self, const char *id, int64_t fence,
    int64_t chunk_size, int64_t offset, const void *buf, size_t n,
    struct v2m_err *err);
int v2m_dir_partial_sync(void *self, const char *id, struct v2m_err *err);
void *v2m_dir_partial_read(void *self, const char *id, int64_t size,
    int64_t chunk_size, struct v2m_err *err);
int v2m_dir_partial_finish(void *self, int64_t chunk_size,
    const struct v2m_object *object, struct v2m_err *err);
int v2m_dir_partial_unfinish(void *self, const struct v2m_object *object,
    struct v2m_err *err);
int v2m_dir_partial_erase(void *self, const char *id, struct v2m_err *err);

#endif
