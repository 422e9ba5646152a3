/* task.h - one job in the child, from the first byte of its input to its end:
 * work.c says what is done, task_decode.c and task_copy.c do it, task_other.c
 * looks at other tracks, task.c is what they share.
 *
 * Functions that return int: 0 or -1, where nothing else is said.
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
	struct v2m_wire_job other_job;	/* the same with another track */
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
	struct timeline_verdict verdict;	/* of a pass that went wrong */
	int64_t before_us;	/* of sound, in the pass before this one */
	int percent, percent_end;	/* this pass's share of the way */
	int percent_told;
	unsigned packets;
	bool heard;		/* a frame with sound in it has come */
	bool nothing;		/* none has, to the end */
	bool enough;		/* what follows need not be read */
	bool may_leap;		/* over what comes before the wanted part */
	bool from_start;	/* that went wrong */
};

/* --- task.c --- */

/* Where in the container's time the sound has come to. */
int64_t task_reached_us(const struct task *t);

/* To the parent, and its word on how many threads shall work. */
void task_tell_progress(struct task *t);
void task_hear_share(const struct task *t);

int task_open_source(struct task *t, struct v2m_err *err);
void task_close_source(struct task *t);

/* All once more, from the start. */
int task_begin_again(struct task *t, struct v2m_err *err);

/* What is missing of what the container claims, and what was damaged. */
void task_tell_shortcomings(const struct task *t, int64_t damaged);

/* Nothing came of the track.  Always -1: V2M_DATA. */
int task_no_sound(struct task *t, struct v2m_err *err);

/* --- task_decode.c --- */

/* Every packet through the decoder, then what is left in it.  Ends early
 * where no more is wanted. */
int task_decode_all(struct task *t, struct v2m_err *err);

/* pkt NULL: what is left in the decoder.  A feed_sink function. */
int task_decode_one(void *arg, AVPacket *pkt, enum feed_state state,
    struct v2m_err *err);

/* --- task_other.c: another track has sound, the chosen one has none --- */

/* It was silent throughout: the MP3 is made, and a warning names the other.
 * Nothing can be read behind it. */
void task_tell_silent(struct task *t);

/* No sample came of it, and nobody asked for it, nor for its language alone:
 * from now on the job is about the other, with a warning, all once more.  1; 0:
 * there is none, *err stays as it is; -1. */
int task_take_other(struct task *t, struct v2m_err *err);

/* --- task_copy.c --- */

/* Take the source's frames as they are, if that can be done.  1: it is done;
 * 0: it is to be encoded, from the start. */
int task_copy(struct task *t, struct v2m_err *err);

#endif
