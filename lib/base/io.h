/* io.h - files that appear complete or not at all, and small helpers.
 *
 * Thread-safe; a struct v2m_newfile belongs to one thread.
 */
#ifndef V2M_BASE_IO_H
#define V2M_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* All n bytes, whatever signals come between.  what names the file in the
 * message.  V2M_IO, V2M_TEMP when the disk is full. */
int v2m_io_write(int fd, const void *buf, size_t n, const char *what,
    struct v2m_err *err);

/* Up to n bytes, fewer at the end only.  -1: V2M_IO. */
ssize_t v2m_io_read(int fd, void *buf, size_t n, const char *what,
    struct v2m_err *err);
ssize_t v2m_io_pread(int fd, void *buf, size_t n, int64_t offset,
    const char *what, struct v2m_err *err);

/* A file without a name, for reading and writing, gone with its descriptor.
 * dir NULL: $TMPDIR or /var/tmp (MP3s and videos may be larger than a /tmp in
 * memory). */
int v2m_io_tmpfile(const char *dir, struct v2m_err *err);

/* Copy what is left in `from` into a tmpfile and return its descriptor, at
 * offset 0, with its length in *length.  More than max bytes: V2M_DATA,
 * "larger than max_upload (...)".  Less than v2m_hold_reserve() of `reserve`
 * left on its disk: V2M_TEMP. */
int v2m_io_spool(int from, int64_t max, int64_t reserve, int64_t *length,
    struct v2m_err *err);

/* Make a folder and those above it, mode for the ones it makes. */
int v2m_io_mkdirs(const char *path, mode_t mode, struct v2m_err *err);

/* Is there room for `need` more bytes in dir's file system, and `reserve`
 * besides?  V2M_TEMP with both figures where there is not. */
int v2m_io_room(const char *dir, int64_t need, int64_t reserve,
    struct v2m_err *err);

/* Can it be read, and holds nothing but entries whose names begin with
 * `passed_over`, which may be NULL? */
bool v2m_io_empty_dir(const char *dir, const char *passed_over);

/* Flush a folder's entries to disk. */
int v2m_io_sync_dir(const char *dir, struct v2m_err *err);

/* A file in the making: without a name (or, where the file system cannot do
 * that, with a temporary one) until it is committed. */
struct v2m_newfile {
	int fd;			/* write to it as you like */
	char dir[4096];
	char temporary[4200];	/* its name meanwhile; "": none */
};

/* Begin one in dir.  V2M_CANTCREATE, V2M_DENIED, V2M_TEMP. */
int v2m_newfile_open(struct v2m_newfile *f, const char *dir, mode_t mode,
    struct v2m_err *err);

/* fsync it and give it its name (no '/' in it), then fsync the folder.  With
 * replace, whatever had the name is replaced in one step; without, a name
 * that is taken gives V2M_CANTCREATE with sys EEXIST and the file remains to
 * be committed under another.  Ends f on success. */
int v2m_newfile_commit(struct v2m_newfile *f, const char *name, bool replace,
    struct v2m_err *err);

/* Throw it away.  Fine after a commit, and on a zeroed struct with fd -1. */
void v2m_newfile_discard(struct v2m_newfile *f);

#endif
