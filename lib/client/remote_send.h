/* remote_send.h - a file to a gateway, whole, whatever happens on the way. */
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
	void (*progress)(void *arg, int64_t done);	/* or NULL */
	void *progress_arg;
	/* its own */
	char id[V2M_ID_SIZE];
	int64_t offset;			/* where the piece at hand begins */
	bool stored;			/* all of it was seen to be there */
};

/* Create the upload, send its pieces, go on after what breaks, until the job
 * is accepted: its ID in id.  What failed for good is dropped there as well.
 * V2M_TEMP: it changed its length meanwhile, a signal, no answer for
 * url_timeout; V2M_IO: cannot read; or what the gateway says. */
int v2m_send(struct v2m_send *s, char id[V2M_ID_SIZE], struct v2m_err *err);

#endif
