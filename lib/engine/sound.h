/* sound.h - decoded packets in, at last an MP3 file out.
 *
 * Puts the frames of each packet in their place in time (timeline.h), then
 * through resampler, encoder and muxer; where that place is in doubt they wait.
 * The first frame decides what the MP3 is like.  Told to measure (before the
 * first frame), it makes no MP3 but finds out how loud that one would be.
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
	const struct v2m_wire_job *job;	/* borrowed, as demux */
	const struct demux *demux;
	struct pool *pool;		/* borrowed too */
	int fd;
	bool measures;			/* how loud it is, and no more */
	double gain_db;
	bool gain_chosen;		/* once all had been heard */
	bool open;			/* a frame has come */
	bool audible;			/* something louder than silence has */
	struct timeline time;
	struct waiting waiting;
	struct gaps_packet packet;	/* the one whose frames come */
	bool link_waits;		/* it began, but with no sound yet */
	bool left_out;			/* by an edit list */
	bool doubtful;			/* it may be noise */
	bool lapped;			/* the one before was */
	float good_peak;		/* of those that are not */
	int64_t came, placed;		/* packets with sound in them */
	double parsed_s;		/* its length by the container */
	double last_s;			/* that of the one before */
	double reached_s;		/* what has been put out */
	int rate_hz;			/* of the source, and in it: */
	int64_t filled;			/* silence put out */
	double owed_s;			/* silence, where something follows */
	bool idle;			/* it will be done again anyway */
	struct cut cut;			/* behind the resampler */
	int64_t filled_outside;		/* silence that was cut away */
	struct resample resample;
	bool spoilt;			/* what goes in is not to be trusted */
	int spoilt_left;		/* samples of it still to come out */
	bool mixed;			/* some of it was mixed down */
	float peak;			/* of what was, before any gain */
	float level_most;		/* what is higher is cut, before too */
	struct loudness *meter;
	struct encoder encoder;
	struct front front;
	struct mux mux;
	struct jumps jumps;
	struct seek seek;		/* kind SEEK_NOT: none was done */
	bool leaping;			/* what comes next is from elsewhere, */
	bool astray;			/* and it is not known from where */
};

/* given: what the pass before found, or NULL. */
void sound_init(struct sound *s, const struct v2m_wire_job *job,
    const struct demux *demux, struct pool *pool, int fd,
    const struct timeline_verdict *given);
void sound_release(struct sound *s);

/* A packet is about to be decoded; NULL: what is left in the decoder.  Of a
 * doubtful one nothing is taken that is far louder than what came before. */
void sound_packet(struct sound *s, const AVPacket *pkt, bool doubtful);

/* A decode_frame function; arg is the struct sound.  Frames with
 * AV_FRAME_FLAG_CORRUPT count for no peak and no loudness. */
int sound_frame(void *arg, AVFrame *frame, int64_t whole,
    struct v2m_err *err);

/* That was all of the packet; it was damaged or not.  1: the end of what is
 * wanted, or the longest duration that is allowed, has been reached. */
int sound_packet_end(struct sound *s, bool damaged, struct v2m_err *err);

/* Has enough been heard to leap from there? */
bool sound_settled(const struct sound *s);

/* At the end of a packet: go on where the wanted part begins, if that can be
 * done (seek.h).  true: the decoder is to be told. */
bool sound_leap(struct sound *s, struct demux *d);

/* Does this packet come before what the leap was for? */
bool sound_skips(const struct sound *s, const AVPacket *pkt);

/* Is what comes now not to be heard yet, and the decoder not to be trusted? */
bool sound_warms(const struct sound *s);

/* It cannot be told what came after that: all has to come once more, and no
 * leap be made. */
bool sound_astray(const struct sound *s);

/* No packet comes any more.  As sound_packet_end(). */
int sound_flush(struct sound *s, struct v2m_err *err);

/* After that: should all of this be done otherwise, as *v says? */
bool sound_misplaced(const struct sound *s, struct timeline_verdict *v);

/* What was mixed down passes full scale, and the gain was not chosen so that
 * it does not: this will be no MP3, all has to come once more. */
bool sound_clips(const struct sound *s);

/* Where it measures: what came out. */
int sound_measured(struct sound *s, struct loudness_measured *m,
    struct v2m_err *err);

/* Complete the file and say what is in it.  V2M_DATA: nothing of what is
 * wanted was there. */
int sound_finish(struct sound *s, struct report_done *done,
    struct v2m_err *err);

/* Where in the container's time the sound has come to, in microseconds. */
int64_t sound_reached_us(const struct sound *s);

#endif
