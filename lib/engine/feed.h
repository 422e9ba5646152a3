/* feed.h - split a demuxer's packets into packets of one frame each, where that
 * is needed: for decoders that take one frame at a time, and for damaged
 * packets, whose whole frames are still good.
 */
#ifndef ENGINE_FEED_H
#define ENGINE_FEED_H

#include <libavcodec/avcodec.h>
#include <stdbool.h>

#include "base/err.h"
#include "engine/frames.h"

enum feed_state {
	FEED_GOOD,
	FEED_DOUBTFUL,		/* a whole frame of a damaged packet */
	FEED_LOST,		/* an incomplete frame */
	FEED_SHORT,		/* the start of a frame, too short to count as
				 * time: where cut files were joined */
	FEED_MOVED,		/* packet NULL: the codec is now feed.codec */
};

/* Gets each packet, borrowed.  Any return value but 0 ends the work and is
 * passed on. */
typedef int feed_sink(void *arg, AVPacket *pkt, enum feed_state state,
    struct v2m_err *err);

struct feed {
	enum AVCodecID codec;
	enum frames_kind kind;
	feed_sink *sink;
	void *arg;
	AVPacket *damaged;	/* damaged bytes that wait for what follows */
	bool unsure;		/* no PTS of the file has come since damage */
	bool behind;		/* the last packet in `damaged` looks good */
	bool moves;		/* set by the caller: the codec may change
				 * (TS) */
	bool joins;		/* set by the caller: tags may be between
				 * frames */
	bool raw;		/* set by the caller: a raw stream of frames */
	int block;		/* set by the caller: bytes per frame, if all
				 * are equal and independent; 0 */
	size_t tag_left;	/* bytes of a tag still to come */
	bool shifted;		/* PTS also count what was not sound: drop
				 * them */
	bool torn;		/* after a change of codec: packets are not
				 * frames */
	int row;		/* consecutive packets of whole frames, up to
				 * ROW */
	double usual;		/* their mean size in bytes */
	AVPacket *last;		/* waits to see what follows it (raw) */
	AVPacket *piece;
};

int feed_open(struct feed *f, enum AVCodecID codec, feed_sink *sink, void *arg,
    struct v2m_err *err);
void feed_close(struct feed *f);

/* The next packets are of another codec, and none of the earlier ones waits. */
void feed_move(struct feed *f, enum AVCodecID codec);

/* Take a packet, whose content may be changed or moved; NULL: the end.  0, what
 * the sink returned, or -1 with V2M_TEMP. */
int feed_packet(struct feed *f, AVPacket *pkt, struct v2m_err *err);

#endif
