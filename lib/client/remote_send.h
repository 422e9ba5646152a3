/* remote_send.h - sending a file to a gateway, over connections that may
 * break.  For one thread. */
#ifndef V2M_CLIENT_REMOTE_SEND_H
#define V2M_CLIENT_REMOTE_SEND_H

#include "client/remote.h"
#include "media/settings.h"

struct v2m_send {
	/* set by the caller */
	struct v2m_remote *r;
	int fd;				/* read by pread from its start */
	int64_t length;			/* all of it, above 0 */
	const char *name;		/* any bytes; its base name is sent */
	char options[V2M_SETTINGS_TEXT];
	bool hold;			/* not for the queue */
	bool skip_existing;		/* an equal job will do */
	void (*progress)(void *arg, int64_t done);	/* or NULL */
	void *progress_arg;
	/* its own */
	char id[V2M_ID_SIZE];
	int64_t offset;			/* where the current piece begins */
	int64_t piece;			/* bytes of one at most */
	bool stored;			/* the gateway says it has all */
	bool sent;			/* all went out once */
};

/* Create the upload, send its pieces, resume after broken connections, until
 * the job is accepted: its ID in id.  After a failure for good the gateway is
 * told to delete what it has; where that fails, and all of it was sent, id
 * names the job that it may be, and err says so.
 * V2M_TEMP: it changed its length meanwhile, a signal, no answer for
 * url_timeout; V2M_IO: cannot read; or what the gateway says. */
int v2m_send(struct v2m_send *s, char id[V2M_ID_SIZE], struct v2m_err *err);

#endif
