/* job_message.h - the messages in the queues.
 *
 *	{"video_fid": "<id>", "mp3_fid": null or "<id>", "username": "<e-mail>"}
 *
 * as existing deployments write it; ours adds "options".  Unknown members are
 * kept when a message is passed on.  A message only says that there is a job:
 * what is to be done with it is in the record.
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

/* The body of a message about this job; of a done one it names the MP3.  base,
 * unless NULL, is the body of the message that brought the job, whose other
 * members are kept.  Caller frees.  NULL: V2M_TEMP. */
char *v2m_job_message_format(const struct v2m_record *r, const char *base,
    size_t base_length, struct v2m_err *err);

#endif
