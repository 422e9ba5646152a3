#include "client/local.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/log.h"
#include "base/stop.h"
#include "client/file_digest.h"
#include "flow/upload_steps.h"
#include "store/partial.h"

#define COPY_SIZE (256 * 1024)

/* 0 or -1 for a result of v2m_upload_step_check(): if it is not known whether
 * there is sound, the file is accepted, with a warning. */
static int
judge_check(const struct v2m_upload_file *u, int checked,
    const struct v2m_err *err)
{
	if (checked == 1)
		v2m_warn("%s: accepted unchecked: %s", u->name, err->msg);
	return checked < 0 ? -1 : 0;
}

/* The checks that come before a byte is stored. */
static int
check_before(struct v2m_services *s, const struct v2m_upload_file *u, int fd,
    int64_t length, struct v2m_err *err)
{
	int64_t limit = v2m_conf_limit(s->conf, "max_upload");
	struct v2m_media_input in = { .fd = fd, .name = u->name,
	    .length = length };

	if (length == 0)
		return v2m_err_set(err, V2M_DATA, "the file is empty");
	if (length > limit)
		return v2m_upload_too_large(limit, err);
	if (v2m_partial_room(s->store, length < 0 ? 0 : length,
	    v2m_conf_number(s->conf, "free_reserve"), err) < 0)
		return -1;
	if (length < 0 || u->media == NULL)
		return 0;
	return judge_check(u, v2m_upload_step_check(u->media, &in, &u->settings,
	    v2m_media_until_stopped, NULL, err), err);
}

/* The bytes to be uploaded, and the lease of the upload. */
struct source {
	struct v2m_services *s;
	struct v2m_record *r;
	int fd;
	int64_t lease_ms, renew_at;	/* monotonic ms */
};

static int
keep_lease(struct source *in, struct v2m_err *err)
{
	if (v2m_mono_ms() < in->renew_at)
		return 0;
	in->renew_at = v2m_mono_ms() + in->lease_ms / 4;
	return v2m_upload_step_renew(in->s, in->r, in->lease_ms, err);
}

/* As read(2), but renew the lease meanwhile: a pipe may wait for long. */
static ssize_t
read_some(struct source *in, void *buf, struct v2m_err *err)
{
	int pause_ms = in->lease_ms < 4000 ? (int)in->lease_ms / 4 : 1000;
	struct pollfd p = { .fd = in->fd, .events = POLLIN };
	ssize_t n;

	for (;;) {
		if (keep_lease(in, err) < 0 || v2m_stop_check(err) < 0)
			return -1;
		if (poll(&p, 1, pause_ms) <= 0)
			continue;
		n = read(in->fd, buf, COPY_SIZE);
		if (n >= 0)
			return n;
		if (errno != EINTR && errno != EAGAIN)
			return v2m_err_sys(err, V2M_IO, "cannot read it");
	}
}

/* Write the bytes to the store as they come. */
static int
store_video(struct source *in, const struct v2m_upload_file *u,
    int64_t length, struct v2m_object *video, struct v2m_err *err)
{
	struct v2m_services *s = in->s;
	int64_t limit = v2m_conf_limit(s->conf, "max_upload");
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
	while ((n = read_some(in, buf, err)) != 0) {
		if (n < 0)
			goto out;
		if (v2m_writer_length(w) + n > limit) {
			v2m_upload_too_large(limit, err);
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
upload_new(struct v2m_services *s, const struct v2m_upload_file *u, int fd,
    int64_t length, struct v2m_record *r, bool *existed, bool *maybe,
    struct v2m_err *err)
{
	struct v2m_object video;
	struct source in = { .s = s, .r = r, .fd = fd,
	    .lease_ms = v2m_conf_number(s->conf, "lease"),
	    .renew_at = v2m_mono_ms() + r->lease_ms / 4 };
	bool message_out = false;
	int found;

	memset(&video, 0, sizeof video);
	memcpy(video.id, r->id, sizeof video.id);
	memcpy(video.name, r->name, sizeof video.name);
	memcpy(video.owner, r->owner, sizeof video.owner);
	if (store_video(&in, u, length, &video, err) < 0)
		goto fail;
	if (length < 0 && u->skip_existing) {
		char id[V2M_ID_SIZE];

		found = v2m_upload_step_existing(s, r, video.sha256, id, err);
		if (found < 0)
			goto fail;
		if (found > 0) {
			v2m_upload_step_undo(s, r, false);
			memcpy(r->id, id, sizeof r->id);
			*existed = true;
			return 0;
		}
	}
	if (length < 0 && u->media != NULL &&
	    judge_check(u, v2m_upload_step_probe(s, u->media, r,
	    v2m_media_until_stopped, err), err) < 0)
		goto fail;
	if (v2m_upload_step_stored(s, r, &video, err) == 0 &&
	    v2m_upload_step_accept(s, r, &message_out, err) == 0)
		return 0;
fail:
	switch (v2m_upload_step_undo(s, r, message_out)) {
	case 0:
		return 0;
	case 1:
		*maybe = true;
		return v2m_upload_maybe(r->id, err);
	default:
		return -1;
	}
}

int
v2m_local_upload(struct v2m_services *s, const struct v2m_upload_file *u,
    int fd, int64_t length, char id[V2M_ID_SIZE], bool *existed,
    struct v2m_err *err)
{
	struct v2m_upload_facts in = { u->owner, u->name, &u->settings,
	    u->queue };
	struct v2m_record r;
	bool maybe = false;
	int ret;

	*existed = false;
	id[0] = '\0';
	if (check_before(s, u, fd, length, err) < 0)
		return -1;
	v2m_upload_step_describe(&in, &r);
	if (u->skip_existing && length >= 0) {
		char sha256[V2M_SHA256_HEX];
		int found;

		if (v2m_file_digest(fd, sha256, err) < 0)
			return -1;
		found = v2m_upload_step_existing(s, &r, sha256, id, err);
		*existed = found == 1;
		if (found < 0 && id[0] != '\0')
			return v2m_upload_maybe(id, err);
		if (found != 0)
			return found < 0 ? -1 : 0;
	}
	if (v2m_upload_step_begin(s, &r, err) < 0)
		return -1;
	ret = upload_new(s, u, fd, length, &r, existed, &maybe, err);
	if (ret == 0 || maybe)
		memcpy(id, r.id, V2M_ID_SIZE);
	return ret;
}
