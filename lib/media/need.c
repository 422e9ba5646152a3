#include "media/need.h"

#include <string.h>

#define FIRST (1 << 20)		/* bytes, also of the smallest file */
#define FRONT (512 << 10)	/* bytes of tags and most covers */
#define GROWS 16		/* factor, from the lowest bitrates */
#define SOUND (32 << 20)	/* bytes of a file that may have only sound, */
#define SOUND_PART 8		/* and this part of a larger one */

/* kbit/s of music at each quality. */
static const int kbps[] = { 280, 255, 225, 205, 185, 160, 140, 120, 105, 85 };

int64_t
v2m_need_encoded(const struct v2m_settings *s, int64_t claimed_ms,
    int64_t length)
{
	int rate = s->bitrate_kbps > 0 ? s->bitrate_kbps : kbps[s->quality];
	int64_t most = length * GROWS + FIRST, ms = claimed_ms, need;

	if (claimed_ms < 0) {
		need = length < SOUND ? length : length / SOUND_PART;
		return (need < SOUND && length > SOUND ? SOUND : need) + FRONT;
	}
	if (s->to_ms > 0 && s->to_ms < ms)
		ms = s->to_ms;
	ms = ms > s->from_ms ? ms - s->from_ms : 0;
	need = ms / 8 * rate + FRONT;
	return need < most ? need : most;
}

int64_t
v2m_need(const struct v2m_settings *settings,
    const struct v2m_media_result *result, int64_t max_duration_ms,
    int64_t length)
{
	int64_t claimed_ms = result->claimed_ms;

	/* A copy is as large as the source's sound. */
	if (settings->copy >= V2M_COPY_YES &&
	    strcmp(result->codec, "mp3") == 0)
		claimed_ms = -1;
	if (claimed_ms > max_duration_ms)
		claimed_ms = max_duration_ms;
	return v2m_need_encoded(settings, claimed_ms, length);
}
