#include "flow/existing.h"

#include <string.h>

/* Will there be an MP3, or is there one?  A held job moves only when it is
 * named, as a pipe will name it and a queue will not. */
static bool
is_live(const struct v2m_record *r, bool queue, const char *own)
{
	if (r->state == V2M_JOB_NEW)
		return own != NULL && strcmp(r->id, own) != 0 &&
		    r->sha256[0] != '\0' &&
		    (r->via != V2M_VIA_PIPE) == queue;
	return r->state == V2M_JOB_QUEUED || r->state == V2M_JOB_RUNNING ||
	    (r->state == V2M_JOB_DONE && r->mp3[0] != '\0') ||
	    (r->state == V2M_JOB_HELD && !queue);
}

int
v2m_existing_visit(void *arg, struct v2m_record *r)
{
	struct v2m_existing *e = arg;

	if (!is_live(r, e->queue, e->own) ||
	    strcmp(r->options, e->options) != 0)
		return 0;
	memcpy(e->id, r->id, sizeof e->id);
	e->accepted = r->state != V2M_JOB_NEW;
	return 1;
}
