#include "flow/backup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/db.h"
#include "base/fault.h"
#include "base/file_copy.h"
#include "base/io.h"
#include "base/state.h"
#include "base/stop.h"
#include "flow/backup_folder.h"
#include "store/dir_copy.h"
#include "store/store.h"

#define ROUNDS 20		/* looks at the index */
#define ROUND_PAUSE_MS 50
#define NEW ".new"		/* behind a database that is not in place yet */

/* A database; if it is the index of a store, with the objects beside it. */
struct part {
	char path[PATH_MAX];		/* of the original */
	char name[PATH_MAX];		/* in the copy */
	struct v2m_db *live, *seen;	/* now, and at the moment of the copy */
	bool has_objects;
	char from[PATH_MAX], to[PATH_MAX];
	struct v2m_dir_copy objects;
};

struct run {
	const struct v2m_conf *conf;
	const char *dir;
	struct v2m_backup *b;
	struct part parts[V2M_STATE_DATABASES];
	int n;
};

/* --- what there is --- */

static bool
join(char path[PATH_MAX], const char *a, const char *b, const char *c)
{
	return snprintf(path, PATH_MAX, "%s%s%s", a, b, c) < PATH_MAX;
}

/* The part of the path behind STATE; NULL if it is elsewhere.  A path with ".."
 * may lead out of STATE. */
static const char *
name_in_state(const struct v2m_conf *conf, const char *path)
{
	size_t n = strlen(conf->state);

	return strncmp(path, conf->state, n) == 0 && path[n] == '/' &&
	    strstr(path + n, "/..") == NULL ? path + n + 1 : NULL;
}

/* Several settings may name the same file: users and queue mostly do. */
static struct part *
find_part(struct run *run, const char *path)
{
	int i;

	for (i = 0; i < run->n; i++)
		if (strcmp(run->parts[i].path, path) == 0)
			return &run->parts[i];
	return NULL;
}

/* Does the setting name the place of the objects?  `store` does not, if
 * `objects` is set. */
static bool
has_objects(const struct v2m_conf *conf, const char *key)
{
	return strcmp(key, v2m_store_objects_key(conf)) == 0;
}

static int
add_part(struct run *run, const char *key, const char *place,
    const char *file, struct v2m_err *err)
{
	const char *name = name_in_state(run->conf, place);
	struct part *p = &run->parts[run->n], *same;
	char own[64];

	snprintf(own, sizeof own, "%s%s", key, file[0] == '\0' ? ".db" : "");
	if (!join(p->path, place, file, "") ||
	    !join(p->name, name == NULL ? own : name, file, "") ||
	    !join(p->from, place, "", "") ||
	    !join(p->to, run->dir, "/", name == NULL ? own : name))
		return v2m_err_set(err, V2M_CONFIG, "path too long: '%s'",
		    place);
	same = find_part(run, p->path);
	if (same == NULL) {
		same = p;
		run->n++;
	}
	same->has_objects |= has_objects(run->conf, key);
	return 0;
}

/* --- the names in the copy --- */

static bool
is_same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 &&
	    sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

/* Are the paths equal, or is one a folder that contains the other? */
static bool
names_meet(const char *a, const char *b)
{
	while (*a == *b && *a != '\0') {
		a++;
		b++;
	}
	return (*a == '\0' || *a == '/') && (*b == '\0' || *b == '/');
}

/* A file outside of STATE may get the same name as one in STATE. */
static int
check_name(const struct run *run, int n, const char *path, const char *name,
    struct v2m_err *err)
{
	int i;

	for (i = 0; i < n; i++) {
		const struct part *p = &run->parts[i];

		if (is_same_file(p->path, path))
			return v2m_err_set(err, V2M_CONFIG, "'%s' and '%s' are "
			    "one file: give it the same name in all settings",
			    p->path, path);
		if (names_meet(p->name, name))
			return v2m_err_set(err, V2M_CONFIG, "'%s' and '%s' "
			    "would both be '%s' in a backup: give one another "
			    "name", p->path, path, name);
	}
	return names_meet(V2M_BACKUP_NOTE, name) ? v2m_err_set(err, V2M_CONFIG,
	    "'%s' has the name of the file that says what a backup is: give it "
	    "another", path) : 0;
}

/* The name in the copy of the file that setting i names; NULL: not copied. */
static const char *
name_of_setting(const struct run *run, size_t i)
{
	const char *name;

	if (v2m_conf_keys[i].kind != V2M_CONF_PATH)
		return NULL;
	name = name_in_state(run->conf,
	    v2m_conf_text(run->conf, v2m_conf_keys[i].name));
	return name != NULL && strchr(name, '/') == NULL ? name : NULL;
}

