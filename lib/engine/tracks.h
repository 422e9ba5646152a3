/* tracks.h - choose one of a container's sound tracks. */
#ifndef ENGINE_TRACKS_H
#define ENGINE_TRACKS_H

#include <libavformat/avformat.h>
#include <stdbool.h>

#include "base/err.h"
#include "media/settings.h"

/* The container's default track; commentaries, audio descriptions and sound
 * without voices only if there is no other.  NULL: none can be decoded. */
AVStream *tracks_usual(const AVFormatContext *fmt);

/* Choose the track that s asks for.  *track is the usual one or NULL, and stays
 * if s does not ask for another.  By language, commentaries, audio descriptions
 * and sound without voices are not chosen.  Warns if there is no track in the
 * language, and if a better track cannot be decoded.  *other: a track to be
 * joined to it, or NULL: the one that s asks for, or, if *track is the left one
 * of a mono pair, the right one.  Warns if there are further mono tracks.
 * V2M_DATA: there is no such track, it cannot be decoded, or, with lang_strict,
 * there is none in the language. */
int tracks_wanted(const AVFormatContext *fmt, const struct v2m_settings *s,
    AVStream **track, AVStream **other, struct v2m_err *err);

/* The number of a track for users: sound tracks, from 1. */
int tracks_number(const AVFormatContext *fmt, const AVStream *track);

/* Is it a sound track that can be decoded?  Is it the only one? */
bool tracks_usable(const AVStream *st);
bool tracks_alone(const AVFormatContext *fmt, const AVStream *track);

/* Report all sound tracks.  Returns how many there are. */
int tracks_tell(const AVFormatContext *fmt);

#endif
