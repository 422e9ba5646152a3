/* sound.h - turn decoded packets into an MP3 file.
 *
 * The frames of each packet get their place in time (timeline.h), and wait
 * while it is not known; then they go through resampler, encoder and muxer.
 * The first frame decides the MP3's format.  If s->measures is set before the
 * first frame, no MP3 is made, but its loudness is measured.  Not thread-safe;
 * encoding uses the pool's threads.
 */
#ifndef ENGINE_SOUND_H
#define ENGINE_SOUND_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/cut.h"
#include "engine/demux.h"
#include "engine/encode.h"
#include "engine/front.h"
#include "engine/jumps.h"
#include "engine/loudness.h"
#include "engine/mux.h"
#include "engine/report.h"
#include "engine/resample.h"
#include "engine/seek.h"
#include "engine/timeline.h"
#include "engine/waiting.h"
#include "media/wire.h"

struct sound {
	const struct v2m_wire_job *job;	/* borrowed, like demux */
	const struct demux *demux;
	struct pool *pool;		/* borrowed */
	int fd;
	bool measures;			/* only measure */
	double gain_db;
	bool gain_chosen;		/* after a pass over the whole sound */
	bool open;			/* the first frame has come */
	bool audible;			/* sound above OTHERS_AUDIBLE has
					 * come */
	struct timeline time;
	struct waiting waiting;
	struct gaps_packet packet;	/* the current packet */
	bool link_waits;		/* a link has begun, but has no sound
					 * yet */
	bool left_out;			/* the packet, by an edit list */
	bool doubtful;			/* the packet may decode to noise */
	bool lapped;			/* the packet before was noise */
	float good_peak;		/* peak of packets that are not
					 * doubtful */
	int64_t came, placed;		/* packets with sound: added; put out */
	double parsed_s;		/* the packet's duration by container or
					 * parser */
	double last_s;			/* duration of the packet before */
	double reached_s;		/* position after time 0 of what was put
					 * out */
	int rate_hz;			/* of the source, also for: */
	int64_t filled;			/* samples of silence put out */
	double owed_s;			/* silence, if more sound follows */
	bool idle;			/* this pass is useless: only the time
					 * line is still read */
	struct cut cut;			/* counts samples after the resampler */
	int64_t filled_outside;		/* silence outside the wanted part */
	struct resample resample;
	bool spoilt;			/* the frame put out is corrupt */
	int spoilt_left;		/* its samples still in the resampler */
	bool mixed;			/* there was a downmix */
	float peak;			/* peak of the downmix, before any
					 * gain */
	float level_most;		/* higher samples are limited, before
					 * any gain */
	struct loudness *meter;
	struct encoder encoder;
	struct front front;
	struct mux mux;
	struct jumps jumps;
	struct seek seek;		/* kind SEEK_NOT: not used */
	bool leaping;			/* the next packet is the first after a
					 * seek */
	bool astray;			/* it is not known where the seek led */
};

/* job, demux, pool and fd must outlive *s; fd is not closed.  given: what the
 * pass before found, or NULL. */
void sound_init(struct sound *s, const struct v2m_wire_job *job,
    const struct demux *demux, struct pool *pool, int fd,
    const struct timeline_verdict *given);
void sound_release(struct sound *s);

/* Call it before a packet is decoded; NULL: the rest in the decoder.  doubtful:
 * the packet may be damaged: where it is far louder than the sound before, it
 * becomes silence. */
void sound_packet(struct sound *s, const AVPacket *pkt, bool doubtful);

/* A decode_frame function; arg is the struct sound.  Frames with
 * AV_FRAME_FLAG_CORRUPT do not count for peak and loudness.  V2M_DATA:
 * impossible rate or channels; V2M_TEMP; V2M_FAILED; V2M_IO: the MP3 cannot be
 * written; V2M_BUG. */
int sound_frame(void *arg, AVFrame *frame, int64_t whole,
    struct v2m_err *err);

/* All frames of the packet have come; damaged: it could not be decoded.  0; 1:
 * the end of the wanted part, or the longest allowed duration, is reached; -1
 * as sound_frame(). */
int sound_packet_end(struct sound *s, bool damaged, struct v2m_err *err);

/* Has enough been decoded for a seek? */
bool sound_settled(const struct sound *s);

/* After a packet: seek to the wanted part, if that is possible (seek.h).  true:
 * it was done, and decode_leap() must be called. */
bool sound_leap(struct sound *s, struct demux *d);

/* Does the packet come before the place that the seek was for?  Do not decode
 * it then. */
bool sound_skips(const struct sound *s, const AVPacket *pkt);

/* Is the sound that is decoded now before the wanted part, after a seek, so
 * that decoder errors do not matter? */
bool sound_warms(const struct sound *s);

/* Is it not known where the seek led?  Then the file must be read again from
 * the start, without a seek. */
bool sound_astray(const struct sound *s);

/* There are no more packets: put out all that waits.  Returns as
 * sound_packet_end(). */
int sound_flush(struct sound *s, struct v2m_err *err);

/* After sound_flush(): must the file be read again, with *v as `given`? */
bool sound_misplaced(const struct sound *s, struct timeline_verdict *v);

/* Does the downmix exceed full scale, with a gain that was not chosen for that?
 * Then no MP3 is made, and the file must be read again. */
bool sound_clips(const struct sound *s);

/* The result of measuring, after sound_flush().  Errors as
 * loudness_finish(). */
int sound_measured(struct sound *s, struct loudness_measured *m,
    struct v2m_err *err);

/* Complete the MP3, and fill *done.  V2M_DATA: there was no sound in the wanted
 * part; or as sound_frame(). */
int sound_finish(struct sound *s, struct report_done *done,
    struct v2m_err *err);

/* The position after time 0 that has been reached, in microseconds. */
int64_t sound_reached_us(const struct sound *s);

#endif
