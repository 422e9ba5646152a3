/* task.h - a job in the child, from opening its input to its last report.
 *
 * work.c decides what is done, task_decode.c and task_copy.c do it,
 * task_other.c looks at other tracks, task.c is what they share.  Functions
 * that return int: 0 or -1 with err, unless stated otherwise.
 */
#ifndef ENGINE_TASK_H
#define ENGINE_TASK_H

#include <libavcodec/packet.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/copying.h"
#include "engine/decode.h"
#include "engine/demux.h"
#include "engine/feed.h"
#include "engine/input.h"
#include "engine/join.h"
#include "engine/pool.h"
#include "engine/report.h"
#include "engine/sound.h"
#include "engine/timeline.h"
#include "media/wire.h"

struct task {
	const struct v2m_wire_job *job;
	struct v2m_wire_job other_job;	/* the job for another track
					 * (task_other.c) */
	struct input *input;
	struct demux demux;
	struct feed feed;
	struct decoder decoder;
	struct join join;
	struct sound sound;
	struct copying copying;
	AVPacket *pkt;
	struct pool *pool;
	struct report_loudness loudness;
	struct report_downmix downmix;
	struct timeline_verdict verdict;	/* of a pass that must be
						 * repeated */
	int64_t before_us;	/* sound decoded in earlier passes */
	int percent, percent_end;	/* progress at this pass's start and
					 * end */
	int percent_told;
	unsigned packets;
	bool heard;		/* a frame with samples has come */
	bool nothing;		/* the track has no sound */
	bool enough;		/* the rest of the file is not needed */
	bool may_leap;		/* a seek to the wanted part is possible */
	bool from_start;	/* a seek failed: no more seeks */
};

/* --- task.c --- */

/* The position after time 0 that has been reached, in microseconds. */
int64_t task_reached_us(const struct task *t);

/* Send the progress to the parent; receive how many threads may work. */
void task_tell_progress(struct task *t);
void task_hear_share(const struct task *t);

int task_open_source(struct task *t, struct v2m_err *err);
void task_close_source(struct task *t);

/* Read the file again from the start. */
int task_begin_again(struct task *t, struct v2m_err *err);

/* Warn if the file is shorter than the container states, and of `damaged`
 * packets. */
void task_tell_shortcomings(const struct task *t, int64_t damaged);

/* The track has no sound: set err, V2M_DATA.  Returns -1. */
int task_no_sound(struct task *t, struct v2m_err *err);

/* --- task_decode.c --- */

/* Decode all packets and the rest in the decoder; stop early if no more is
 * needed. */
int task_decode_all(struct task *t, struct v2m_err *err);

/* A feed_sink function: decode a packet; NULL: the rest in the decoder. */
int task_decode_one(void *arg, AVPacket *pkt, enum feed_state state,
    struct v2m_err *err);

/* --- task_other.c: another track has sound, the chosen one has none --- */

/* The chosen track was silent: its MP3 is made, and if another track has sound,
 * a warning names it.  The source may be closed then. */
void task_tell_silent(struct task *t);

/* The chosen track has no samples.  Unless the settings ask for it by number,
 * or strictly for its language: use another track that has sound, with a
 * warning, and read the file again.  1; 0: there is none, and err is unchanged;
 * -1. */
int task_take_other(struct task *t, struct v2m_err *err);

/* --- task_copy.c --- */

/* Copy the source's frames, if that is possible.  1: done; 0: the sound must be
 * encoded, and the source is open again from its start; -1. */
int task_copy(struct task *t, struct v2m_err *err);

#endif
