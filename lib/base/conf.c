#include "base/conf.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/suggest.h"
#include "base/text.h"

/* The words of the keys of kind V2M_CONF_WORD, each between blanks, and what is
 * said of others. */
#define CHOICE(key, words) \
	{ key, " " words " ", "is not one of: " words }

static const struct {
	const char *key, *words, *wrong;
} choices[] = {
	CHOICE("converter", "own foreign"),
	CHOICE("notifier", "own foreign"),
	CHOICE("foreign_files", "refuse any-user"),
	CHOICE("legacy_passwords", "no yes upgrade"),
	CHOICE("log_format", "text json"),
	CHOICE("notify_tls", "on off"),
	CHOICE("objects_tls", "auto off on"),
	CHOICE("password_format", "crypt plain"),
	CHOICE("proxy_header", "x-forwarded-for forwarded"),
	CHOICE("queue_tls", "auto off on"),
	CHOICE("queue_type", "classic quorum"),
	CHOICE("sandbox", "yes partly no"),
	CHOICE("store_tls", "auto off on"),
	CHOICE("url_tls", "on off"),
	CHOICE("users_tls", "auto off on verify"),
};

static size_t
index_of(const char *key)
{
	size_t i;

	for (i = 0; v2m_conf_keys[i].name != NULL; i++)
		if (strcmp(v2m_conf_keys[i].name, key) == 0)
			return i;
	return V2M_CONF_MAX;
}

static size_t
must_index(const char *key)
{
	size_t i = index_of(key);

	if (i == V2M_CONF_MAX)
		abort();
	return i;
}

/* The values of URL and path keys may begin, behind the scheme, with STATE/:
 * the state folder, wherever that is. */
static char *
expand(const char *value, const char *state, struct v2m_err *err)
{
	const char *at = strstr(value, "STATE/");
	char *out;
	int n;

	if (at != NULL && (at == value || at[-1] == ':'))
		n = asprintf(&out, "%.*s%s%s", (int)(at - value), value,
		    state, at + strlen("STATE"));
	else
		n = asprintf(&out, "%s", value);
	if (n < 0) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	return out;
}

static bool
valid_url(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789+-.");

	return n > 0 && s[n] == ':' && islower((unsigned char)s[0]);
}

static const char *
word_complaint(const char *key, const char *value)
{
	char wanted[32];
	size_t i = 0;

	while (strcmp(choices[i].key, key) != 0)
		i++;
	if (value[0] == '\0' || strchr(value, ' ') != NULL ||
	    snprintf(wanted, sizeof wanted, " %s ", value) >=
	    (int)sizeof wanted || strstr(choices[i].words, wanted) == NULL)
		return choices[i].wrong;
	return NULL;
}

static const char *
complaint(const struct v2m_conf_key *key, const char *value)
{
	int64_t n;

	switch (key->kind) {
	case V2M_CONF_TEXT:
		return NULL;
	case V2M_CONF_URL:
		return valid_url(value) || (value[0] == '\0' &&
		    key->fallback[0] == '\0') ? NULL :
		    value[0] == '/' ?
		    "is a path, not a URL (dir:/PATH, sqlite:/PATH, ...)" :
		    "is not a URL (scheme:...)";
	case V2M_CONF_PATH:
		return value[0] == '/' || value[0] == '\0' ? NULL :
		    "is not an absolute path";
	case V2M_CONF_DURATION:
		return v2m_text_parse_duration(value, &n) ? NULL :
		    "is not a duration (90s, 15min, 24h, 7d)";
	case V2M_CONF_SIZE:
		return v2m_text_parse_size(value, &n) ||
		    strcmp(value, key->fallback) == 0 ? NULL :
		    "is not a size (500M, 2G)";
	case V2M_CONF_INT:
		return v2m_text_parse_int(value, 1, INT_MAX, &n) ? NULL :
		    "is not a whole number above 0";
	case V2M_CONF_LIMIT:
		return v2m_text_parse_int(value, 0, INT_MAX, &n) ? NULL :
		    "is not a whole number";
	case V2M_CONF_BOOL:
		return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0 ?
		    NULL : "is neither yes nor no";
	case V2M_CONF_WORD:
		return word_complaint(key->name, value);
	}
	return "has no kind";
}

