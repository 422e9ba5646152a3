/* join.h - two tracks heard as one.
 *
 * Cameras and recorders write a microphone to a track.  The first of the two
 * tracks is decoded as any; of the other, which is read by a demuxer of its
 * own, as many samples are taken for each of its frames as belong to the same
 * time, by the edit lists of both.  A stamp of the other that is off by little
 * is ignored, as everywhere; where it has no sound, or ends before the first,
 * there is silence.  In a hole of the first there is silence in both.
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

struct join_heap {		/* samples of a track, of up to two channels */
	float *planes[2];
	int n, room;
};

struct join {
	bool open, mix, ended;
	int channels;		/* of each track while they are mixed */
	struct demux demux;	/* of the other track */
	struct input *input;
	const AVStream *first;
	struct decoder decoder;
	AVPacket *pkt;
	struct resample to_first, to_other;
	struct join_heap heaps[2];	/* of the first, and of the other */
	bool placed;		/* the first sample of the other's heap is at */
	double at_s;		/* this time */
	bool aligned;		/* it is where it belongs */
};

/* Nothing is done where demux has no other track.  V2M_DATA: a pair is wanted
 * of tracks that are not mono. */
int join_open(struct join *j, const struct demux *demux, struct v2m_err *err);

/* Also of a zeroed one. */
void join_close(struct join *j);

/* Put the other track's sound beside that of f, a frame of the first. */
int join_frame(struct join *j, AVFrame *f, struct v2m_err *err);

#endif
