#include "flow/owners.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/owner.h"
#include "base/state.h"
#include "base/stop.h"

struct walk {
	const struct v2m_owners *o;
	const char *state;
	uid_t uid;
	gid_t gid;
	char owner[V2M_OWNER_NAME];
};

/* The path as it is shown: without STATE, if it is in there. */
static const char *
shown(const struct walk *w, const char *path)
{
	size_t n = strlen(w->state);

	return strncmp(path, w->state, n) == 0 && path[n] == '/' ?
	    path + n + 1 : path;
}

/* The owner of the folder could have put a link to somebody else's file into
 * it: such a file must not be given to them. */
static bool
can_repair(const struct stat *st)
{
	return S_ISDIR(st->st_mode) ||
	    (S_ISREG(st->st_mode) && st->st_nlink == 1);
}

static void
tell(struct walk *w, const char *path, const struct stat *st)
{
	struct v2m_finding f = { .remedy = V2M_REMEDY_COPY };
	char owner[V2M_OWNER_NAME];

	v2m_owner_name(owner, st->st_uid);
	if (can_repair(st))
		f.remedy = geteuid() == 0 ? V2M_REMEDY_OWNER : V2M_REMEDY_ROOT;
	v2m_text_copy(f.item, sizeof f.item, shown(w, path));
	snprintf(f.what, sizeof f.what, "it belongs to %s, the state to %s",
	    owner, w->owner);
	w->o->found(w->o->arg, &f);
}

static void
repair(struct walk *w, const char *path, int fd, const struct stat *st)
{
	struct v2m_err err;

	if (!can_repair(st) ||
	    fchownat(fd, "", w->uid, w->gid, AT_EMPTY_PATH) == 0)
		return;
	v2m_err_sys(&err, V2M_IO, "cannot give it to %s", w->owner);
	w->o->failed(w->o->arg, shown(w, path), &err);
}

static void
look(struct walk *w, const char *path)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_uid != w->uid) {
		if (w->o->repair)
			repair(w, path, fd, &st);
		else
			tell(w, path, &st);
	}
	close(fd);
}

static void
look_at(struct walk *w, const char *base, const char *rest)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s%s", base, rest) <
	    (int)sizeof path)
		look(w, path);
}

static void
look_at_database(struct walk *w, const char *path)
{
	look_at(w, path, "");
	look_at(w, path, "-wal");
	look_at(w, path, "-shm");
	look_at(w, path, "-turns");
}

/* The folder, then what is in it. */
static void
look_into(struct walk *w, const char *base, const char *rest)
{
	char dir[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
	const struct dirent *e;
	unsigned n = 0;
	DIR *d;

	if (snprintf(dir, sizeof dir, "%s%s", base, rest) >= (int)sizeof dir)
		return;
	look(w, dir);
	d = opendir(dir);
	while (d != NULL && (e = readdir(d)) != NULL &&
	    v2m_stop_count() == 0 && (w->o->most == 0 || n++ < w->o->most))
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0) {
			snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
			look(w, path);
		}
	if (d != NULL)
		closedir(d);
}

static void
look_at_store(struct walk *w, const char *store)
{
	char index[PATH_MAX];

	look(w, store);
	if (snprintf(index, sizeof index, "%s/index.db", store) <
	    (int)sizeof index)
		look_at_database(w, index);
	look_at(w, store, "/reserve");
	look_into(w, store, "/videos");
	look_into(w, store, "/mp3s");
}

static void
look_at_all(struct walk *w, const struct v2m_conf *conf)
{
	const char *users = v2m_conf_rest(conf, "users", "sqlite");
	const char *queue = v2m_conf_rest(conf, "queue", "sqlite");
	const char *store = v2m_conf_rest(conf, "store", "dir");
	const char *objects = v2m_conf_rest(conf, "objects", "dir");
	const char *secret = v2m_conf_text(conf, "jwt_secret_file");

	/* A secret outside of STATE may well belong to root. */
	if (shown(w, secret) != secret)
		look(w, secret);
	if (users != NULL)
		look_at_database(w, users);
	if (queue != NULL && (users == NULL || strcmp(users, queue) != 0))
		look_at_database(w, queue);
	if (store != NULL)
		look_at_store(w, store);
	if (objects != NULL && (store == NULL || strcmp(store, objects) != 0))
		look_at_store(w, objects);
}

int
v2m_owners(const struct v2m_conf *conf, const struct v2m_owners *o,
    struct v2m_err *err)
{
	struct walk w = { .o = o, .state = conf->state };
	int found = v2m_state_owner(conf, &w.uid, &w.gid, err);

	if (found <= 0)
		return found;
	v2m_owner_name(w.owner, w.uid);
	look_at_all(&w, conf);
	return 0;
}