/* where: for the message, "file:line", "--store" or a variable.
 * origin: borrowed for the life of conf. */
static int
set(struct v2m_conf *conf, size_t i, const char *value, const char *where,
    const char *origin, struct v2m_err *err)
{
	char *expanded = expand(value, conf->state, err);
	const char *wrong;

	if (expanded == NULL)
		return -1;
	wrong = complaint(&v2m_conf_keys[i], expanded);
	if (wrong != NULL) {
		v2m_err_set(err, V2M_CONFIG, "%s: %s: '%s' %s", where,
		    v2m_conf_keys[i].name, value, wrong);
		free(expanded);
		return -1;
	}
	free(conf->values[i]);
	conf->values[i] = expanded;
	conf->origin[i] = origin;
	return 0;
}

static char *
trim_blanks(char *s)
{
	char *end = s + strlen(s);

	while (isspace((unsigned char)*s))
		s++;
	while (end > s && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return s;
}

/* A file for everybody: what v2m-convert and the users' commands through a
 * gateway read, and no secret. */
static bool
is_for_clients(const char *key)
{
	static const char *const keys[] = { "url", "url_tls", "url_ca_file",
	    "url_timeout", "max_upload", "max_duration", "sandbox",
	    "media_memory", "media_cpu", "media_time" };
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

static int
unknown_key(const char *where, const char *key, struct v2m_err *err)
{
	char hint[V2M_SUGGEST_HINT];
	struct v2m_suggest s;
	size_t i;

	v2m_suggest_start(&s, key);
	for (i = 0; v2m_conf_keys[i].name != NULL; i++)
		v2m_suggest_offer(&s, v2m_conf_keys[i].name);
	return v2m_err_set(err, V2M_CONFIG, "%s: unknown key '%s'%s (see "
	    "v2m.conf(5))", where, key, v2m_suggest_hint(&s, hint));
}

static int
read_line(struct v2m_conf *conf, char *line, const char *path,
    unsigned number, bool for_clients, struct v2m_err *err)
{
	char where[PATH_MAX + 16];
	char *equals;
	size_t i;

	if (number == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3;	/* an editor's byte order mark */
	line = trim_blanks(line);
	if (*line == '\0' || *line == '#')
		return 0;
	snprintf(where, sizeof where, "%s:%u", path, number);
	equals = strchr(line, '=');
	if (equals == NULL)
		return v2m_err_set(err, V2M_CONFIG,
		    "%s: not of the form key = value", where);
	*equals = '\0';
	line = trim_blanks(line);
	i = index_of(line);
	if (i == V2M_CONF_MAX)
		return unknown_key(where, line, err);
	if (for_clients && !is_for_clients(line))
		return v2m_err_set(err, V2M_CONFIG, "%s: '%s' may not be set "
		    "in a file that everybody can read: set it in v2m.conf",
		    where, line);
	return set(conf, i, trim_blanks(equals + 1), where, path, err);
}

static int
cannot_read(const char *path, struct v2m_err *err)
{
	v2m_err_sys(err, V2M_CONFIG, "cannot read '%s'", path);
	if (err != NULL)
		err->code = V2M_CONFIG;
	return -1;
}

/* fd is taken over.  path must live as long as conf. */
static int
read_open(struct v2m_conf *conf, int fd, const char *path, bool for_clients,
    struct v2m_err *err)
{
	FILE *f = fdopen(fd, "r");
	char *line = NULL;
	size_t size = 0;
	unsigned number = 0;
	int ret = -1;

	if (f == NULL) {
		cannot_read(path, err);
		close(fd);
		return -1;
	}
	if ((for_clients ? v2m_secret_check_public(fd, path, err) :
	    v2m_secret_check(fd, path, true, err)) < 0)
		goto out;
	while (getline(&line, &size, f) >= 0)
		if (read_line(conf, line, path, ++number, for_clients,
		    err) < 0)
			goto out;
	ret = ferror(f) ? cannot_read(path, err) : 0;
out:
	free(line);
	fclose(f);
	return ret;
}

static bool
leads_nowhere(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && stat(path, &st) < 0;
}

/* A link to what is not there now, a volume that is not mounted, is no proof
 * that there is no configuration.  path is absolute. */
static bool
is_absent(const char *path, int sys)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path),
	    path);
	return (sys == ENOENT || sys == ENOTDIR) && !leads_nowhere(path) &&
	    !leads_nowhere(dir);
}

