/* need.h - estimate the largest size of an MP3.  Pure. */
#ifndef V2M_MEDIA_NEED_H
#define V2M_MEDIA_NEED_H

#include <stdint.h>

#include "media/media.h"

/* In bytes, for the source that *result describes, with an input of `length`
 * bytes. */
int64_t v2m_need(const struct v2m_settings *settings,
    const struct v2m_media_result *result, int64_t max_duration_ms,
    int64_t length);

/* The same if the source is encoded, by the stated duration; claimed_ms -1:
 * unknown. */
int64_t v2m_need_encoded(const struct v2m_settings *settings,
    int64_t claimed_ms, int64_t length);

#endif
