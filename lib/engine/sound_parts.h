/* sound_parts.h - functions shared by the parts of sound.h: sound.c, which
 * takes packets and frames, sound_packet.c, sound_leap.c, sound_place.c and
 * sound_sink.c.
 */
#ifndef ENGINE_SOUND_PARTS_H
#define ENGINE_SOUND_PARTS_H

#include "engine/sound.h"

/* --- sound_packet.c --- */

/* Is the frame, by its level, noise that a damaged packet decoded to?  Always
 * false for demuxers that do not mark damage. */
bool sound_is_noise(struct sound *s, const AVFrame *f);

/* --- sound_leap.c --- */

/* The first frame after a seek; whole: its samples before any were removed.
 * All before it counts as put out.  false: its position is not known, or
 * decoding from here is too late. */
bool sound_land(struct sound *s, const AVFrame *f, int64_t whole);

/* --- sound_place.c --- */

/* Put out all packets whose place in time is known.  Returns as
 * sound_packet_end(). */
int sound_put_placed(struct sound *s, struct v2m_err *err);

/* --- sound_sink.c --- */

/* Choose the MP3's format by the first frame, and open resampler, encoder and
 * muxer, or resampler and meter.  Errors as resample_init(), encode_open(),
 * mux_open() and loudness_new(). */
int sound_open_sink(struct sound *s, const AVFrame *f, struct v2m_err *err);

#endif
