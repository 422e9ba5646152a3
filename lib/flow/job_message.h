/* job_message.h - what the queues carry.
 *
 *	{"video_fid": "<id>", "mp3_fid": null or "<id>", "username": "<e-mail>"}
 *
 * as existing deployments write it (design, wire formats); ours adds
 * "options".  Members that we do not know are kept when a message goes on.
 * A message brings a job to somebody's notice and decides nothing.
 */
#ifndef V2M_FLOW_JOB_MESSAGE_H
#define V2M_FLOW_JOB_MESSAGE_H

#include <stddef.h>

#include "base/err.h"
#include "base/id.h"
#include "base/text.h"
#include "store/record.h"

struct v2m_job_message {
	char video[V2M_ID_SIZE];
	char mp3[V2M_ID_SIZE];			/* "" for null */
	char username[V2M_EMAIL_MAX];		/* normalised, or "" */
	char options[sizeof ((struct v2m_record *)0)->options];	/* or "" */
};

/* Parse a body.  V2M_PROTOCOL: no JSON object, a member missing or of another
 * type, no ID. */
int v2m_job_message_parse(struct v2m_job_message *m, const char *body,
    size_t length, struct v2m_err *err);

/* The body that tells of this record: its mp3 is named when it is done.
 * base, unless NULL, is the body it came with, whose other members are kept.
 * Caller frees.  NULL: V2M_TEMP. */
char *v2m_job_message_format(const struct v2m_record *r, const char *base,
    size_t base_length, struct v2m_err *err);

#endif
