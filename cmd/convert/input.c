#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

static bool
is_stdin(const struct run *run, int i)
{
	return strcmp(run->inputs[i], "-") == 0;
}

const char *
run_input_name(const struct run *run, int i)
{
	if (!is_stdin(run, i))
		return run->inputs[i];
	return run->stdin_name != NULL ? run->stdin_name : "stdin";
}

static bool
looks_like_url(const char *name)
{
	return strncmp(name, "http://", 7) == 0 ||
	    strncmp(name, "https://", 8) == 0;
}

static int
cannot_open(const char *name, struct v2m_err *err)
{
	if (looks_like_url(name))
		return v2m_err_set(err, V2M_NOINPUT, "this is a URL, not a "
		    "file: curl -L URL | v2m-convert - FILE.mp3");
	return v2m_err_sys(err, V2M_NOINPUT, "cannot open");
}

int
run_open_input(const struct run *run, int i, int64_t *length,
    struct v2m_err *err)
{
	const char *name = run->inputs[i];
	int fd = is_stdin(run, i) ? STDIN_FILENO :
	    open(name, O_RDONLY | O_CLOEXEC);
	int spool;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return cannot_open(name, err);
	if (S_ISDIR(st.st_mode)) {
		v2m_err_set(err, V2M_NOINPUT, "is a folder: name the files "
		    "in it");
		close(fd);
		return -1;
	}
	if (S_ISREG(st.st_mode) &&
	    (!is_stdin(run, i) || lseek(fd, 0, SEEK_CUR) == 0)) {
		*length = st.st_size;
		return fd;
	}
	/* A video is not read in order: a pipe has to be copied to a file. */
	spool = v2m_io_spool(fd, run->max_upload, run->free_reserve, length,
	    err);
	if (!is_stdin(run, i))
		close(fd);
	return spool;
}
