/* dir.c - objects as files of one machine: dir:FOLDER.
 *
 * FOLDER/videos and FOLDER/mp3s hold the bytes, in files named by their IDs;
 * FOLDER/index.db says which of them are objects.  A file is written without
 * a name (or as .v2m-ID.tmp if the file system has no O_TMPFILE) and flushed.
 * Then it gets its name, the folder is flushed, and at last the row is inserted
 * that makes it visible.  Removing goes the other way.  So after a crash at any
 * point every row has its file; only a file without a row, or a .tmp, can be
 * left, which v2m-prune finds by its age.  Partial uploads are in
 * FOLDER/videos/ID.part until they are complete (dir_partials.c).
 */
#include "store/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "store/dir_tidy.h"
#include "store/sqlite.h"

#define FLUSH_EVERY (8 << 20)	/* bytes, see dir_write() */

struct writer {
	struct v2m_dir *dir;
	enum v2m_kind kind;
	struct v2m_newfile file;
	int64_t written, flushed;
};

static struct v2m_dir *
new_dir(const struct v2m_conf *conf, const char *key, const char **root,
    struct v2m_err *err)
{
	struct v2m_dir *d;

	*root = v2m_sqlite_folder(conf, key, err);
	if (*root == NULL)
		return NULL;
	d = calloc(1, sizeof *d);
	if (d == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open the store");
		return NULL;
	}
	snprintf(d->folders[V2M_VIDEO], V2M_DIR_PATH, "%s/videos", *root);
	snprintf(d->folders[V2M_MP3], V2M_DIR_PATH, "%s/mp3s", *root);
	return d;
}

/* key NULL: create it if it is missing. */
static int
open_index(struct v2m_dir *d, const char *root, const struct v2m_conf *conf,
    const char *key, struct v2m_err *err)
{
	char path[V2M_DIR_PATH + 16];

	snprintf(path, sizeof path, "%s/" V2M_SQLITE_FILE, root);
	d->db = key == NULL ? v2m_db_open(path, true, err) :
	    v2m_db_open_of(conf, key, path, err);
	return d->db == NULL ? -1 : 0;
}

static void
dir_close(void *self)
{
	struct v2m_dir *d = self;

	if (!d->shared)
		v2m_db_close(d->db);
	free(d);
}

static int
dir_init(const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	const char *root;
	struct v2m_dir *d = new_dir(conf, key, &root, err);
	int ret = -1;

	if (d == NULL)
		return -1;
	if (v2m_io_mkdirs(d->folders[V2M_VIDEO], 0700, err) == 0 &&
	    v2m_io_mkdirs(d->folders[V2M_MP3], 0700, err) == 0 &&
	    open_index(d, root, conf, NULL, err) == 0 &&
	    v2m_dir_index_init(d->db, err) == 0 &&
	    (strcmp(key, "store") != 0 ||
	    v2m_dir_wanted_init(d->db, err) == 0))
		ret = v2m_io_sync_dir(root, err);
	dir_close(d);
	return ret;
}

static void *
dir_open(const struct v2m_conf *conf, const char *key, void *records,
    struct v2m_err *err)
{
	const char *root;
	struct v2m_dir *d = new_dir(conf, key, &root, err);
	int opened = 0;

	if (d == NULL)
		return NULL;
	d->shared = records != NULL;
	if (d->shared)
		d->db = ((struct v2m_sqlite *)records)->db;
	else
		opened = open_index(d, root, conf, key, err);
	if (opened == 0 && v2m_dir_index_ready(d->db, err) == 0 &&
	    (!d->shared || v2m_dir_wanted_expect(d->db, err) == 0))
		return d;
	dir_close(d);
	return NULL;
}

static int
dir_ready(void *self, struct v2m_err *err)
{
	struct v2m_dir *d = self;

	return v2m_dir_index_ready(d->db, err);
}

static int
dir_room(void *self, int64_t need, int64_t reserve, struct v2m_err *err)
{
	struct v2m_dir *d = self;

	return v2m_io_room(d->folders[V2M_VIDEO], need, reserve, err);
}

static int
dir_hold(void *self, int *fd, struct v2m_err *err)
{
	struct v2m_dir *d = self;

	*fd = v2m_io_tmpfile(d->folders[V2M_MP3], err);
	return *fd < 0 ? -1 : 0;
}

/* --- writing --- */

