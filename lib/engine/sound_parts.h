/* sound_parts.h - between the parts of sound.h: sound.c, which takes packets
 * and frames, sound_packet.c, sound_leap.c, sound_place.c and sound_sink.c.
 */
#ifndef ENGINE_SOUND_PARTS_H
#define ENGINE_SOUND_PARTS_H

#include "engine/sound.h"

/* --- sound_packet.c --- */

/* Of a frame out of the packet that sound_packet() told of: is it noise, by its
 * level?  Never where packets are not known to be damaged. */
bool sound_is_noise(struct sound *s, const AVFrame *f);

/* --- sound_leap.c --- */

/* The first frame after a leap, of whole samples before anything was cut: all
 * before it counts as put out.  false: where it stands cannot be told, or there
 * is no need to go on from here. */
bool sound_land(struct sound *s, const AVFrame *f, int64_t whole);

/* --- sound_place.c --- */

/* All packets whose places are known, where it is worth it: as
 * sound_packet_end(). */
int sound_put_placed(struct sound *s, struct v2m_err *err);

/* --- sound_sink.c --- */

/* What the MP3 is to be like, by the first frame: s gets all that the sound
 * goes through from the resampler on. */
int sound_open_sink(struct sound *s, const AVFrame *f, struct v2m_err *err);

#endif
