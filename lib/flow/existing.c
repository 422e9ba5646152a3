#include "flow/existing.h"

#include <string.h>

/* Will there be an MP3, or is there one?  A held job moves only when it is
 * named, as a pipe will name it and a queue will not. */
static bool
is_live(const struct v2m_record *r, bool queue)
{
	return r->state == V2M_JOB_QUEUED || r->state == V2M_JOB_RUNNING ||
	    (r->state == V2M_JOB_DONE && r->mp3[0] != '\0') ||
	    (r->state == V2M_JOB_HELD && !queue);
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
