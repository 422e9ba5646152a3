#include "flow/upload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/stop.h"
#include "flow/announce.h"
#include "flow/existing.h"
#include "flow/job.h"

#define COPY_SIZE (256 * 1024)

_Static_assert(sizeof ((struct v2m_record *)0)->options == V2M_SETTINGS_TEXT,
    "a record has room for the settings");

static int
heed_signals(void *arg, int percent, struct v2m_err *err)
{
	(void)arg;
	(void)percent;
	return v2m_stop_count() == 0 ? 0 :
	    v2m_err_set(err, V2M_TEMP, "interrupted");
}

static int
too_large(int64_t limit, struct v2m_err *err)
{
	char text[32];

	return v2m_err_set(err, V2M_DATA, "larger than max_upload (%s)",
	    v2m_text_size(text, limit));
}

/* What can be said before a byte is stored. */
static int
check_before(struct v2m_services *s, const struct v2m_upload *u, int fd,
    int64_t length, struct v2m_err *err)
{
	int64_t limit = v2m_conf_number(s->conf, "max_upload");
	struct v2m_media_input in = { .fd = fd, .length = length };
	struct v2m_media_result result;

	if (length == 0)
		return v2m_err_set(err, V2M_DATA, "the file is empty");
	if (length > limit)
		return too_large(limit, err);
	if (v2m_store_room(s->store, length < 0 ? 0 : length,
	    v2m_conf_number(s->conf, "free_reserve"), err) < 0)
		return -1;
	if (length < 0 || u->media == NULL)
		return 0;
	return v2m_media_probe_for(u->media, &in, &u->settings, heed_signals,
	    NULL, &result, err);
}

static ssize_t
read_object(void *arg, void *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	return v2m_reader_pread(arg, buf, n, offset, err);
}

/* A pipe's content can be looked at only once it is stored. */
static int
check_stored(struct v2m_services *s, const struct v2m_upload *u,
    const char *id, struct v2m_err *err)
{
	struct v2m_media_result result;
	struct v2m_media_input in;
	struct v2m_reader *reader;
	int ret;

	reader = v2m_store_read(s->store, V2M_VIDEO, id, NULL, err);
	if (reader == NULL)
		return -1;
	in.fd = v2m_reader_fd(reader);
	in.length = v2m_reader_length(reader);
	in.pread = read_object;
	in.arg = reader;
	ret = v2m_media_probe_for(u->media, &in, &u->settings, heed_signals,
	    NULL, &result, err);
	v2m_reader_free(reader);
	return ret;
}

/* 1 with id: the owner has a live job for the same bytes and options. */
static int
find_existing(struct v2m_services *s, const struct v2m_upload *u,
    const char *sha256, const char *options, char id[V2M_ID_SIZE],
    struct v2m_err *err)
{
	struct v2m_filter filter = { .owner = u->owner, .state = -1,
	    .sha256 = sha256 };
	const struct v2m_record *found;
	struct v2m_record *list;
	size_t n;

	if (v2m_store_list(s->store, &filter, &list, &n, err) < 0)
		return -1;
	found = v2m_existing_pick(list, n, options, u->queue);
	if (found != NULL)
		memcpy(id, found->id, V2M_ID_SIZE);
	free(list);
	return found != NULL;
}

/* Stream fd into the store. */
static int
store_video(struct v2m_services *s, const struct v2m_upload *u, int fd,
    int64_t length, struct v2m_object *video, struct v2m_err *err)
{
	int64_t limit = v2m_conf_number(s->conf, "max_upload");
	char *buf = malloc(COPY_SIZE);
	struct v2m_writer *w = NULL;
	ssize_t n;
	int ret = -1;

	if (buf == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot copy the file");
		goto out;
	}
	w = v2m_store_create(s->store, V2M_VIDEO, video->id, err);
	if (w == NULL)
		goto out;
	while ((n = read(fd, buf, COPY_SIZE)) != 0) {
		if (n < 0 && errno != EINTR) {
			v2m_err_sys(err, V2M_IO, "cannot read it");
			goto out;
		}
		if (heed_signals(NULL, 0, err) < 0)
			goto out;
		if (n < 0)
			continue;
		if (v2m_writer_length(w) + n > limit) {
			too_large(limit, err);
			goto out;
		}
		if (v2m_writer_write(w, buf, (size_t)n, err) < 0)
			goto out;
		if (u->progress != NULL)
			u->progress(u->progress_arg, v2m_writer_length(w));
	}
	if (v2m_writer_length(w) == 0) {
		v2m_err_set(err, V2M_DATA, "nothing in it");
		goto out;
	}
	if (length >= 0 && v2m_writer_length(w) != length) {
		v2m_err_set(err, V2M_TEMP,
		    "it changed its length while it was read");
		goto out;
	}
	if (v2m_writer_commit(w, video, err) < 0)
		goto out;
	ret = 0;
out:
	v2m_writer_free(w);
	free(buf);
	return ret;
}

