#include "client/remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hold.h"
#include "base/io.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "client/file_digest.h"
#include "client/remote_send.h"
#include "flow/existing.h"
#include "flow/upload_steps.h"

#define COPY_SIZE (256 * 1024)

/* Copy a pipe to a file: its bytes can be read only once, but may have to be
 * sent again.  Unlike v2m_io_spool(), a signal ends it. */
static int
spool(int from, int to, int64_t max, int64_t reserve, int64_t *length,
    struct v2m_err *err)
{
	char *buf = malloc(COPY_SIZE);
	int64_t have = 0, held = 0;
	ssize_t n = -1;
	int ret = -1;

	if (buf == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot read it");
	while (v2m_stop_check(err) == 0) {
		n = read(from, buf, COPY_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			v2m_err_sys(err, V2M_IO, "cannot read it");
		else if (n == 0)
			ret = 0;
		else if ((have += n) > max)
			v2m_upload_too_large(max, err);
		else if (v2m_hold_ahead(to, have, &held, reserve, err) == 0 &&
		    v2m_io_write(to, buf, (size_t)n, "a temporary file",
		    err) == 0)
			continue;
		break;
	}
	free(buf);
	if (ret == 0 && have == 0)
		return v2m_err_set(err, V2M_DATA, "nothing in it");
	*length = have;
	return ret;
}

/* The gateway checks its own limit.  Ours is checked if it was set. */
static int
check_file(struct v2m_remote *r, const struct v2m_upload_file *u, int fd,
    int64_t length, struct v2m_err *err)
{
	int64_t limit = v2m_conf_limit(r->conf, "max_upload");
	struct v2m_media_input in = { .fd = fd, .name = u->name,
	    .length = length };
	int checked;

	if (length == 0)
		return v2m_err_set(err, V2M_DATA, "the file is empty");
	if (length > limit && v2m_conf_is_set(r->conf, "max_upload"))
		return v2m_upload_too_large(limit, err);
	if (u->media == NULL)
		return 0;
	checked = v2m_upload_step_check(u->media, &in, &u->settings,
	    v2m_media_until_stopped, NULL, err);
	if (checked == 1 && !v2m_media_lacks_sandbox(err))
		v2m_warn("%s: sent unchecked: %s", u->name, err->msg);
	return checked < 0 ? -1 : 0;
}

/* 1 with id: there is a job with the same bytes and options. */
static int
find_existing(struct v2m_remote *r, const struct v2m_upload_file *u, int fd,
    const char *options, char id[V2M_ID_SIZE], struct v2m_err *err)
{
	char sha256[V2M_SHA256_HEX];
	struct v2m_existing e = { .options = options, .queue = u->queue };
	const struct v2m_status_filter any = { .name = NULL };
	int found;

	if (v2m_file_digest(fd, sha256, err) < 0)
		return -1;
	found = v2m_remote_each(r, false, &any, sha256, v2m_existing_visit, &e,
	    err);
	if (found == 1)
		memcpy(id, e.id, V2M_ID_SIZE);
	return found;
}

/* Upload the file fd. */
static int
upload_file(struct v2m_remote *r, const struct v2m_upload_file *u, int fd,
    int64_t length, char id[V2M_ID_SIZE], bool *existed, struct v2m_err *err)
{
	struct v2m_send s = { .r = r, .fd = fd, .length = length,
	    .name = u->name, .hold = !u->queue,
	    .skip_existing = u->skip_existing, .progress = u->progress,
	    .progress_arg = u->progress_arg };
	int found = 0;

	v2m_settings_format(&u->settings, s.options);
	if (check_file(r, u, fd, length, err) < 0)
		return -1;
	if (u->skip_existing)
		found = find_existing(r, u, fd, s.options, id, err);
	*existed = found == 1;
	if (found != 0)
		return found < 0 ? -1 : 0;
	return v2m_send(&s, id, err);
}

int
v2m_remote_upload(struct v2m_remote *r, const struct v2m_upload_file *u, int fd,
    int64_t length, char id[V2M_ID_SIZE], bool *existed, struct v2m_err *err)
{
	int spooled, ret = -1;

	*existed = false;
	id[0] = '\0';
	if (length >= 0)
		return upload_file(r, u, fd, length, id, existed, err);
	spooled = v2m_io_tmpfile(NULL, err);
	if (spooled < 0)
		return -1;
	if (spool(fd, spooled, v2m_conf_limit(r->conf, "max_upload"),
	    v2m_hold_reserve(spooled, v2m_conf_number(r->conf,
	    "free_reserve")),
	    &length, err) == 0)
		ret = upload_file(r, u, spooled, length, id, existed, err);
	close(spooled);
	return ret;
}
