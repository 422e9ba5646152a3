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

/* Write all n bytes, also if signals come.  what names the file in the message.
 * V2M_IO; V2M_TEMP: the disk is full. */
int v2m_io_write(int fd, const void *buf, size_t n, const char *what,
    struct v2m_err *err);

/* Read n bytes, fewer only at the end of the file.  -1: V2M_IO. */
ssize_t v2m_io_read(int fd, void *buf, size_t n, const char *what,
    struct v2m_err *err);
ssize_t v2m_io_pread(int fd, void *buf, size_t n, int64_t offset,
    const char *what, struct v2m_err *err);

/* Make a file without a name, for reading and writing; it is removed when the
 * descriptor is closed.  dir NULL: $TMPDIR or /var/tmp (videos may be larger
 * than a /tmp in memory). */
int v2m_io_tmpfile(const char *dir, struct v2m_err *err);

/* Copy the rest of `from` to a temporary file.  Returns its descriptor, at
 * offset 0; *length is its length.  V2M_DATA: more than max bytes ("larger than
 * max_upload (...)").  V2M_TEMP: less than v2m_hold_reserve() of `reserve`
 * would be left on the disk. */
int v2m_io_spool(int from, int64_t max, int64_t reserve, int64_t *length,
    struct v2m_err *err);

/* Make a folder and its parents; those that it makes get this mode. */
int v2m_io_mkdirs(const char *path, mode_t mode, struct v2m_err *err);

/* Are `need` + `reserve` bytes free in dir's file system?  V2M_TEMP, with the
 * figures: no. */
int v2m_io_room(const char *dir, int64_t need, int64_t reserve,
    struct v2m_err *err);

/* Can the folder be read, and is it empty?  Entries whose names begin with
 * passed_over, unless that is NULL, do not count. */
bool v2m_io_empty_dir(const char *dir, const char *passed_over);

/* Let this process have so many files and connections open at a time, or as
 * many as the system allows it; returns how many that are. */
uint64_t v2m_io_raise_files(uint64_t wanted);

/* Flush a folder's entries to disk. */
int v2m_io_sync_dir(const char *dir, struct v2m_err *err);

/* A new file.  Until it is committed it has no name, or, if the file system
 * cannot do that, a temporary one. */
struct v2m_newfile {
	int fd;			/* to write to */
	char dir[4096];
	char temporary[4200];	/* its temporary name; "": none */
};

/* Begin a file in dir.  V2M_CANTCREATE, V2M_DENIED, V2M_TEMP. */
int v2m_newfile_open(struct v2m_newfile *f, const char *dir, mode_t mode,
    struct v2m_err *err);

/* fsync it, give it its name (without '/'), and fsync the folder.  replace: a
 * regular file that has the name is replaced in one step; else V2M_CANTCREATE
 * with sys EEXIST, and f may be committed under another name.  On success f is
 * ended. */
int v2m_newfile_commit(struct v2m_newfile *f, const char *name, bool replace,
    struct v2m_err *err);

/* Remove it.  Fine after a commit, and on a zeroed struct with fd -1. */
void v2m_newfile_discard(struct v2m_newfile *f);

#endif
