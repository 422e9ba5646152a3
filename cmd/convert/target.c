/* The targets of MP3s. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/output.h"
#include "run.h"

/* An existing MP3 is complete, as it got its name when it was.  An empty file
 * is only a name that was reserved. */
static bool
is_done(const char *path)
{
	struct stat st;

	return v2m_output_look(path) == V2M_OUTPUT_MP3 &&
	    stat(path, &st) == 0 && st.st_size > 0;
}

static int
open_direct(struct target *t, int fd, struct v2m_err *err)
{
	t->direct = true;
	t->fd = fd;
	t->file.fd = v2m_io_tmpfile(NULL, err);
	return t->file.fd < 0 ? -1 : 0;
}

static int
open_path(const struct run *run, struct target *t, struct v2m_err *err)
{
	char dir[PATH_MAX], *slash = strrchr(t->path, '/');

	if (v2m_output_look(t->path) == V2M_OUTPUT_STREAM) {
		int fd = v2m_output_open_stream(t->path, err);

		return fd < 0 ? -1 : open_direct(t, fd, err);
	}
	if (run->skip_existing && is_done(t->path)) {
		t->skipped = true;
		return 0;
	}
	if (v2m_output_check(t->path, run->force, err) < 0)
		return -1;
	t->name = slash == NULL ? t->path : slash + 1;
	snprintf(dir, sizeof dir, "%.*s", slash == NULL ? 1 :
	    slash == t->path ? 1 : (int)(slash - t->path),
	    slash == NULL ? "." : t->path);
	return v2m_newfile_open(&t->file, dir, 0666, err);
}

/* Into the folder, or into one below it, which is made. */
static int
open_in_folder(struct run *run, int i, struct target *t, struct v2m_err *err)
{
	char dir[PATH_MAX], *slash;

	if (run_choose_name(run, i, err) < 0)
		return -1;
	if (snprintf(t->path, sizeof t->path, "%s%s%s", run->dir,
	    run->dir[strlen(run->dir) - 1] == '/' ? "" : "/",
	    run->names[i]) >= (int)sizeof t->path)
		return v2m_err_set(err, V2M_CANTCREATE, "path too long");
	slash = strrchr(t->path, '/');
	snprintf(dir, sizeof dir, "%.*s", (int)(slash - t->path), t->path);
	if (strchr(run->names[i], '/') != NULL &&
	    v2m_io_mkdirs(dir, 0777, err) < 0)
		return -1;
	return open_path(run, t, err);
}

/* "v2m-convert *.mp4", and there were two? */
static int
check_not_video(const struct run *run, struct v2m_err *err)
{
	const char *in = run->inputs[0];

	if (!run->by_operand || strcmp(in, "-") == 0 ||
	    strcmp(in, run->file) == 0 || access(run->file, R_OK) < 0 ||
	    v2m_output_look(run->file) != V2M_OUTPUT_OTHER)
		return 0;
	return v2m_err_set(err, V2M_CANTCREATE, "%s exists and is not an MP3. "
	    "Two videos? v2m-convert -o FOLDER/ %s %s", run->file, in,
	    run->file);
}

int
target_open(struct run *run, int i, struct target *t, struct v2m_err *err)
{
	if (run->dir != NULL)
		return open_in_folder(run, i, t, err);
	if (run->file == NULL)
		return open_direct(t, STDOUT_FILENO, err);
	if (snprintf(t->path, sizeof t->path, "%s", run->file) >=
	    (int)sizeof t->path)
		return v2m_err_set(err, V2M_CANTCREATE, "path too long");
	if (check_not_video(run, err) < 0)
		return -1;
	return open_path(run, t, err);
}

void
target_close(struct target *t)
{
	if (t->direct && t->fd > STDERR_FILENO)
		close(t->fd);
	v2m_newfile_discard(&t->file);
}

static int
copy_out(const struct target *t, struct v2m_err *err)
{
	const char *what = t->path[0] != '\0' ? t->path : "stdout";
	char buf[64 * 1024];
	int64_t at = 0;
	ssize_t n;

	while ((n = v2m_io_pread(t->file.fd, buf, sizeof buf, at,
	    "the finished MP3", err)) > 0) {
		if (v2m_io_write(t->fd, buf, (size_t)n, what, err) < 0)
			return -1;
		at += n;
	}
	return n < 0 ? -1 : 0;
}

int
target_deliver(const struct run *run, struct target *t, struct v2m_err *err)
{
	if (t->direct)
		return copy_out(t, err);
	/* Again, as the conversion may have taken long. */
	if (v2m_output_check(t->path, run->force, err) < 0)
		return -1;
	return v2m_newfile_commit(&t->file, t->name, run->force, err);
}
