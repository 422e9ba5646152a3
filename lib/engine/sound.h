/* sound.h - decoded frames in, at last an MP3 file out.
 *
 * Puts each frame in its place in time, then through resampler, encoder and
 * muxer.  The first frame decides what the MP3 is like.  Told to measure
 * (before the first frame), it makes no MP3 but finds out how loud that one
 * would be.
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
#include "engine/timeline.h"
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
};

void sound_init(struct sound *s, const struct v2m_wire_job *job,
    const struct demux *demux, struct pool *pool, int fd);
void sound_release(struct sound *s);

/* Frames with AV_FRAME_FLAG_CORRUPT count for no peak and no loudness.
 * 1: the end of what is
 * wanted, or the longest duration that is allowed, has been reached. */
int sound_frame(struct sound *s, const AVFrame *frame, struct v2m_err *err);

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
