/* tracks.h - which of a container's tracks with sound is the one to take. */
#ifndef ENGINE_TRACKS_H
#define ENGINE_TRACKS_H

#include <libavformat/avformat.h>
#include <stdbool.h>

#include "base/err.h"
#include "media/settings.h"

/* The container's default track; one with a commentary or a description of the
 * pictures only where there is no other.  NULL: none that can be decoded. */
AVStream *tracks_usual(const AVFormatContext *fmt);

/* The one that is asked for; where s says nothing, *track stays as it is, the
 * usual one or NULL.  In a language only what tracks_usual() would take by
 * itself counts.  Warns where there is no such language, and where the file
 * means another that cannot be decoded.
 * *other is one to be joined to it, or NULL: what is asked for, or the two
 * mono tracks that are left and right of one recording.  Warns of those that
 * may be.
 * V2M_DATA: there is no such track, or, with lang_strict, no language. */
int tracks_wanted(const AVFormatContext *fmt, const struct v2m_settings *s,
    AVStream **track, AVStream **other, struct v2m_err *err);

/* As people count them: those with sound, from 1. */
int tracks_number(const AVFormatContext *fmt, const AVStream *track);

/* Is it sound that can be decoded?  Is it the only such? */
bool tracks_usable(const AVStream *st);
bool tracks_alone(const AVFormatContext *fmt, const AVStream *track);

/* Report all of them, and say how many there are. */
int tracks_tell(const AVFormatContext *fmt);

#endif
