/* room.h - keeps disk space for an MP3: for the temporary file, and in the
 * store.
 *
 * While the duration of the video is not known, a little; then about as much as
 * an MP3 of this duration and these settings can need; and more where it grows
 * beyond that, as of a video that does not say how long it is.  The space is
 * allocated (base/hold.h), so that several runs, here and in other workers, do
 * not count on the same space.
 */
#ifndef V2M_FLOW_ROOM_H
#define V2M_FLOW_ROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/services.h"
#include "media/media.h"

struct v2m_room {
	int out;		/* the temporary file of the MP3; borrowed */
	int stored;		/* a file that keeps space in the store; -1:
				 * none */
	int64_t reserve;	/* free_reserve */
	int64_t max_duration_ms;
	int64_t held;		/* bytes that are kept now */
	bool sized;		/* space for the known duration is kept */
	bool whole;		/* the MP3 grows no more */
};

/* V2M_TEMP: there is too little space.  Close it in any case. */
int v2m_room_open(struct v2m_room *r, struct v2m_services *s, int out,
    struct v2m_err *err);

/* To be called again and again: as soon as *result has the duration, keep space
 * for an MP3 of it, and later more, should it grow beyond that.  length: bytes
 * of the video. */
int v2m_room_size(struct v2m_room *r, const struct v2m_media_result *result,
    const struct v2m_settings *settings, int64_t length,
    struct v2m_err *err);

/* `bytes` are still to be stored: give the rest of the store's space back. */
void v2m_room_left(struct v2m_room *r, int64_t bytes);

void v2m_room_close(struct v2m_room *r);

#endif