static int
read_file(struct v2m_conf *conf, const char *path, bool must,
    struct v2m_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), sys = errno;

	if (fd >= 0)
		return read_open(conf, fd, path, false, err);
	if (!must && is_absent(path, sys))
		return 0;
	errno = sys;
	return cannot_read(path, err);
}

static const char *
group_name(gid_t gid, struct group *space, char *buf, size_t size)
{
	struct group *found = NULL;

	return getgrgid_r(gid, space, buf, size, &found) == 0 &&
	    found != NULL ? found->gr_name : NULL;
}

/* What to do so that it can be read; for people. */
static void
name_readers(const char *path, char *text, size_t size)
{
	const char *group = NULL;
	struct group space;
	struct stat st;
	char buf[4096];

	if (stat(path, &st) == 0 && (st.st_mode & S_IRGRP) != 0 &&
	    st.st_gid != 0)
		group = group_name(st.st_gid, &space, buf, sizeof buf);
	if (group != NULL)
		snprintf(text, size, "ask root to add you to the group %s",
		    group);
	else
		snprintf(text, size, "run this as the user of the service");
}

static bool
is_service_user(void)
{
	struct stat st;

	return stat(V2M_CONF_ROOT_STATE, &st) == 0 && st.st_uid == geteuid();
}

/* The user of the service himself: root forgot to let him. */
static int
refuse_service_user(const char *path, struct v2m_err *err)
{
	struct group space;
	struct stat st;
	char buf[4096];
	const char *group = group_name(getegid(), &space, buf, sizeof buf);

	if (stat(path, &st) < 0 || group == NULL)
		return v2m_err_set(err, V2M_CONFIG, "you may not read '%s': "
		    "its folder is closed to you (as root: chmod 755 /etc/v2m)",
		    path);
	return v2m_err_set(err, V2M_CONFIG, "you may not read '%s' (as root: "
	    "chgrp %s '%s' && chmod 640 '%s')", path, group, path, path);
}

static int
refuse_unreadable(const char *path, enum v2m_conf_reader reader,
    struct v2m_err *err)
{
	char readers[128];
	struct stat st;

	if (stat(path, &st) < 0 && errno != EACCES)
		return cannot_read(path, err);
	if (is_service_user())
		return refuse_service_user(path, err);
	name_readers(path, readers, sizeof readers);
	if (reader == V2M_CONF_CLIENT)
		return v2m_err_set(err, V2M_CONFIG, "you may not read '%s': "
		    "set url to a gateway (V2M_URL), or %s", path, readers);
	return v2m_err_set(err, V2M_CONFIG, "you may not read '%s': %s, or "
	    "name a configuration of your own (--config, V2M_CONFIG)", path,
	    readers);
}

/* v2m.conf, or else client.conf. */
static int
read_system(struct v2m_conf *conf, enum v2m_conf_reader reader,
    struct v2m_err *err)
{
	bool may_pass = reader != V2M_CONF_SERVICE;
	size_t i;
	int fd, sys;

