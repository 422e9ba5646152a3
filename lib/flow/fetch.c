#include "flow/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/stop.h"
#include "flow/access.h"
#include "flow/job.h"

#define COPY_SIZE (256 * 1024)
#define POLL_MS 500

/* 1 ready, 0 not yet, -1 never. */
static int
ready(const struct v2m_record *r, struct v2m_err *err)
{
	switch ((enum v2m_state)r->state) {
	case V2M_DONE:
		return 1;
	case V2M_FAILED_STATE:
		return v2m_err_set(err, V2M_FAILED, "the conversion failed: %s",
		    r->reason);
	case V2M_CANCELLED:
		return v2m_err_set(err, V2M_NOINPUT, "no such ID");
	default:
		return 0;
	}
}

static int
wait_until_ready(struct v2m_services *s, const struct v2m_claims *who,
    const char *id, int64_t wait_ms, struct v2m_record *r,
    struct v2m_err *err)
{
	int64_t begun = v2m_mono_ms();

	for (;;) {
		int64_t left = wait_ms - (v2m_mono_ms() - begun);
		int is_ready;

		if (v2m_access_mp3(s, who, id, r, err) < 0)
			return -1;
		is_ready = ready(r, err);
		if (is_ready != 0)
			return is_ready < 0 ? -1 : 0;
		if (wait_ms >= 0 && left <= 0)
			return v2m_err_set(err, V2M_TEMP, wait_ms == 0 ?
			    "not converted yet (%s): try again, or --wait" :
			    "still not converted (%s)",
			    v2m_state_word((enum v2m_state)r->state));
		if (v2m_stop_sleep(wait_ms < 0 || left > POLL_MS ? POLL_MS :
		    (int)left) > 0)
			return v2m_err_set(err, V2M_TEMP, "interrupted");
	}
}

static int
copy(struct v2m_reader *reader, const char *sha256, int fd,
    const struct v2m_fetch *f, struct v2m_err *err)
{
	int64_t total = v2m_reader_length(reader), at = 0;
	char *buf = malloc(COPY_SIZE);
	char have[V2M_SHA256_HEX];
	struct v2m_sha256 h;
	ssize_t n;
	int ret = -1;

	if (buf == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot copy the MP3");
	v2m_sha256_init(&h);
	while ((n = v2m_reader_pread(reader, buf, COPY_SIZE, at, err)) > 0) {
		if (v2m_stop_count() > 0) {
			v2m_err_set(err, V2M_TEMP, "interrupted");
			goto out;
		}
		if (v2m_io_write(fd, buf, (size_t)n, "the MP3", err) < 0) {
			/* The caller's disk or pipe, not a service of ours. */
			err->code = V2M_IO;
			goto out;
		}
		v2m_sha256_update(&h, buf, (size_t)n);
		at += n;
		if (f->progress != NULL)
			f->progress(f->progress_arg, at, total);
	}
	if (n < 0)
		goto out;
	v2m_sha256_final(&h, have);
	if (at != total || (sha256[0] != '\0' && strcmp(have, sha256) != 0)) {
		v2m_err_set(err, V2M_IO, "the stored MP3 is damaged: its %s "
		    "does not agree", at != total ? "length" : "SHA-256");
		goto out;
	}
	ret = 0;
out:
	free(buf);
	return ret;
}

/* Does dir/name hold the very bytes of this MP3, fetched before? */
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

/* Did this command write that file, for another ID? */
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

/* Without --force a name that is taken is left alone.  One that the upload's
 * name asks for, taken by something else, becomes NAME.ID.mp3. */
static int
give_name(struct v2m_newfile *file, const struct v2m_record *r,
    const struct v2m_fetch *f, char name[V2M_NAME_MAX], struct v2m_err *err)
{
	bool others = f->file == NULL && is_others(f, file->dir, name, r);
	char ext[V2M_ID_SIZE + 8];

	if (!others && v2m_newfile_commit(file, name, f->force, err) == 0)
		return 0;
	if (others || (err->sys == EEXIST && f->file == NULL &&
	    !is_same(file->dir, name, r))) {
		snprintf(ext, sizeof ext, ".%s.mp3", r->id);
		v2m_text_file_name(name, r->name, ext, r->id);
		if (v2m_newfile_commit(file, name, f->force, err) == 0)
			return 0;
	}
	if (err->sys == EEXIST)
		v2m_err_set(err, V2M_CANTCREATE, "'%s' is there already "
		    "(--force replaces it)", name);
	return -1;
}

/* Where the MP3 is to go: a folder, and a name in it. */
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

static int
fetch_to_file(struct v2m_reader *reader, const struct v2m_record *r,
    const struct v2m_fetch *f, char *path, size_t size, struct v2m_err *err)
{
	struct v2m_newfile file = { .fd = -1 };
	char name[V2M_NAME_MAX], dir[PATH_MAX];
	int ret = -1;

	/* Better to say so before a long copy than after it. */
	if (f->file != NULL && !f->force && access(f->file, F_OK) == 0)
		return v2m_err_set(err, V2M_CANTCREATE, "'%s' is there already "
		    "(--force replaces it)", f->file);
	if (destination(f, r, dir, name, err) < 0 ||
	    v2m_newfile_open(&file, dir, 0666, err) < 0 ||
	    copy(reader, r->mp3_sha256, file.fd, f, err) < 0 ||
	    give_name(&file, r, f, name, err) < 0)
		goto out;
	join(path, size, dir, name);
	ret = 0;
out:
	v2m_newfile_discard(&file);
	return ret;
}

int
v2m_fetch(struct v2m_services *s, const struct v2m_claims *who,
    const char *id, const struct v2m_fetch *f, char *path, size_t size,
    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err)
{
	struct v2m_reader *reader;
	struct v2m_record r;
	struct v2m_err ignored;
	int ret;

	path[0] = '\0';
	if (wait_until_ready(s, who, id, f->wait_ms, &r, err) < 0)
		return -1;
	reader = v2m_store_read(s->store, V2M_MP3, r.mp3, NULL, err);
	if (reader == NULL)
		return err->code != V2M_NOINPUT ? -1 : v2m_err_set(err,
		    V2M_NOINPUT, "its MP3 is no longer kept");
	if (f->dir == NULL && f->file == NULL)
		ret = copy(reader, r.mp3_sha256, f->fd, f, err);
	else
		ret = fetch_to_file(reader, &r, f, path, size, err);
	v2m_reader_free(reader);
	if (ret < 0)
		return -1;
	*warned = r.warnings[0] != '\0';
	memcpy(job, r.id, V2M_ID_SIZE);
	/* That it was fetched is worth noting, not worth failing for. */
	v2m_job_fetched(s->store, &r, &ignored);
	return 0;
}
