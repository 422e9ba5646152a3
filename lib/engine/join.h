/* join.h - join two tracks into one sound.
 *
 * Some cameras and recorders write each microphone to its own track.  The first
 * of the two tracks is decoded as usual.  The other one is read by a demuxer of
 * its own: for each frame of the first track, the samples of the same time are
 * taken from it, by the edit lists of both.  Small deviations of the other
 * track's PTS are ignored; where it has no sound, or ends earlier, there is
 * silence.  In a gap of the first track both are silent.
 */
#ifndef ENGINE_JOIN_H
#define ENGINE_JOIN_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/decode.h"
#include "engine/demux.h"
#include "engine/input.h"
#include "engine/resample.h"

struct join_heap {		/* samples of one track that wait */
	float *planes[2];
	int n, room;
};

struct join {
	bool open, mix, ended;
	int channels;		/* of each track, when mixed */
	struct demux demux;	/* for the other track */
	struct input *input;
	const AVStream *first;
	struct decoder decoder;
	AVPacket *pkt;
	struct resample to_first, to_other;
	struct join_heap heaps[2];	/* of the first track, and of the other
					 * one */
	bool placed;		/* the time of heaps[1] is known: its first
				 * sample is at */
	double at_s;		/* this PTS, in seconds of the container */
	bool aligned;		/* it was brought to the first track's time */
};

/* Begin to join demux->sound and demux->other; without the latter nothing is
 * joined.  V2M_DATA: left and right were asked for, and one track is not mono;
 * or an error of demux_open_other() or decode_open(). */
int join_open(struct join *j, const struct demux *demux, struct v2m_err *err);

/* Also for a zeroed *j. */
void join_close(struct join *j);

/* Replace f, a frame of the first track, by one with both tracks' samples.
 * Errors of the demuxer and the resampler; V2M_TEMP. */
int join_frame(struct join *j, AVFrame *f, struct v2m_err *err);

#endif