static void *
dir_create(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	struct v2m_dir *d = self;
	struct writer *w = NULL;
	int taken = v2m_dir_index_find(d->db, kind, id, NULL, err);

	if (taken < 0)
		return NULL;
	if (taken > 0) {
		v2m_object_taken(kind, id, err);
		return NULL;
	}
	w = calloc(1, sizeof *w);
	if (w == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot store the %s %s",
		    v2m_kind_word(kind), id);
		return NULL;
	}
	w->dir = d;
	w->kind = kind;
	if (v2m_newfile_open(&w->file, d->folders[kind], 0600, err) == 0)
		return w;
	if (access(d->folders[kind], F_OK) < 0 && errno == ENOENT)
		v2m_err_set(err, V2M_CONFIG, "the store has no folder '%s': "
		    "run v2m-init", d->folders[kind]);
	free(w);
	return NULL;
}

/* Every FLUSH_EVERY bytes the kernel is told to begin writing to disk, so that
 * commit need not wait for gigabytes. */
static int
dir_write(void *writer, const void *buf, size_t n, struct v2m_err *err)
{
	struct writer *w = writer;

	if (v2m_io_write(w->file.fd, buf, n, w->dir->folders[w->kind],
	    err) < 0)
		return -1;
	w->written += (int64_t)n;
	if (w->written - w->flushed >= FLUSH_EVERY) {
		sync_file_range(w->file.fd, w->flushed,
		    w->written - w->flushed, SYNC_FILE_RANGE_WRITE);
		w->flushed = w->written;
	}
	return 0;
}

static void
unlink_file(struct writer *w, const char *id)
{
	char path[V2M_DIR_PATH + V2M_NAME_MAX];

	snprintf(path, sizeof path, "%s/%s", w->dir->folders[w->kind], id);
	unlink(path);
}

/* Undo a failed commit.  If it is not known whether the row was inserted, the
 * file stays: a row without a file would be worse. */
static void
undo_commit(struct writer *w, const char *id)
{
	if (v2m_dir_index_drop(w->dir->db, w->kind, id, NULL) == 0)
		unlink_file(w, id);
}

static int
dir_commit(void *writer, const struct v2m_object *object,
    struct v2m_err *err)
{
	struct writer *w = writer;
	struct v2m_err failure = { 0 };
	int added;

	if (v2m_fault("store-written", err) < 0)
		return -1;
	if (v2m_newfile_commit(&w->file, object->id, false, &failure) < 0) {
		v2m_err_pass(err, &failure);
		if (failure.sys == EEXIST)
			return v2m_object_taken(w->kind, object->id, err);
		/* It has its name, but the folder could not be flushed. */
		if (w->file.fd < 0)
			undo_commit(w, object->id);
		return -1;
	}
	if (v2m_fault("store-linked", err) < 0)
		goto fail;
	added = v2m_dir_index_add(w->dir->db, w->kind, object, err);
	if (added == 0) {
		/* There is a row, though the name was free: its file is lost.
		 * That is not repaired here. */
		unlink_file(w, object->id);
		return v2m_object_taken(w->kind, object->id, err);
	}
	if (added < 0 || v2m_fault("store-committed", err) < 0)
		goto fail;
	return 0;
fail:
	undo_commit(w, object->id);
	return -1;
}

static void
dir_discard(void *writer)
{
	struct writer *w = writer;

	v2m_newfile_discard(&w->file);
	free(w);
}

/* --- reading --- */

static int
open_file(struct v2m_dir *d, enum v2m_kind kind,
    const struct v2m_object *object, struct v2m_err *err)
{
	char path[V2M_DIR_PATH + V2M_NAME_MAX];
	struct stat st;
	int fd;

	snprintf(path, sizeof path, "%s/%s", d->folders[kind], object->id);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return v2m_err_sys(err, V2M_IO, "cannot open the %s's file "
		    "'%s'", v2m_kind_word(kind), path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size == object->length)
		return fd;
	v2m_err_damage(err, "the %s is damaged: %lld bytes are recorded, "
	    "'%s' has %lld", v2m_kind_word(kind), (long long)object->length,
	    path, (long long)st.st_size);
	close(fd);
	return -1;
}

/* 1: its file is open; 0: there is none; -1.  It may be removed between reading
 * the index and open(2). */
static int
find_and_open(struct v2m_dir *d, enum v2m_kind kind, const char *id,
    struct v2m_object *object, int *fd, struct v2m_err *err)
{
	int found = v2m_dir_index_find(d->db, kind, id, object, err);
	struct v2m_err failure;

