/* settings.h - what kind of MP3 is wanted.
 *
 * One struct, one text form: JSON with sorted keys, kept in a job's record,
 * carried in messages, compared to find equal jobs.  Keys that mean the
 * default are left out, so the default is "{}".  All functions are pure and
 * thread-safe.
 */
#ifndef V2M_MEDIA_SETTINGS_H
#define V2M_MEDIA_SETTINGS_H

#include <stdbool.h>

#include "base/err.h"

#define V2M_SETTINGS_TEXT 512	/* bytes of the longest JSON form, with NUL */

struct v2m_settings {
	int quality;		/* LAME's V scale, 0 (best) to 9; default 2 */
	int bitrate_kbps;	/* constant, 8 to 320; 0: quality rules */
	bool mono;		/* mix down to one channel */
};

/* The defaults: V2, stereo. */
void v2m_settings_init(struct v2m_settings *s);

/* -q: "V2", "v2" or "2".  V2M_USAGE. */
int v2m_settings_quality(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* -b: "192k" or "192": a bitrate of MPEG-1 or MPEG-2 Layer III.  V2M_USAGE,
 * with the bitrates there are. */
int v2m_settings_bitrate(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

/* To the canonical JSON text. */
void v2m_settings_format(const struct v2m_settings *s,
    char text[V2M_SETTINGS_TEXT]);

/* From JSON text; "" and NULL are the defaults.  Unknown keys are an error,
 * because a job must not silently be made otherwise than asked.
 * V2M_PROTOCOL. */
int v2m_settings_parse(struct v2m_settings *s, const char *text,
    struct v2m_err *err);

#endif
