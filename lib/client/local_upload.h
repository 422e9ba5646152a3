/* local_upload.h - a video into the store, its job into the queue.
 *
 * Record `new`; object, complete or absent; message, confirmed; record
 * `queued`.  Only then is the ID anybody's to know.  An upload that fails
 * anywhere leaves nothing behind but, where its message may be out, a
 * cancelled record.
 */
#ifndef V2M_CLIENT_LOCAL_UPLOAD_H
#define V2M_CLIENT_LOCAL_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/services.h"
#include "media/media.h"
#include "media/settings.h"

struct v2m_upload {
	const char *owner;		/* a normalised address */
	const char *name;		/* the file's name, any bytes */
	struct v2m_settings settings;
	struct v2m_media *media;	/* to look for sound; NULL: do not */
	bool queue;			/* false: hold it, for a pipe */
	bool skip_existing;		/* take the owner's equal live job */
	void (*progress)(void *arg, int64_t done);	/* or NULL */
	void *progress_arg;
};

/* Upload what fd (borrowed) still holds.  length is the file's, -1 for a
 * pipe.  id receives the job's ID.  *existed: it was there already.
 *
 * V2M_DATA: no sound in it, no media file, empty, over max_upload.  V2M_TEMP:
 * no room, a service away, a signal, a file that grew or shrank meanwhile.
 * V2M_IO: cannot read.  Else what the services say. */
int v2m_upload(struct v2m_services *s, const struct v2m_upload *u, int fd,
    int64_t length, char id[V2M_ID_SIZE], bool *existed,
    struct v2m_err *err);

#endif