static int
begin(struct v2m_services *s, const struct v2m_upload *u,
    struct v2m_record *r, struct v2m_err *err)
{
	const char *base = strrchr(u->name, '/');
	struct v2m_err ignored;

	memset(r, 0, sizeof *r);
	v2m_id_new(r->id);
	v2m_text_copy(r->owner, sizeof r->owner, u->owner);
	v2m_text_copy(r->name, sizeof r->name,
	    base == NULL ? u->name : base + 1);
	v2m_settings_format(&u->settings, r->options);
	v2m_text_copy(r->via, sizeof r->via, u->queue ? "queue" : "pipe");
	r->state = V2M_NEW;
	r->progress = -1;
	if (v2m_store_now(s->store, &r->created_at, err) < 0)
		return -1;
	switch (v2m_store_insert(s->store, r, err)) {
	case 1:
		return 0;
	case 0:
		return v2m_err_set(err, V2M_BUG, "the new ID is taken");
	default:
		/* It may be there nevertheless. */
		v2m_store_forget(s->store, r->id, &ignored);
		return -1;
	}
}

/* Make the record say what was stored. */
static int
describe(struct v2m_services *s, struct v2m_record *r,
    const struct v2m_object *video, struct v2m_err *err)
{
	int put;

	r->length = video->length;
	memcpy(r->sha256, video->sha256, sizeof r->sha256);
	put = v2m_store_put(s->store, r, err);
	if (put == 0)
		return v2m_err_set(err, V2M_TEMP, "it was removed meanwhile");
	return put < 0 ? -1 : 0;
}

/* Into the queue, or held.  *out: a message may be on its way. */
static int
accept(struct v2m_services *s, const struct v2m_upload *u,
    struct v2m_record *r, bool *out, struct v2m_err *err)
{
	if (!u->queue)
		return v2m_job_accept(s->store, r, V2M_HELD, err) < 0 ? -1 : 0;
	*out = true;
	if (v2m_fault("publish", err) < 0 ||
	    v2m_announce_video(s, r, err) < 0 ||
	    v2m_fault("published", err) < 0)
		return -1;
	return v2m_job_accept(s->store, r, V2M_QUEUED, err) < 0 ? -1 : 0;
}

/* Undo.  Returns 0 where a worker was faster: then the job is accepted. */
static int
undo(struct v2m_services *s, struct v2m_record *r, bool message_out)
{
	struct v2m_err err;

	if (message_out) {
		int cancelled = v2m_job_cancel(s->store, r, &err);

		if (cancelled == 0 && r->state != V2M_CANCELLED)
			return 0;
		if (cancelled < 0)
			return -1;	/* it stays `new`, and is pruned */
	}
	/* The record is the way back to a video that would not go. */
	if (v2m_store_remove(s->store, V2M_VIDEO, r->id, &err) == 0 &&
	    !message_out)
		v2m_store_forget(s->store, r->id, &err);
	return -1;
}

static int
upload_new(struct v2m_services *s, const struct v2m_upload *u, int fd,
    int64_t length, struct v2m_record *r, bool *existed,
    struct v2m_err *err)
{
	struct v2m_object video;
	bool message_out = false;
	int found;

	memset(&video, 0, sizeof video);
	memcpy(video.id, r->id, sizeof video.id);
	memcpy(video.name, r->name, sizeof video.name);
	memcpy(video.owner, r->owner, sizeof video.owner);
	if (store_video(s, u, fd, length, &video, err) < 0)
		goto fail;
	if (length < 0 && u->skip_existing) {
		char id[V2M_ID_SIZE];

		found = find_existing(s, u, video.sha256, r->options, id, err);
		if (found < 0)
			goto fail;
		if (found > 0) {
			undo(s, r, false);
			memcpy(r->id, id, sizeof r->id);
			*existed = true;
			return 0;
		}
	}
	if (length < 0 && u->media != NULL &&
	    check_stored(s, u, r->id, err) < 0)
		goto fail;
	if (describe(s, r, &video, err) == 0 &&
	    accept(s, u, r, &message_out, err) == 0)
		return 0;
fail:
	return undo(s, r, message_out);
}

int
v2m_upload(struct v2m_services *s, const struct v2m_upload *u, int fd,
    int64_t length, char id[V2M_ID_SIZE], bool *existed,
    struct v2m_err *err)
{
	struct v2m_record r;

	*existed = false;
	if (check_before(s, u, fd, length, err) < 0)
		return -1;
	if (u->skip_existing && length >= 0) {
		char sha256[V2M_SHA256_HEX], options[V2M_SETTINGS_TEXT];
		int found;

		v2m_settings_format(&u->settings, options);
		if (v2m_existing_hash(fd, sha256, err) < 0)
			return -1;
		found = find_existing(s, u, sha256, options, id, err);
		*existed = found == 1;
		if (found != 0)
			return found < 0 ? -1 : 0;
	}
	if (begin(s, u, &r, err) < 0 ||
	    upload_new(s, u, fd, length, &r, existed, err) < 0)
		return -1;
	memcpy(id, r.id, V2M_ID_SIZE);
	return 0;
}
