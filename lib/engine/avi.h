/* avi.h - gaps where chunks of an AVI are damaged, found by its index.
 *
 * AVI packets have no time stamps; libavformat counts them.  It leaves out a
 * chunk whose header is damaged and does not count it, so all later PTS are too
 * low.
 */
#ifndef ENGINE_AVI_H
#define ENGINE_AVI_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

struct avi {
	int next;		/* index entry of the next chunk */
	int64_t unit;		/* index units per unit of the stream's PTS; 0:
				 * not known yet */
	int64_t last, length;	/* PTS and duration of the last packet */
	bool senseless;		/* PTS make no sense and are dropped */
	int misses;		/* packets in a row found in no chunk */
	int64_t missed;		/* duration of all missing chunks, in the
				 * stream's time_base */
};

/* Correct PTS and DTS of the next packet of st: add the duration of the chunks
 * that are missing before it.  Where PTS make no sense both become
 * AV_NOPTS_VALUE.  Call it for every packet of st, in the order of the file. */
void avi_place(struct avi *a, AVStream *st, AVPacket *pkt);

#endif
