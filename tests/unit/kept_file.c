/* Files that are kept in memory: which ones, how often they are read, and what
 * is used once they are gone. */
#include "base/kept_file.c"

#include <stdlib.h>

#include "tap.h"

static char folder[64];

/* The path of a file with this number; the file exists unless text is NULL. */
static const char *
file(int n, const char *text)
{
	static char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/%d", folder, n);
	if (text == NULL)
		return path;
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 ||
	    chmod(path, 0644) < 0)
		exit(99);
	return path;
}

static void
is_text(const char *path, const char *wanted, const char *what)
{
	char buf[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && read(fd, buf, sizeof buf - 1) < 0)
		buf[0] = '\0';
	close(fd);
	is(buf, wanted, what);
}

int
main(void)
{
	int i;

	snprintf(folder, sizeof folder, "/tmp/v2m-kept.XXXXXX");
	if (mkdtemp(folder) == NULL)
		exit(99);
	is(v2m_kept_file_path(file(0, "one")), file(0, NULL),
	    "what was not taken is where it is");
	v2m_kept_file_take(file(0, NULL), false);
	ok(v2m_kept_file_has(file(0, NULL)), "a file is kept");
	unlink(file(0, NULL));
	is_text(v2m_kept_file_path(file(0, NULL)), "one",
	    "and can be read when it is gone");
	v2m_kept_file_take(file(0, "two"), false);
	ok(nkept == 1, "it is kept once");
	is_text(v2m_kept_file_path(file(0, NULL)), "one", "as it was first");
	v2m_kept_file_take(file(1, "secret"), true);
	ok(!v2m_kept_file_has(file(1, NULL)),
	    "a secret that all can read is not");
	v2m_kept_file_take("", false);
	for (i = 2; i < FILES_MOST + 8; i++) {
		v2m_kept_file_take(file(i, "many"), false);
		unlink(file(i, NULL));
	}
	ok(nkept == FILES_MOST && !v2m_kept_file_has(file(FILES_MOST + 1,
	    NULL)), "there is an end to how many");
	unlink(file(0, NULL));
	unlink(file(1, NULL));
	rmdir(folder);
	return tap_done();
}