	conf->files[0] = strdup("/etc/v2m/v2m.conf");
	conf->files[1] = strdup("/etc/v2m/client.conf");
	for (i = 0; i < 2; i++) {
		const char *path = conf->files[i];

		if (path == NULL)
			return v2m_err_set(err, V2M_TEMP, "out of memory");
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			return read_open(conf, fd, path, i == 1, err);
		sys = errno;
		if (is_absent(path, sys))
			continue;
		errno = sys;
		if (sys != EACCES && sys != ENOENT)
			return cannot_read(path, err);
		if (!may_pass)
			return refuse_unreadable(path, reader, err);
		if (conf->passed_over == NULL)
			conf->passed_over = path;
	}
	return 0;
}

static const char *
home(void)
{
	const char *h = getenv("HOME");
	struct passwd *pw;

	/* runuser -u leaves root's, which others may not enter. */
	if (h != NULL && h[0] == '/' &&
	    (euidaccess(h, X_OK) == 0 || errno != EACCES))
		return h;
	pw = getpwuid(geteuid());
	return pw != NULL && pw->pw_dir != NULL ? pw->pw_dir : "/";
}

char *
v2m_conf_xdg(const char *variable, const char *fallback, const char *rest)
{
	const char *dir = getenv(variable);
	char *out;
	int n;

	if (dir != NULL && dir[0] == '/')
		n = asprintf(&out, "%s/%s", dir, rest);
	else
		n = asprintf(&out, "%s/%s/%s", home(), fallback, rest);
	return n < 0 ? NULL : out;
}

static char *
state_folder(struct v2m_err *err)
{
	const char *set = getenv("V2M_STATE");
	char *dir;

	if (set != NULL && set[0] != '\0') {
		char cwd[PATH_MAX];

		if (set[0] == '/')
			dir = strdup(set);
		else if (getcwd(cwd, sizeof cwd) == NULL ||
		    asprintf(&dir, "%s/%s", cwd, set) < 0)
			dir = NULL;
	} else if (geteuid() == 0) {
		dir = strdup(V2M_CONF_ROOT_STATE);
	} else {
		dir = v2m_conf_xdg("XDG_DATA_HOME", ".local/share", "v2m");
	}
	if (dir == NULL)
		v2m_err_sys(err, V2M_TEMP, "cannot name the state folder");
	return dir;
}

static int
load_files(struct v2m_conf *conf, enum v2m_conf_reader reader, const char *file,
    struct v2m_err *err)
{
	if (file == NULL)
		file = getenv("V2M_CONFIG");
	if (file != NULL && file[0] != '\0') {
		conf->files[0] = strdup(file);
		return conf->files[0] == NULL ?
		    v2m_err_set(err, V2M_TEMP, "out of memory") :
		    read_file(conf, conf->files[0], true, err);
	}
	if (read_system(conf, reader, err) < 0)
		return -1;
	conf->files[2] = v2m_conf_xdg("XDG_CONFIG_HOME", ".config",
	    "v2m/v2m.conf");
	return conf->files[2] == NULL ? 0 :
	    read_file(conf, conf->files[2], false, err);
}

static int
load_environment(struct v2m_conf *conf, struct v2m_err *err)
{
	char name[64];
	size_t i, c;

	for (i = 0; v2m_conf_keys[i].name != NULL; i++) {
		const char *value;

		snprintf(name, sizeof name, "V2M_%s", v2m_conf_keys[i].name);
		for (c = 0; name[c] != '\0'; c++)
			name[c] = (char)toupper((unsigned char)name[c]);
		value = getenv(name);
		if (value != NULL && set(conf, i, value, name, "environment",
		    err) < 0)
			return -1;
	}
	return 0;
}

static int
load_overrides(struct v2m_conf *conf, const struct v2m_conf_override *o,
    struct v2m_err *err)
{
	for (; o != NULL && o->key != NULL; o++)
		if (set(conf, must_index(o->key), o->value, "option",
		    "option", err) < 0)
			return -1;
	return 0;
}

int
v2m_conf_load(struct v2m_conf *conf, const char *file,
    const struct v2m_conf_override *overrides, struct v2m_err *err)
{
	return v2m_conf_load_for(conf, V2M_CONF_SERVICE, file, overrides, err);
}

