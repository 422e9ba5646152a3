/* Finds the files of the configuration, and reads their lines. */
#include "base/conf_private.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/suggest.h"

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

/* The keys of client.conf, which all users read: for v2m-convert, and for
 * commands that use a gateway.  None is a secret. */
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

/* The key without "export " and "V2M_", as a line of a shell would have
 * them. */
static const char *
without_shell(const char *key)
{
	if (strncmp(key, "export ", 7) == 0)
		key += 7 + strspn(key + 7, " ");
	return strncmp(key, "V2M_", 4) == 0 ? key + 4 : key;
}

static int
unknown_key(const char *where, const char *key, struct v2m_err *err)
{
	char hint[V2M_SUGGEST_HINT];
	struct v2m_suggest s;
	size_t i;

	v2m_suggest_start(&s, without_shell(key));
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
	i = v2m_conf_index(line);
	if (i == V2M_CONF_MAX)
		return unknown_key(where, line, err);
	if (for_clients && !is_for_clients(line))
		return v2m_err_set(err, V2M_CONFIG, "%s: '%s' may not be set "
		    "in a file that everybody can read: set it in v2m.conf",
		    where, line);
	return v2m_conf_set(conf, i, trim_blanks(equals + 1), where, path, err);
}

/* fd is taken over.  path must live as long as conf. */
static int
read_open(struct v2m_conf *conf, int fd, const char *path, bool for_clients,
    struct v2m_err *err)
{
	FILE *f = fdopen(fd, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	unsigned number = 0;
	int ret = -1;

	if (f == NULL) {
		v2m_conf_cannot_read(path, err);
		close(fd);
		return -1;
	}
	if ((for_clients ? v2m_secret_check_public(fd, path, err) :
	    v2m_secret_check(fd, path, true, err)) < 0)
		goto out;
	while ((n = getline(&line, &size, f)) >= 0) {
		if (memchr(line, '\0', (size_t)n) != NULL) {
			v2m_err_set(err, V2M_CONFIG, "'%s' is not a text file",
			    path);
			goto out;
		}
		if (read_line(conf, line, path, ++number, for_clients,
		    err) < 0)
			goto out;
	}
	ret = ferror(f) ? v2m_conf_cannot_read(path, err) : 0;
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

/* Does it exist?  A link whose target does not exist counts: the target may be
 * on a volume that is not mounted now.  path is absolute. */
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
	return v2m_conf_cannot_read(path, err);
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
			return v2m_conf_cannot_read(path, err);
		if (!may_pass)
			return v2m_conf_refuse(path, reader, err);
		if (conf->passed_over == NULL)
			conf->passed_over = path;
	}
	return 0;
}

int
v2m_conf_read_files(struct v2m_conf *conf, enum v2m_conf_reader reader,
    const char *file, struct v2m_err *err)
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
