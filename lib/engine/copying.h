/* copying.h - packets of a source that is MP3 already into an MP3 file.
 *
 * copy.h between libav's demuxer and muxer.
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
	const struct v2m_wire_job *job;		/* borrowed, as demux */
	const struct demux *demux;
	int fd;
	struct copy copy;
	struct front front;
	struct mux mux;
	struct jumps jumps;
	double next_s;		/* where the packet that came ends */
	struct seek seek;	/* kind SEEK_NOT: none was done */
	bool leaping;		/* what comes next is from elsewhere, */
	bool astray;		/* and it is not known from where */
};

/* May the demuxer's track be taken as it is, as far as can be told before it
 * is looked at?  *why becomes why not. */
bool copying_possible(const struct demux *demux, const char **why);

/* given: as in copy_open(). */
int copying_open(struct copying *c, const struct v2m_wire_job *job,
    const struct demux *demux, int fd, const struct timeline_verdict *given,
    struct v2m_err *err);
/* Also of a zeroed or half-open one. */
void copying_close(struct copying *c);

/* As those of copy.h. */
int copying_packet(struct copying *c, const AVPacket *pkt, bool damaged,
    struct v2m_err *err);

/* Between packets: go on where the wanted part begins, if that can be done
 * (seek.h).  false: it cannot be told yet, or never. */
bool copying_leap(struct copying *c, struct demux *d);

/* It cannot be told what came after that: all has to come once more, and no
 * leap be made. */
bool copying_astray(const struct copying *c);

int copying_finish(struct copying *c, struct report_done *done,
    struct v2m_err *err);

#endif
