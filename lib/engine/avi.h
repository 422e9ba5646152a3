/* avi.h - chunks of an AVI that its index names and that did not come.
 *
 * Its packets have no stamps but their number: libavformat leaves out a chunk
 * whose head is damaged and counts on as if there had been none.
 */
#ifndef ENGINE_AVI_H
#define ENGINE_AVI_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

struct avi {
	int next;		/* the chunk that follows, of the index */
	int64_t unit;		/* of its times, to one of the stream's; 0: not
				 * known yet */
	int64_t last, length;	/* of the last packet: number, how many are its
				 * own */
	bool senseless;		/* its numbers are, and are not used */
	int misses;		/* packets in a row that no chunk has */
	int64_t missed;		/* how long those are that did not come, in the
				 * stream's unit */
};

/* Put a packet of this stream, of which these are the first ones up to it,
 * behind those that did not come; without a
 * stamp, where these make no sense. */
void avi_place(struct avi *a, AVStream *st, AVPacket *pkt);

#endif
