/* feed.h - packets of a demuxer taken apart into those of one frame each, where
 * that is needed: several frames in a packet that the decoder takes one by one,
 * and damaged packets, of which the whole frames are good.
 */
#ifndef ENGINE_FEED_H
#define ENGINE_FEED_H

#include <libavcodec/avcodec.h>
#include <stdbool.h>

#include "base/err.h"
#include "engine/frames.h"

enum feed_state {
	FEED_GOOD,
	FEED_DOUBTFUL,		/* out of a damaged packet, but whole */
	FEED_LOST,		/* a frame of which not all is there */
	FEED_SHORT,		/* so little of one that it takes no time, as
				 * where files cut short are joined */
	FEED_MOVED,		/* no packet: those that follow are of another
				 * codec, that of the feed */
};

/* Gets each packet, borrowed.  Not 0 ends it. */
typedef int feed_sink(void *arg, AVPacket *pkt, enum feed_state state,
    struct v2m_err *err);

struct feed {
	enum AVCodecID codec;
	enum frames_kind kind;
	feed_sink *sink;
	void *arg;
	AVPacket *damaged;	/* whose bytes wait for those that follow, */
	bool unsure;		/* no stamp of the file since damage */
	bool behind;		/* and that of one that should be good */
	bool moves;		/* such a container: the caller's to say */
	bool joins;		/* tags may be among the frames: likewise */
	bool raw;		/* the file has nothing but frames: likewise */
	int block;		/* bytes of a frame, where all are alike and
				 * none depends on another; 0: likewise */
	size_t tag_left;	/* of one, in packets to come */
	bool shifted;		/* stamps count what was not sound */
	bool torn;		/* packets are not frames, since it moved */
	int row;		/* packets of frames, up to what is sure */
	double usual;		/* bytes of such a one */
	AVPacket *last;		/* which waits for what it leads to */
	AVPacket *piece;
};

int feed_open(struct feed *f, enum AVCodecID codec, feed_sink *sink, void *arg,
    struct v2m_err *err);
void feed_close(struct feed *f);

/* The packets that follow are of another codec; of those before none is
 * left. */
void feed_move(struct feed *f, enum AVCodecID codec);

/* A packet; NULL: no more will come.  0, or what the sink returned; -1. */
int feed_packet(struct feed *f, AVPacket *pkt, struct v2m_err *err);

#endif
