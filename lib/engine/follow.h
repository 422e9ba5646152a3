/* follow.h - follow a sound that continues in another stream.
 *
 * A TS may change the PID of its sound.  If no packet of the sound has come for
 * a second, and another stream with the same language and disposition begins
 * that had no packets before, that stream is the sound now, also if its PTS
 * start again (joined files).  A stream that has packets at the same time as
 * the sound is never followed.  If all that came for a second is of other
 * languages or dispositions, the sound is lost.
 */
#ifndef ENGINE_FOLLOW_H
#define ENGINE_FOLLOW_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define FOLLOW_STREAMS 128
#define FOLLOW_PACKETS 256	/* packets kept, at most */

struct follow {
	bool on;			/* for this container (MPEG-TS,
					 * MPEG-PS) */
	bool parallel[FOLLOW_STREAMS];	/* has packets at the same time */
	int64_t last_us;		/* last PTS of the sound */
	AVStream *next;			/* stream that may be the sound */
	int64_t next_us, kept_us;	/* its first PTS; the last of those
					 * kept */
	AVPacket *kept[FOLLOW_PACKETS];	/* packets of `next` */
	unsigned n, at;			/* how many are kept; how many given
					 * back */
	bool given;			/* `next` is the sound: give them
					 * back */
	bool elsewhere[FOLLOW_STREAMS];	/* streams with packets since the
					 * sound's last one that may not be
					 * followed */
	int64_t else_us, else_end_us;	/* first and last PTS of those */
	int64_t lost_us;		/* the sound was lost here; or
					 * AV_NOPTS_VALUE */
};

void follow_init(struct follow *f, const AVFormatContext *fmt);
void follow_release(struct follow *f);

/* Must packets of stream `other` be read? */
bool follow_watches(const AVStream *sound, const AVStream *other);

/* Note a packet of the sound, or of another stream st, with its PTS in
 * microseconds (or AV_NOPTS_VALUE).  A packet of another stream may be taken
 * over.  1: the sound continues in f->next, with packets from follow_next(); 0;
 * -1: V2M_TEMP. */
void follow_sound(struct follow *f, int64_t us);
int follow_other(struct follow *f, const AVStream *sound, AVStream *st,
    AVPacket *pkt, int64_t us, struct v2m_err *err);

/* At the end of the file.  true: the sound continues in f->next. */
bool follow_end(struct follow *f);

/* Return the next kept packet of the stream that is the sound now.  false:
 * there are no more. */
bool follow_next(struct follow *f, AVPacket *pkt);

#endif
