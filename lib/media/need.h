/* need.h - how many bytes an MP3 takes at most, as a rule.  Pure. */
#ifndef V2M_MEDIA_NEED_H
#define V2M_MEDIA_NEED_H

#include <stdint.h>

#include "media/media.h"

/* Of a source that *result tells of, in an input of `length` bytes. */
int64_t v2m_need(const struct v2m_settings *settings,
    const struct v2m_media_result *result, int64_t max_duration_ms,
    int64_t length);

/* The same, encoded; of a claimed duration, or -1. */
int64_t v2m_need_encoded(const struct v2m_settings *settings,
    int64_t claimed_ms, int64_t length);

#endif
