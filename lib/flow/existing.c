#include "flow/existing.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/stop.h"

#define COPY_SIZE (256 * 1024)

int
v2m_existing_hash(int fd, char sha256[V2M_SHA256_HEX], struct v2m_err *err)
{
	char *buf = malloc(COPY_SIZE);
	struct v2m_sha256 h;
	int64_t at = 0;
	ssize_t n = -1;

	if (buf == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot read the file");
	v2m_sha256_init(&h);
	while (v2m_stop_check(err) == 0 && (n = v2m_io_pread(fd, buf,
	    COPY_SIZE, at, "the file", err)) > 0) {
		v2m_sha256_update(&h, buf, (size_t)n);
		at += n;
		n = -1;
	}
	v2m_sha256_final(&h, sha256);
	free(buf);
	return n < 0 ? -1 : 0;
}

/* Will there be an MP3, or is there one?  A held job moves only when it is
 * named, as a pipe will name it and a queue will not. */
static bool
is_live(const struct v2m_record *r, bool queue)
{
	return r->state == V2M_QUEUED || r->state == V2M_RUNNING ||
	    (r->state == V2M_DONE && r->mp3[0] != '\0') ||
	    (r->state == V2M_HELD && !queue);
}

const struct v2m_record *
v2m_existing_pick(const struct v2m_record *list, size_t n,
    const char *options, bool queue)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (is_live(&list[i], queue) &&
		    strcmp(list[i].options, options) == 0)
			return &list[i];
	return NULL;
}
