/* follow.h - the sound that goes on in another stream.
 *
 * A TS may change the PID of its sound midway.  Where no packet of the sound
 * has come for a second, and another stream of its language and kind begins
 * that had none before, that one is the sound, also where its stamps begin anew
 * (files joined).  One that is heard at the same time never is.  Where all that
 * there was for a second is of another language or kind, the sound is lost.
 */
#ifndef ENGINE_FOLLOW_H
#define ENGINE_FOLLOW_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define FOLLOW_STREAMS 128
#define FOLLOW_PACKETS 256	/* that wait at most */

struct follow {
	bool on;			/* such a container */
	bool parallel[FOLLOW_STREAMS];	/* heard at the same time */
	int64_t last_us;		/* of the sound */
	AVStream *next;			/* that may be the sound */
	int64_t next_us, kept_us;	/* where it begins; the latest kept */
	AVPacket *kept[FOLLOW_PACKETS];	/* its packets */
	unsigned n, at;			/* so many; those given back */
	bool given;			/* it is the sound: give them back */
	bool elsewhere[FOLLOW_STREAMS];	/* since the sound: others, not to be
					 * followed */
	int64_t else_us, else_end_us;	/* the times of those */
	int64_t lost_us;		/* there it went on; AV_NOPTS_VALUE */
};

void follow_init(struct follow *f, const AVFormatContext *fmt);
void follow_release(struct follow *f);

/* Are packets of this stream wanted too? */
bool follow_watches(const AVStream *sound, const AVStream *other);

/* A packet of the sound, or of whatever else, at a time (AV_NOPTS_VALUE is
 * fine).  Of others it may be kept; 1: the sound goes on in f->next; -1. */
void follow_sound(struct follow *f, int64_t us);
int follow_other(struct follow *f, const AVStream *sound, AVStream *st,
    AVPacket *pkt, int64_t us, struct v2m_err *err);

/* The file has ended.  As follow_other(). */
bool follow_end(struct follow *f);

/* The next of the packets kept of what is the sound now. */
bool follow_next(struct follow *f, AVPacket *pkt);

#endif