static int
check_names(const struct run *run, struct v2m_err *err)
{
	const char *name;
	size_t k;
	int i;

	for (i = 0; i < run->n; i++)
		if (check_name(run, i, run->parts[i].path, run->parts[i].name,
		    err) < 0)
			return -1;
	for (k = 0; v2m_conf_keys[k].name != NULL; k++) {
		name = name_of_setting(run, k);
		if (name != NULL && check_name(run, run->n,
		    v2m_conf_text(run->conf, v2m_conf_keys[k].name), name,
		    err) < 0)
			return -1;
	}
	return 0;
}

static int
find_parts(struct run *run, struct v2m_err *err)
{
	const struct v2m_state_database *d;
	const char *place;

	for (d = v2m_state_databases; d->key != NULL; d++) {
		place = v2m_conf_rest(run->conf, d->key, d->scheme);
		if (place != NULL && add_part(run, d->key, place, d->file,
		    err) < 0)
			return -1;
	}
	return run->n > 0 ? check_names(run, err) : v2m_err_set(err,
	    V2M_CONFIG, "users, store and queue are on servers: back them up "
	    "by their own means, see v2m-admin(7)");
}

static int
open_part(struct run *run, struct part *p, struct v2m_err *err)
{
	p->live = v2m_db_open(p->path, false, err);
	if (p->live == NULL)
		return -1;
	p->seen = v2m_db_open(p->path, false, err);
	if (p->seen == NULL)
		return -1;
	p->objects.from = p->from;
	p->objects.to = p->to;
	p->objects.link = run->b->link;
	p->objects.lost = run->b->lost;
	p->objects.arg = run->b->arg;
	return 0;
}

static void
release_parts(struct run *run)
{
	int i;

	for (i = 0; i < run->n; i++) {
		v2m_db_close(run->parts[i].seen);
		v2m_db_close(run->parts[i].live);
		v2m_dir_copy_release(&run->parts[i].objects);
	}
}

/* --- all databases at one moment --- */

static void
end_seeing(struct run *run)
{
	int i;

	for (i = 0; i < run->n; i++)
		v2m_db_rollback(run->parts[i].seen);
}

/* Lock all databases while the reading transactions begin.  This cannot
 * deadlock: no other program locks two of them. */
static int
begin_seeing(struct run *run, struct v2m_err *err)
{
	int locked = 0, seen = 0, i;

	while (locked < run->n &&
	    v2m_db_begin(run->parts[locked].live, err) == 0)
		locked++;
	while (locked == run->n && seen < run->n &&
	    v2m_db_begin_reading(run->parts[seen].seen, err) == 0)
		seen++;
	for (i = 0; i < locked; i++)
		v2m_db_rollback(run->parts[i].live);
	if (seen == run->n)
		return 0;
	end_seeing(run);
	return -1;
}

/* 1; 0: an object was removed in between; -1. */
static int
copy_objects(struct run *run, struct v2m_err *err)
{
	int got = 1, i;

	for (i = 0; i < run->n && got == 1; i++) {
		struct part *p = &run->parts[i];

		if (!p->has_objects)
			continue;
		got = v2m_dir_copy_list(&p->objects, p->seen, err);
		if (got == 0 && (got = v2m_fault("backup-listed", err)) == 0)
			got = v2m_dir_copy_rest(&p->objects, p->live, err);
	}
	return got;
}

static int
copy_database(const struct run *run, const struct part *p,
    struct v2m_err *err)
{
	char path[PATH_MAX], *slash;

	if (!join(path, run->dir, "/", p->name) ||
	    strlen(path) + sizeof NEW > sizeof path)
		return v2m_err_set(err, V2M_CONFIG, "path too long: '%s'",
		    p->name);
	slash = strrchr(path, '/');
	*slash = '\0';
	if (v2m_io_mkdirs(path, 0700, err) < 0)
		return -1;
	*slash = '/';
	memcpy(path + strlen(path), NEW, sizeof NEW);
	unlink(path);
	return v2m_db_copy(p->seen, path, err);
}

static int
copy_databases(const struct run *run, struct v2m_err *err)
{
	int i;

	for (i = 0; i < run->n; i++)
		if (copy_database(run, &run->parts[i], err) < 0)
			return -1;
	return 0;
}