	if (found != 1)
		return found;
	*fd = open_file(d, kind, object, &failure);
	if (*fd >= 0)
		return 1;
	if (v2m_dir_index_find(d->db, kind, id, NULL, NULL) == 0)
		return 0;
	return v2m_err_pass(err, &failure);
}

static int
dir_stat(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err)
{
	int fd, found = find_and_open(self, kind, id, object, &fd, err);

	if (found == 1)
		close(fd);
	return found;
}

static void *
dir_read(void *self, enum v2m_kind kind, const char *id,
    struct v2m_object *object, struct v2m_err *err)
{
	int fd, found = find_and_open(self, kind, id, object, &fd, err);
	char what[V2M_OBJECT_WHAT];

	if (found == 0)
		v2m_object_missing(kind, err);
	return found != 1 ? NULL :
	    v2m_dir_reader(fd, v2m_object_what(what, kind, id), err);
}

static int
dir_remove(void *self, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	char path[V2M_DIR_PATH + V2M_NAME_MAX];
	struct v2m_dir *d = self;
	int dropped;

	snprintf(path, sizeof path, "%s/%s", d->folders[kind], id);
	dropped = v2m_dir_index_drop(d->db, kind, id, err);
	/* On a full disk even the row cannot be removed, so remove the file
	 * first. */
	if (dropped < 0 && err != NULL && err->code == V2M_TEMP &&
	    unlink(path) == 0)
		dropped = v2m_dir_index_drop(d->db, kind, id, err);
	if (dropped < 0 || v2m_fault("store-removed", err) < 0)
		return -1;
	if (unlink(path) < 0 && errno != ENOENT)
		return v2m_err_sys(err, V2M_IO, "cannot remove '%s'", path);
	return 0;
}

static void
dir_free_room(void *self, enum v2m_kind kind, const char *id)
{
	char path[V2M_DIR_PATH + V2M_NAME_MAX];
	struct v2m_dir *d = self;

	snprintf(path, sizeof path, "%s/%s", d->folders[kind], id);
	unlink(path);
}

/* --- with the index alone --- */

static int
dir_objects(void *self, enum v2m_kind kind, const char *video,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err)
{
	return v2m_dir_index_objects(((struct v2m_dir *)self)->db, kind, video,
	    each, arg, err);
}

static bool
dir_knows_loose(const void *self)
{
	return ((const struct v2m_dir *)self)->shared;
}

static int
dir_loose(void *self, enum v2m_kind kind,
    int (*each)(void *arg, const struct v2m_object *object), void *arg,
    struct v2m_err *err)
{
	return v2m_dir_index_loose(((struct v2m_dir *)self)->db, kind, each,
	    arg, err);
}

static int
dir_tidy(void *self, const struct v2m_tidy *t, struct v2m_err *err)
{
	struct v2m_dir *d = self;

	if (v2m_dir_tidy(d->db, V2M_VIDEO, d->folders[V2M_VIDEO], t,
	    err) < 0)
		return -1;
	if (v2m_dir_tidy(d->db, V2M_MP3, d->folders[V2M_MP3], t, err) < 0)
		return -1;
	return v2m_dir_tidy_partials(d, t, err);
}

const struct v2m_objects_ops v2m_objects_dir = {
	.init = dir_init,
	.open = dir_open,
	.close = dir_close,
	.ready = dir_ready,
	.room = dir_room,
	.hold = dir_hold,
	.create = dir_create,
	.write = dir_write,
	.commit = dir_commit,
	.discard = dir_discard,
	.stat = dir_stat,
	.read = dir_read,
	.fd = v2m_dir_fd,
	.pread = v2m_dir_pread,
	.release = v2m_dir_release,
	.remove = dir_remove,
	.free_room = dir_free_room,
	.objects = dir_objects,
	.knows_loose = dir_knows_loose,
	.loose = dir_loose,
	.tidy = dir_tidy,
	.partial_chunk_size = v2m_dir_partial_chunk_size,
	.partial_begin = v2m_dir_partial_begin,
	.partial_take = v2m_dir_partial_take,
	.partial_write = v2m_dir_partial_write,
	.partial_sync = v2m_dir_partial_sync,
	.partial_read = v2m_dir_partial_read,
	.partial_finish = v2m_dir_partial_finish,
	.partial_unfinish = v2m_dir_partial_unfinish,
	.partial_erase = v2m_dir_partial_erase,
};
