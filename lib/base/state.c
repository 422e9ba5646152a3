#include "base/state.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/kept_file.h"
#include "base/owner.h"
#include "base/secret.h"

/* --- the owner --- */

const struct v2m_state_database
    v2m_state_databases[V2M_STATE_DATABASES + 1] = {
	{ "users", "sqlite", "" },
	{ "queue", "sqlite", "" },
	{ "store", "dir", "/index.db" },
	{ "objects", "dir", "/index.db" },
	{ NULL, NULL, NULL },
};

/* The path of the database, if it is embedded. */
static bool
find_path(const struct v2m_conf *conf, const struct v2m_state_database *d,
    char path[PATH_MAX])
{
	const char *rest = v2m_conf_rest(conf, d->key, d->scheme);

	return rest != NULL && rest[0] != '\0' && snprintf(path, PATH_MAX,
	    "%s%s", rest, d->file) < PATH_MAX;
}

/* The owner of the state is the owner of the database.  But the owner of the
 * folder could have put somebody else's file there: so the two must be the
 * same, or the folder must be root's.  A file of root in another user's folder,
 * which an older v2m may have left, counts as that user's. */
static int
judge(const char *path, const struct stat *file, uid_t *uid, gid_t *gid,
    struct v2m_err *err)
{
	char folder[PATH_MAX], mine[V2M_OWNER_NAME], theirs[V2M_OWNER_NAME];
	char *slash;
	struct stat st;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL)
		return v2m_err_set(err, V2M_CONFIG, "'%s' is not an absolute "
		    "path",
		    path);
	slash[slash == folder] = '\0';
	if (stat(folder, &st) < 0)
		return v2m_err_sys(err, V2M_IO, "cannot look at '%s'", folder);
	if (file->st_uid == 0 && st.st_uid != 0)
		file = &st;
	*uid = file->st_uid;
	*gid = file->st_gid;
	if (st.st_uid == *uid || st.st_uid == 0)
		return 1;
	v2m_owner_name(mine, *uid);
	v2m_owner_name(theirs, st.st_uid);
	return v2m_err_set(err, V2M_DENIED, "'%s' belongs to %s, its folder to "
	    "%s: they have to be one user's", path, mine, theirs);
}