/* 1; 0: try again; -1. */
static int
copy_moment(struct run *run, struct v2m_err *err)
{
	int got;

	if (begin_seeing(run, err) < 0)
		return -1;
	got = copy_objects(run, err);
	if (got == 1 && copy_databases(run, err) < 0)
		got = -1;
	end_seeing(run);
	return got;
}

static int
copy_all(struct run *run, struct v2m_err *err)
{
	int i, got = 0;

	for (i = 0; i < run->n; i++)
		if (run->parts[i].has_objects &&
		    v2m_dir_copy_files(&run->parts[i].objects, err) < 0)
			return -1;
	for (i = 0; i < ROUNDS && got == 0; i++) {
		if (i > 0 && v2m_stop_sleep(ROUND_PAUSE_MS) > 0)
			return v2m_stop_check(err);
		got = copy_moment(run, err);
	}
	return got != 0 ? got : v2m_err_busy(err, "videos and MP3s are removed "
	    "faster than they can be copied: try again later");
}

/* --- the rest --- */

/* Files in STATE that settings name: secrets, keys, templates. */
static int
copy_settings(const struct run *run, struct v2m_err *err)
{
	const char *name;
	size_t i;

	for (i = 0; v2m_conf_keys[i].name != NULL; i++) {
		name = name_of_setting(run, i);
		if (name != NULL && v2m_file_copy(v2m_conf_text(run->conf,
		    v2m_conf_keys[i].name), run->dir, name, false, err) < 0)
			return -1;
	}
	return 0;
}

/* The log of the previous copy, if a command was run on it, would be taken for
 * the log of the new database. */
static int
remove_log(const char *database, const char *end, struct v2m_err *err)
{
	char path[PATH_MAX];

	if (!join(path, database, end, "") ||
	    (unlink(path) < 0 && errno != ENOENT))
		return v2m_err_sys(err, V2M_CANTCREATE,
		    "cannot remove '%s%s'", database, end);
	return 0;
}

static int
replace_database(const struct run *run, const struct part *p,
    struct v2m_err *err)
{
	char from[PATH_MAX], to[PATH_MAX];

	if (!join(to, run->dir, "/", p->name) || !join(from, to, NEW, ""))
		return v2m_err_set(err, V2M_CONFIG, "path too long: '%s'",
		    p->name);
	if (remove_log(to, "-wal", err) < 0 || remove_log(to, "-shm", err) < 0)
		return -1;
	if (rename(from, to) < 0)
		return v2m_err_sys(err, V2M_CANTCREATE, "cannot replace '%s'",
		    to);
	*strrchr(to, '/') = '\0';
	return v2m_io_sync_dir(to, err);
}

static int
put_in_place(struct run *run, struct v2m_err *err)
{
	int i;

	for (i = 0; i < run->n; i++)
		if (replace_database(run, &run->parts[i], err) < 0)
			return -1;
	for (i = 0; i < run->n; i++)
		if (run->parts[i].has_objects && v2m_dir_copy_tidy(
		    &run->parts[i].objects, err) < 0)
			return -1;
	return 0;
}

static void
add_up(struct run *run)
{
	int i;

	for (i = 0; i < run->n; i++) {
		const struct v2m_dir_copy *c = &run->parts[i].objects;

		run->b->linked |= c->linked;
		run->b->files += c->files;
		run->b->bytes += c->bytes;
		run->b->removed += c->removed;
	}
}

static int
run_parts(struct run *run, struct v2m_err *err)
{
	int i;

	for (i = 0; i < run->n; i++)
		if (open_part(run, &run->parts[i], err) < 0)
			return -1;
	if (copy_all(run, err) < 0 || copy_settings(run, err) < 0 ||
	    v2m_fault("backup-copied", err) < 0 ||
	    v2m_backup_begin_end(run->dir, err) < 0 ||
	    put_in_place(run, err) < 0)
		return -1;
	add_up(run);
	return v2m_backup_end(run->dir, err);
}

int
v2m_backup(const struct v2m_conf *conf, const char *dir,
    struct v2m_backup *b, struct v2m_err *err)
{
	struct run *run = calloc(1, sizeof *run);
	int lock, ret = -1;

	if (run == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot begin");
	run->conf = conf;
	run->dir = dir;
	run->b = b;
	if (find_parts(run, err) < 0)
		goto out;
	lock = v2m_backup_begin(dir, err);
	if (lock < 0)
		goto out;
	ret = run_parts(run, err);
	release_parts(run);
	close(lock);
out:
	free(run);
	return ret;
}
