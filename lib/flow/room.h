/* room.h - room for an MP3, where it grows and where it will be stored.
 *
 * While the length of the video is not known, a little; then as much as an
 * MP3 of its claimed duration and these settings takes at most, as a rule.
 * Both are held (base/hold.h), so that runs that go on at the same time, here
 * or in other workers, count each other's needs.
 */
#ifndef V2M_FLOW_ROOM_H
#define V2M_FLOW_ROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/services.h"
#include "media/media.h"

struct v2m_room {
	int out;		/* the MP3 in the making; borrowed */
	int stored;		/* holds its place in the store; -1: none */
	int64_t reserve;	/* free_reserve */
	int64_t max_duration_ms;
	bool sized;		/* by what the video claims */
};

/* V2M_TEMP: not enough of it.  Close it in any case. */
int v2m_room_open(struct v2m_room *r, struct v2m_services *s, int out,
    struct v2m_err *err);

/* Once the source is told of in *result, for an input of `length` bytes. */
int v2m_room_size(struct v2m_room *r, const struct v2m_media_result *result,
    const struct v2m_settings *settings, int64_t length,
    struct v2m_err *err);

/* So much is still to be stored. */
void v2m_room_left(struct v2m_room *r, int64_t bytes);

void v2m_room_close(struct v2m_room *r);

#endif
