#include "base/kept_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/secret.h"

#define FILES_MOST 16
#define BYTES_MOST (1 << 20)

static struct {
	char path[4096];
	char copy[32];		/* "/proc/self/fd/7" */
} kept[FILES_MOST];
static size_t nkept;

static int
find(const char *path)
{
	int i;

	for (i = 0; i < (int)nkept; i++)
		if (strcmp(kept[i].path, path) == 0)
			return i;
	return -1;
}

static bool
may_be_kept(int fd, const char *path, bool secret)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > BYTES_MOST)
		return false;
	return (secret ? v2m_secret_check(fd, path, true, NULL) :
	    v2m_secret_check_public(fd, path, NULL)) == 0;
}

static bool
copy_bytes(int to, int from)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(from, buf, sizeof buf)) > 0)
		if (v2m_io_write(to, buf, (size_t)n, "memory", NULL) < 0)
			break;
	explicit_bzero(buf, sizeof buf);
	return n == 0;
}

void
v2m_kept_file_take(const char *path, bool secret)
{
	int from, to = -1;

	if (path[0] == '\0' || strlen(path) >= sizeof kept[0].path ||
	    nkept == FILES_MOST || find(path) >= 0)
		return;
	from = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (from < 0)
		return;
	if (may_be_kept(from, path, secret))
		to = memfd_create("v2m", MFD_CLOEXEC);
	if (to >= 0 && copy_bytes(to, from)) {
		snprintf(kept[nkept].path, sizeof kept[0].path, "%s", path);
		snprintf(kept[nkept].copy, sizeof kept[0].copy,
		    "/proc/self/fd/%d", to);
		nkept++;
	} else if (to >= 0) {
		close(to);
	}
	close(from);
}

const char *
v2m_kept_file_path(const char *path)
{
	int i = find(path);

	return i < 0 ? path : kept[i].copy;
}

bool
v2m_kept_file_has(const char *path)
{
	return find(path) >= 0;
}

int
v2m_kept_files_check(const struct v2m_conf *conf, const char *service,
    struct v2m_err *err)
{
	static const char *const ends[] = { "ca", "cert", "key" };
	const char *path;
	char key[64];
	size_t i;

	for (i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(key, sizeof key, "%s_%s_file", service, ends[i]);
		path = v2m_conf_text(conf, key);
		if (path[0] != '\0' && !v2m_kept_file_has(path) &&
		    euidaccess(path, R_OK) < 0)
			return v2m_err_set(err, V2M_CONFIG,
			    "%s: cannot read '%s': %s", key, path,
			    strerror(errno));
	}
	return 0;
}