static int
find(const struct v2m_conf *conf, uid_t *uid, gid_t *gid, struct v2m_err *err)
{
	const struct v2m_state_database *d;
	char path[PATH_MAX];
	struct stat st;

	for (d = v2m_state_databases; d->key != NULL; d++) {
		if (!find_path(conf, d, path))
			continue;
		if (stat(path, &st) == 0)
			return judge(path, &st, uid, gid, err);
		/* EACCES: not even root may look, on a network file system;
		 * then the owner of the folder counts. */
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return v2m_err_sys(err, V2M_IO, "cannot look at '%s'",
			    path);
	}
	if (stat(conf->state, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		    v2m_err_sys(err, V2M_IO, "cannot look at '%s'",
		    conf->state);
	*uid = st.st_uid;
	*gid = st.st_gid;
	return 1;
}

int
v2m_state_owner(const struct v2m_conf *conf, uid_t *uid, gid_t *gid,
    struct v2m_err *err)
{
	int found = find(conf, uid, gid, err);

	if (found == 1 && *uid == V2M_OWNER_NOBODY)
		return v2m_err_set(err, V2M_DENIED, "'%s' belongs to user %u, "
		    "but v2m does not run as that user: give it to another "
		    "one (chown -R)", conf->state, (unsigned)*uid);
	return found;
}

int
v2m_state_refuse_root(const struct v2m_conf *conf, struct v2m_err *err)
{
	uid_t uid;
	gid_t gid;
	int found;

	if (geteuid() != 0)
		return 0;
	found = v2m_state_owner(conf, &uid, &gid, err);
	if (found == 1 && uid != 0)
		return v2m_owner_refuse(err, V2M_DENIED, conf->state, uid,
		    gid);
	return found < 0 ? -1 : 0;
}

/* --- becoming the owner --- */

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && strcmp(s + n - m, end) == 0;
}

void
v2m_state_keep_files(const struct v2m_conf *conf)
{
	size_t i;

	for (i = 0; v2m_conf_keys[i].name != NULL; i++) {
		const char *key = v2m_conf_keys[i].name;
		const char *path = v2m_conf_text(conf, key);

		if (ends_with(key, "_password_file") ||
		    ends_with(key, "_secret_file"))
			v2m_secret_keep(path);
		else if (ends_with(key, "_key_file"))
			v2m_kept_file_take(path, true);
		else if (ends_with(key, "_cert_file") ||
		    ends_with(key, "_ca_file"))
			v2m_kept_file_take(path, false);
	}
}

/* Can the file be read, or was it kept? */
static bool
is_readable(const char *path)
{
	struct v2m_err ignored;
	char *secret;

	if (v2m_kept_file_has(path) || euidaccess(path, R_OK) == 0 ||
	    errno != EACCES)
		return true;
	secret = v2m_secret_file(path, NULL, &ignored);
	v2m_secret_free(secret);
	return secret != NULL;
}

/* A file that was not kept is opened at each connection.  If it cannot be read,
 * say so now: a worker would take it for a server that is away, and try for
 * days. */
static int
check_file(const char *key, const char *path, const char *owner,
    struct v2m_err *err)
{
	if (path == NULL || path[0] == '\0' || is_readable(path))
		return 0;
	return v2m_err_set(err, V2M_CONFIG, "%s: '%s' has to be readable by "
	    "%s, the owner of this state", key, path, owner);
}

static int
check_service(const struct v2m_conf *conf, const char *service, bool has_tls,
    const char *owner, struct v2m_err *err)
{
	static const char *const ends[] = { "password", "ca", "cert", "key" };
	size_t i, n = has_tls ? sizeof ends / sizeof *ends : 1;
	char key[64];

	for (i = 0; i < n; i++) {
		snprintf(key, sizeof key, "%s_%s_file", service, ends[i]);
		if (check_file(key, v2m_conf_text(conf, key), owner, err) < 0)
			return -1;
	}
	return 0;
}

static bool
uses_aws(const struct v2m_conf *conf)
{
	return v2m_conf_rest(conf, "objects", "s3") != NULL ||
	    v2m_conf_rest(conf, "objects", "dynamodb") != NULL ||
	    v2m_conf_rest(conf, "store", "dynamodb") != NULL;
}

/* Check the files of the credentials of AWS. */
static int
check_aws(const struct v2m_conf *conf, const char *owner, struct v2m_err *err)
{
	static const char *const names[] = { "AWS_SHARED_CREDENTIALS_FILE",
	    "AWS_CONFIG_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
	    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" };
	size_t i;

	if (!uses_aws(conf))
		return 0;
	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (check_file(names[i], getenv(names[i]), owner, err) < 0)
			return -1;
	return 0;
}

static int
check_files(const struct v2m_conf *conf, const char *owner,
    struct v2m_err *err)
{
	static const struct {
		const char *service, *server;
		bool has_tls;
	} uses[] = {
		{ "users", "mysql", true },
		{ "queue", "amqp", false }, { "queue", "amqps", true },
		{ "store", "mongodb", true }, { "store", "mongodb+srv", true },
		{ "store", "dynamodb", true }, { "objects", "dynamodb", true },
		{ "objects", "mongodb", true },
		{ "objects", "mongodb+srv", true }, { "objects", "s3", true },
		{ "notify", "smtp", true }, { "notify", "smtps", true },
	};
	size_t i;

	for (i = 0; i < sizeof uses / sizeof *uses; i++)
		if (v2m_conf_rest(conf, uses[i].service, uses[i].server) !=
		    NULL && check_service(conf, uses[i].service,
		    uses[i].has_tls, owner, err) < 0)
			return -1;
	return check_aws(conf, owner, err);
}

struct identity {
	uid_t uid;
	gid_t gid;
	char name[V2M_OWNER_NAME];
	char home[PATH_MAX];
	bool known;		/* has an entry in passwd */
};

static void
look_up(struct identity *id)
{
	struct passwd space, *found = NULL;
	char buf[4096];

	id->known = getpwuid_r(id->uid, &space, buf, sizeof buf, &found) ==
	    0 && found != NULL && strlen(found->pw_name) < V2M_OWNER_NAME;
	snprintf(id->home, sizeof id->home, "%s", id->known &&
	    found->pw_dir[0] == '/' ? found->pw_dir : "/");
	if (id->known) {
		id->gid = found->pw_gid;
		snprintf(id->name, sizeof id->name, "%s", found->pw_name);
	} else {
		snprintf(id->name, sizeof id->name, "%u", (unsigned)id->uid);
	}
}

static int
change(const struct identity *id)
{
	if ((id->known ? initgroups(id->name, id->gid) :
	    setgroups(0, NULL)) < 0 ||
	    setresgid(id->gid, id->gid, id->gid) < 0 ||
	    setresuid(id->uid, id->uid, id->uid) < 0)
		return -1;
	return 0;
}

/* Has the user changed, and is there no way back? */
static bool
is_changed(const struct identity *id)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	if (setresuid((uid_t)-1, 0, (uid_t)-1) == 0 || setuid(0) == 0 ||
	    (id->gid != 0 && setresgid((gid_t)-1, 0, (gid_t)-1) == 0))
		return false;
	return getresuid(&r, &e, &s) == 0 && getresgid(&rg, &eg, &sg) == 0 &&
	    r == id->uid && e == id->uid && s == id->uid &&
	    rg == id->gid && eg == id->gid && sg == id->gid;
}

static int
set_environment(const struct identity *id)
{
	static const char *const others[] = { "XDG_CONFIG_HOME",
	    "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME",
	    "XDG_RUNTIME_DIR" };
	const char *tmp = getenv("TMPDIR");
	size_t i;

	for (i = 0; i < sizeof others / sizeof *others; i++)
		unsetenv(others[i]);
	/* It may be root's own folder. */
	if (tmp != NULL && access(tmp, W_OK | X_OK) < 0)
		unsetenv("TMPDIR");
	return setenv("HOME", id->home, 1) < 0 ||
	    setenv("USER", id->name, 1) < 0 ||
	    setenv("LOGNAME", id->name, 1) < 0 ? -1 : 0;
}

/* The user of the key `user`.  1; 0: it is not set; -1. */
static int
find_user(const struct v2m_conf *conf, struct identity *id,
    struct v2m_err *err)
{
	const char *name = v2m_conf_text(conf, "user");
	struct passwd space, *found = NULL;
	char buf[4096];

	if (name[0] == '\0')
		return 0;
	if (getpwnam_r(name, &space, buf, sizeof buf, &found) != 0 ||
	    found == NULL || found->pw_uid == V2M_OWNER_NOBODY)
		return v2m_err_set(err, V2M_CONFIG, "user: there is no user "
		    "'%.80s' here who could run this", name);
	id->uid = found->pw_uid;
	id->gid = found->pw_gid;
	return 1;
}

/* The user whom root is to become: the owner of the state, or, if there is no
 * state here, `user`.  If both are known, they must be the same.  1; 0: root
 * stays root; -1. */
static int
find_identity(const struct v2m_conf *conf, struct identity *id,
    struct v2m_err *err)
{
	struct identity named = { .uid = 0 };
	int has_owner = v2m_state_owner(conf, &id->uid, &id->gid, err);
	int has_user = has_owner < 0 ? -1 : find_user(conf, &named, err);

	if (has_user < 0)
		return -1;
	if (has_owner == 1 && has_user == 1 && named.uid != id->uid)
		return v2m_err_set(err, V2M_CONFIG, "user = %.80s, but '%s' "
		    "is another's: only its owner can work with it",
		    v2m_conf_text(conf, "user"), conf->state);
	if (has_owner == 0)
		*id = named;
	return (has_owner == 1 || has_user == 1) && id->uid != 0;
}

int
v2m_state_become(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct identity id;
	int found;

	if (geteuid() != 0)
		return 0;
	found = find_identity(conf, &id, err);
	if (found <= 0)
		return found;
	v2m_state_keep_files(conf);
	look_up(&id);
	if (change(&id) < 0) {
		v2m_err_sys(err, V2M_DENIED, "'%s' belongs to %s, and root "
		    "cannot become that user", conf->state, id.name);
		return -1;
	}
	if (!is_changed(&id))
		return v2m_err_set(err, V2M_DENIED, "'%s' belongs to %s, and "
		    "root would not stay that user", conf->state, id.name);
#if defined(__SANITIZE_ADDRESS__)
	/* Otherwise the leak checker cannot attach to the process. */
	prctl(PR_SET_DUMPABLE, 1);
#endif
	if (set_environment(&id) < 0)
		return v2m_err_sys(err, V2M_TEMP, "cannot set HOME");
	return check_files(conf, id.name, err);
}