int
v2m_conf_load_for(struct v2m_conf *conf, enum v2m_conf_reader reader,
    const char *file, const struct v2m_conf_override *overrides,
    struct v2m_err *err)
{
	size_t i;

	memset(conf, 0, sizeof *conf);
	conf->state = state_folder(err);
	if (conf->state == NULL)
		return -1;
	for (i = 0; v2m_conf_keys[i].name != NULL; i++)
		if (set(conf, i, v2m_conf_keys[i].fallback, "default",
		    "default", err) < 0)
			goto fail;
	if (load_files(conf, reader, file, err) < 0 ||
	    load_environment(conf, err) < 0 ||
	    load_overrides(conf, overrides, err) < 0)
		goto fail;
	if (conf->passed_over != NULL && reader == V2M_CONF_CLIENT &&
	    v2m_conf_text(conf, "url")[0] == '\0') {
		refuse_unreadable(conf->passed_over, reader, err);
		goto fail;
	}
	return 0;
fail:
	v2m_conf_release(conf);
	return -1;
}

void
v2m_conf_release(struct v2m_conf *conf)
{
	size_t i;

	for (i = 0; i < V2M_CONF_MAX; i++)
		free(conf->values[i]);
	for (i = 0; i < 3; i++)
		free(conf->files[i]);
	free(conf->state);
	memset(conf, 0, sizeof *conf);
}

const char *
v2m_conf_complaint(const char *key, const char *value)
{
	return complaint(&v2m_conf_keys[must_index(key)], value);
}

const char *
v2m_conf_text(const struct v2m_conf *conf, const char *key)
{
	return conf->values[must_index(key)];
}

int64_t
v2m_conf_number(const struct v2m_conf *conf, const char *key)
{
	size_t i = must_index(key);
	int64_t n = 0;

	switch (v2m_conf_keys[i].kind) {
	case V2M_CONF_DURATION:
		v2m_text_parse_duration(conf->values[i], &n);
		return n;
	case V2M_CONF_SIZE:
		v2m_text_parse_size(conf->values[i], &n);
		return n;
	case V2M_CONF_INT:
	case V2M_CONF_LIMIT:
		v2m_text_parse_int(conf->values[i], 0, INT_MAX, &n);
		return n;
	default:
		abort();
	}
}

bool
v2m_conf_bool(const struct v2m_conf *conf, const char *key)
{
	return strcmp(conf->values[must_index(key)], "yes") == 0;
}

bool
v2m_conf_is_set(const struct v2m_conf *conf, const char *key)
{
	return strcmp(conf->origin[must_index(key)], "default") != 0;
}

const char *
v2m_conf_rest(const struct v2m_conf *conf, const char *key, const char *scheme)
{
	const char *value = v2m_conf_text(conf, key);
	size_t n = strlen(scheme);

	if (strncmp(value, scheme, n) != 0 || value[n] != ':')
		return NULL;
	return value + n + 1;
}

/* user:password@ of a URL with "//" becomes user:*****@. */
static void
print_masked(const char *value, FILE *out)
{
	const char *host = strstr(value, "://");
	const char *at, *colon;

	if (host == NULL) {
		fputs(value, out);
		return;
	}
	host += 3;
	at = strrchr(host, '@');
	colon = strchr(host, ':');
	if (at == NULL || colon == NULL || colon > at)
		fputs(value, out);
	else
		fprintf(out, "%.*s:*****%s", (int)(colon - value), value, at);
}

void
v2m_conf_print(const struct v2m_conf *conf, FILE *out)
{
	size_t i;

	fprintf(out, "# state folder: %s\n", conf->state);
	for (i = 0; v2m_conf_keys[i].name != NULL; i++) {
		if (strcmp(conf->origin[i], "default") != 0)
			fprintf(out, "# from %s\n", conf->origin[i]);
		fprintf(out, "%s = ", v2m_conf_keys[i].name);
		print_masked(conf->values[i], out);
		fputc('\n', out);
	}
}
