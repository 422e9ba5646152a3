/* copying.h - copy the packets of a source that is MP3 into an MP3 file:
 * copy.h, connected to libav's demuxer and muxer.
 */
#ifndef ENGINE_COPYING_H
#define ENGINE_COPYING_H

#include <libavcodec/packet.h>

#include "base/err.h"
#include "engine/copy.h"
#include "engine/demux.h"
#include "engine/front.h"
#include "engine/jumps.h"
#include "engine/mux.h"
#include "engine/report.h"
#include "engine/seek.h"
#include "media/wire.h"

struct copying {
	const struct v2m_wire_job *job;		/* borrowed, like demux */
	const struct demux *demux;
	int fd;
	struct copy copy;
	struct front front;
	struct mux mux;
	struct jumps jumps;
	double next_s;		/* end of the last packet, seconds after time 0,
				 * or GAPS_NO_STAMP */
	struct seek seek;	/* kind SEEK_NOT: not used */
	bool leaping;		/* the next packet is the first after a seek */
	bool astray;		/* it is not known where the seek led */
};

/* May the demuxer's track be copied, as far as its codec tells?  If not, *why
 * says why; it is valid until the next call. */
bool copying_possible(const struct demux *demux, const char **why);

/* Write to fd, which is not closed.  job, demux and fd must outlive *c.  given
 * and errors: as copy_open(). */
int copying_open(struct copying *c, const struct v2m_wire_job *job,
    const struct demux *demux, int fd, const struct timeline_verdict *given,
    struct v2m_err *err);
/* Also for one that is zeroed or whose opening failed. */
void copying_close(struct copying *c);

/* As copy_packet(); errors of the muxer too.  damaged: the packet's bytes
 * cannot be relied on. */
int copying_packet(struct copying *c, const AVPacket *pkt, bool damaged,
    struct v2m_err *err);

/* Call it between packets: seek to the wanted part, if that is possible
 * (seek.h).  Returns false if that cannot be decided yet, and must be asked
 * again, or if it was decided before. */
bool copying_leap(struct copying *c, struct demux *d);

/* Is it not known where the seek led?  Then the file must be read again from
 * the start, without a seek. */
bool copying_astray(const struct copying *c);

int copying_finish(struct copying *c, struct report_done *done,
    struct v2m_err *err);

#endif
