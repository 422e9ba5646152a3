#include "client/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "media/output.h"

/* Is dir/name this MP3, fetched before? */
static bool
is_same(const char *dir, const char *name, const struct v2m_record *r)
{
	char path[PATH_MAX + V2M_NAME_MAX], have[V2M_SHA256_HEX];
	char buf[16 * 1024];
	struct v2m_sha256 h;
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	v2m_sha256_init(&h);
	if (lseek(fd, 0, SEEK_END) == r->mp3_length &&
	    lseek(fd, 0, SEEK_SET) == 0)
		while ((n = v2m_io_read(fd, buf, sizeof buf, path, NULL)) > 0)
			v2m_sha256_update(&h, buf, (size_t)n);
	v2m_sha256_final(&h, have);
	close(fd);
	return n == 0 && strcmp(have, r->mp3_sha256) == 0;
}

static void
join(char *path, size_t size, const char *dir, const char *name)
{
	if (strcmp(dir, ".") == 0)
		snprintf(path, size, "%s", name);
	else
		snprintf(path, size, "%s%s%s", dir,
		    dir[strlen(dir) - 1] == '/' ? "" : "/", name);
}

/* Has this command written that file, for another ID? */
static bool
is_others(const struct v2m_fetch *f, const char *dir, const char *name,
    const struct v2m_record *r)
{
	char path[PATH_MAX + V2M_NAME_MAX];
	size_t i;

	join(path, sizeof path, dir, name);
	for (i = 0; i < f->nbefore; i++)
		if (strcmp(f->before[i].path, path) == 0)
			return strcmp(f->before[i].id, r->id) != 0;
	return false;
}

/* Give the file its name.  err->sys is EEXIST if that exists and force is not
 * set. */
static int
commit(struct v2m_newfile *file, const char *name, bool force,
    struct v2m_err *err)
{
	char path[PATH_MAX + V2M_NAME_MAX];

	join(path, sizeof path, file->dir, name);
	if (v2m_output_check(path, force, err) < 0) {
		err->sys = force ? 0 : EEXIST;
		return -1;
	}
	return v2m_newfile_commit(file, name, force, err);
}

/* Without --force, an existing file is not replaced.  If the name was made from
 * that of the upload, and another file has it, it becomes NAME.ID.mp3. */
static int
give_name(struct v2m_newfile *file, const struct v2m_record *r,
    const struct v2m_fetch *f, char name[V2M_NAME_MAX], struct v2m_err *err)
{
	bool others = f->file == NULL && is_others(f, file->dir, name, r);
	char ext[V2M_ID_SIZE + 8];

	if (!others && commit(file, name, f->force, err) == 0)
		return 0;
	if (others || (err->sys == EEXIST && f->file == NULL &&
	    !is_same(file->dir, name, r))) {
		snprintf(ext, sizeof ext, ".%s.mp3", r->id);
		v2m_text_file_name(name, r->name, ext, r->id);
		return commit(file, name, f->force, err);
	}
	return -1;
}

/* The folder and the name of the MP3. */
static int
destination(const struct v2m_fetch *f, const struct v2m_record *r,
    char dir[PATH_MAX], char name[V2M_NAME_MAX], struct v2m_err *err)
{
	const char *slash = f->file == NULL ? NULL : strrchr(f->file, '/');
	int room;

	if (f->dir != NULL) {
		room = snprintf(dir, PATH_MAX, "%s", f->dir);
		v2m_text_file_name(name, r->name, ".mp3", r->id);
	} else {
		room = slash == NULL ? snprintf(dir, PATH_MAX, ".") :
		    snprintf(dir, PATH_MAX, "%.*s", slash == f->file ? 1 :
		    (int)(slash - f->file), f->file);
		if (snprintf(name, V2M_NAME_MAX, "%s", slash == NULL ?
		    f->file : slash + 1) >= V2M_NAME_MAX)
			room = PATH_MAX;
	}
	if (room < PATH_MAX)
		return 0;
	return v2m_err_set(err, V2M_CANTCREATE, "the name to write to is too "
	    "long");
}

/* Check the name before a long copy, not only after it. */
static int
check_early(const struct v2m_save *s, struct v2m_err *err)
{
	const struct v2m_fetch *f = s->fetch;
	char path[PATH_MAX + V2M_NAME_MAX];

	if (f->file == NULL && !f->force)
		return 0;	/* another name may be found */
	join(path, sizeof path, s->dir, s->name);
	return v2m_output_check(path, f->force, err);
}

int
v2m_save_begin(struct v2m_save *s, const struct v2m_fetch *f,
    const struct v2m_record *r, struct v2m_err *err)
{
	s->fetch = f;
	s->record = r;
	s->file = (struct v2m_newfile){ .fd = -1 };
	s->fd = f->fd;
	if (f->dir == NULL && f->file == NULL)
		return 0;
	if (destination(f, r, s->dir, s->name, err) < 0 ||
	    check_early(s, err) < 0 ||
	    v2m_newfile_open(&s->file, s->dir, 0666, err) < 0)
		return -1;
	s->fd = s->file.fd;
	return 0;
}

int
v2m_save_end(struct v2m_save *s, char *path, size_t size, struct v2m_err *err)
{
	path[0] = '\0';
	if (s->file.fd < 0)
		return 0;
	if (give_name(&s->file, s->record, s->fetch, s->name, err) < 0)
		return -1;
	join(path, size, s->dir, s->name);
	return 0;
}

void
v2m_save_release(struct v2m_save *s)
{
	v2m_newfile_discard(&s->file);
}
