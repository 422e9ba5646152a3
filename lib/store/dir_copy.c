#include "store/dir_copy.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_copy.h"
#include "base/io.h"
#include "base/stop.h"
#include "store/dir.h"

#define PATH (V2M_DIR_PATH + V2M_NAME_MAX)

static const char *const folders[] = {
	[V2M_VIDEO] = "videos",
	[V2M_MP3] = "mp3s",
};

static void
name_folder(const char *root, enum v2m_kind kind, char path[V2M_DIR_PATH])
{
	snprintf(path, V2M_DIR_PATH, "%s/%s", root, folders[kind]);
}

/* --- lists of IDs --- */

static int
add_id(struct v2m_dir_copy_ids *list, const char *id, struct v2m_err *err)
{
	char (*more)[V2M_ID_SIZE];
	size_t room = list->room == 0 ? 256 : 2 * list->room;

	if (list->n == list->room) {
		more = realloc(list->ids, room * sizeof *more);
		if (more == NULL)
			return v2m_err_sys(err, V2M_TEMP, "cannot list the "
			    "store");
		list->ids = more;
		list->room = room;
	}
	memcpy(list->ids[list->n++], id, V2M_ID_SIZE);
	return 0;
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool
has_id(const struct v2m_dir_copy_ids *list, const char *id)
{
	return list->n > 0 && bsearch(id, list->ids, list->n, V2M_ID_SIZE,
	    compare_ids) != NULL;
}

/* An ID may be in it twice, which does not matter. */
static void
sort_ids(struct v2m_dir_copy_ids *list)
{
	if (list->n > 0)
		qsort(list->ids, list->n, V2M_ID_SIZE, compare_ids);
}

/* The ID in the name ID or ID.part; false: another name. */
static bool
id_of(const char *name, char id[V2M_ID_SIZE], bool *partial)
{
	if (strlen(name) < V2M_ID_SIZE - 1)
		return false;
	memcpy(id, name, V2M_ID_SIZE - 1);
	id[V2M_ID_SIZE - 1] = '\0';
	name += V2M_ID_SIZE - 1;
	*partial = strcmp(name, V2M_DIR_PARTIAL) == 0;
	return (*partial || name[0] == '\0') && v2m_id_valid(id);
}

/* --- one file --- */

/* Does the copy have this file?  If hard links are not wanted, a link to the
 * store's own file does not count. */
static bool
has_copy(struct v2m_dir_copy *c, const char *from, const char *to)
{
	struct stat one, other;
	bool same;

	if (stat(from, &one) < 0 || stat(to, &other) < 0 ||
	    one.st_size != other.st_size)
		return false;
	same = one.st_ino == other.st_ino && one.st_dev == other.st_dev;
	c->linked |= same && c->link;
	return !same || c->link;
}

static void
count_file(struct v2m_dir_copy *c, const char *path, int copied)
{
	struct stat st;

	c->files++;
	if (stat(path, &st) == 0)
		c->bytes += st.st_size;
	if (copied == V2M_FILE_LINKED)
		c->linked = true;
}

/* 1; 0: it was removed; -1. */
static int
copy_object(struct v2m_dir_copy *c, enum v2m_kind kind, const char *id,
    struct v2m_err *err)
{
	char dir[V2M_DIR_PATH], from[PATH], to[PATH];
	int copied;

	name_folder(c->from, kind, dir);
	snprintf(from, sizeof from, "%s/%s", dir, id);
	name_folder(c->to, kind, dir);
	snprintf(to, sizeof to, "%s/%s", dir, id);
	if (has_copy(c, from, to))
		return 1;
	copied = v2m_file_copy(from, dir, id, c->link, err);
	if (copied > 0)
		count_file(c, to, copied);
	return copied < 0 ? -1 : copied > 0;
}

/* If the file is gone, the upload is complete now, and the video has its
 * bytes. */
static int
copy_partial(struct v2m_dir_copy *c, const char *id, struct v2m_err *err)
{
	char dir[V2M_DIR_PATH], from[PATH], name[64];
	int copied;

	name_folder(c->from, V2M_VIDEO, dir);
	snprintf(from, sizeof from, "%s/%s" V2M_DIR_PARTIAL, dir, id);
	snprintf(name, sizeof name, "%s" V2M_DIR_PARTIAL, id);
	name_folder(c->to, V2M_VIDEO, dir);
	copied = v2m_file_copy(from, dir, name, false, err);
	if (copied == V2M_FILE_GONE) {
		from[strlen(from) - strlen(V2M_DIR_PARTIAL)] = '\0';
		copied = v2m_file_copy(from, dir, name, false, err);
	}
	return copied < 0 ? -1 : 0;
}

/* --- folders --- */

/* Call each for the name of every file of v2m in a folder. */
static int
walk(struct v2m_dir_copy *c, const char *root, enum v2m_kind kind,
    int (*each)(struct v2m_dir_copy *c, enum v2m_kind kind, const char *name,
    struct v2m_err *err), struct v2m_err *err)
{
	char path[V2M_DIR_PATH];
	const struct dirent *e;
	int ret = 0;
	DIR *d;

	name_folder(root, kind, path);
	d = opendir(path);
	if (d == NULL)
		return v2m_err_sys(err, V2M_IO, "cannot list '%s'", path);
	errno = 0;
	while (ret == 0 && (e = readdir(d)) != NULL) {
		ret = v2m_stop_check(err);
		if (ret == 0)
			ret = each(c, kind, e->d_name, err);
		errno = 0;
	}
	if (ret == 0 && errno != 0)
		ret = v2m_err_sys(err, V2M_IO, "cannot list '%s'", path);
	closedir(d);
	return ret;
}

static int
copy_name(struct v2m_dir_copy *c, enum v2m_kind kind, const char *name,
    struct v2m_err *err)
{
	char id[V2M_ID_SIZE];
	bool partial;

	if (!id_of(name, id, &partial))
		return 0;
	if (partial)
		return add_id(&c->partials, id, err);
	return copy_object(c, kind, id, err) < 0 ? -1 : 0;
}

static int
note_partial(struct v2m_dir_copy *c, enum v2m_kind kind, const char *name,
    struct v2m_err *err)
{
	char id[V2M_ID_SIZE];
	bool partial;

	(void)kind;
	return id_of(name, id, &partial) && partial ?
	    add_id(&c->partials, id, err) : 0;
}

int
v2m_dir_copy_files(struct v2m_dir_copy *c, struct v2m_err *err)
{
	char path[V2M_DIR_PATH];
	int kind;

	for (kind = V2M_VIDEO; kind <= V2M_MP3; kind++) {
		name_folder(c->to, kind, path);
		if (v2m_io_mkdirs(path, 0700, err) < 0 ||
		    walk(c, c->from, kind, copy_name, err) < 0)
			return -1;
	}
	return 0;
}

/* --- the objects of the index --- */

struct listing {
	struct v2m_dir_copy_ids *list;
	struct v2m_err *err;
};

static int
list_object(void *arg, const struct v2m_object *object)
{
	const struct listing *l = arg;

	return add_id(l->list, object->id, l->err);
}

int
v2m_dir_copy_list(struct v2m_dir_copy *c, struct v2m_db *index,
    struct v2m_err *err)
{
	struct listing l = { .err = err };
	int kind;

	if (v2m_dir_index_ready(index, err) < 0)
		return -1;
	for (kind = V2M_VIDEO; kind <= V2M_MP3; kind++) {
		l.list = &c->objects[kind];
		l.list->n = 0;
		if (v2m_dir_index_objects(index, kind, NULL, list_object, &l,
		    err) < 0)
			return -1;
	}
	return 0;
}

/* Is the file missing in the store itself?  1: yes, and reported; 0: the object
 * was removed; -1. */
static int
tell_lost(struct v2m_dir_copy *c, struct v2m_db *live, enum v2m_kind kind,
    const char *id, struct v2m_err *err)
{
	int found = v2m_dir_index_find(live, kind, id, NULL, err);
	struct v2m_err why;

	if (found == 1) {
		v2m_err_damage(&why, "its file in %s/%s is missing", c->from,
		    folders[kind]);
		c->lost(c->arg, id, &why);
	}
	return found;
}

/* 1; 0: an object was removed; -1. */
static int
copy_listed(struct v2m_dir_copy *c, struct v2m_db *live, enum v2m_kind kind,
    struct v2m_err *err)
{
	const struct v2m_dir_copy_ids *list = &c->objects[kind];
	int got = 1;
	size_t i;

	for (i = 0; i < list->n && got == 1; i++) {
		if (v2m_stop_check(err) < 0)
			return -1;
		got = copy_object(c, kind, list->ids[i], err);
		if (got == 0)
			got = tell_lost(c, live, kind, list->ids[i], err);
	}
	return got;
}

int
v2m_dir_copy_rest(struct v2m_dir_copy *c, struct v2m_db *live,
    struct v2m_err *err)
{
	char path[V2M_DIR_PATH];
	int kind, got = 1;
	size_t i;

	for (kind = V2M_VIDEO; kind <= V2M_MP3 && got == 1; kind++)
		got = copy_listed(c, live, kind, err);
	if (got != 1)
		return got;
	if (walk(c, c->from, V2M_VIDEO, note_partial, err) < 0)
		return -1;
	sort_ids(&c->partials);
	for (i = 0; i < c->partials.n; i++)
		if (copy_partial(c, c->partials.ids[i], err) < 0)
			return -1;
	for (kind = V2M_VIDEO; kind <= V2M_MP3; kind++) {
		name_folder(c->to, kind, path);
		if (v2m_io_sync_dir(path, err) < 0)
			return -1;
	}
	return 1;
}

/* --- files that must go --- */

/* Nobody else writes there: a temporary file is of a run that died. */
static bool
is_wanted(const struct v2m_dir_copy *c, enum v2m_kind kind, const char *name)
{
	char id[V2M_ID_SIZE];
	bool partial;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return true;
	if (!id_of(name, id, &partial))
		return strncmp(name, ".v2m-", 5) != 0;
	return has_id(partial ? &c->partials : &c->objects[kind], id);
}

static int
remove_name(struct v2m_dir_copy *c, enum v2m_kind kind, const char *name,
    struct v2m_err *err)
{
	char dir[V2M_DIR_PATH], path[PATH];

	if (is_wanted(c, kind, name))
		return 0;
	name_folder(c->to, kind, dir);
	snprintf(path, sizeof path, "%s/%s", dir, name);
	if (unlink(path) < 0 && errno != ENOENT)
		return v2m_err_sys(err, V2M_IO, "cannot remove '%s'", path);
	c->removed++;
	return 0;
}

int
v2m_dir_copy_tidy(struct v2m_dir_copy *c, struct v2m_err *err)
{
	return walk(c, c->to, V2M_VIDEO, remove_name, err) < 0 ||
	    walk(c, c->to, V2M_MP3, remove_name, err) < 0 ? -1 : 0;
}

void
v2m_dir_copy_release(struct v2m_dir_copy *c)
{
	free(c->objects[V2M_VIDEO].ids);
	free(c->objects[V2M_MP3].ids);
	free(c->partials.ids);
}
