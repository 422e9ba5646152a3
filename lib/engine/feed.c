#include "engine/feed.h"

#include <math.h>
#include <string.h>

#include "engine/strays.h"

#define DAMAGED_BYTES (256 * 1024)	/* bytes that wait, at most */
#define ROW 4			/* consecutive packets, not by chance */
#define MEAN 8			/* the mean's weight, in packets */
#define SMALL 64		/* bytes of a lost frame, at least */

static enum frames_kind
framing_of(enum AVCodecID id)
{
	switch (id) {
	case AV_CODEC_ID_AMR_NB:
		return FRAMES_AMR_NB;
	case AV_CODEC_ID_AMR_WB:
		return FRAMES_AMR_WB;
	case AV_CODEC_ID_QCELP:
		return FRAMES_QCELP;
	case AV_CODEC_ID_EVRC:
		return FRAMES_EVRC;
	case AV_CODEC_ID_MP1:
	case AV_CODEC_ID_MP2:
	case AV_CODEC_ID_MP3:
		return FRAMES_MPEG;
	case AV_CODEC_ID_AAC:
		return FRAMES_ADTS;
	case AV_CODEC_ID_AAC_LATM:
		return FRAMES_LATM;
	case AV_CODEC_ID_AC3:
	case AV_CODEC_ID_EAC3:
		return FRAMES_AC3;
	default:
		return FRAMES_UNKNOWN;
	}
}

void
feed_move(struct feed *f, enum AVCodecID codec)
{
	f->codec = codec;
	f->kind = framing_of(codec);
	f->block = 0;
	f->torn = false;
	f->row = 0;
}

int
feed_open(struct feed *f, enum AVCodecID codec, feed_sink *sink, void *arg,
    struct v2m_err *err)
{
	memset(f, 0, sizeof *f);
	feed_move(f, codec);
	f->sink = sink;
	f->arg = arg;
	f->damaged = av_packet_alloc();
	f->piece = av_packet_alloc();
	f->last = av_packet_alloc();
	if (f->damaged == NULL || f->piece == NULL || f->last == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	return 0;
}

void
feed_close(struct feed *f)
{
	av_packet_free(&f->damaged);
	av_packet_free(&f->piece);
	av_packet_free(&f->last);
}

/* Give part of a packet as a packet; only the first part has its PTS. */
static int
give_piece(struct feed *f, const AVPacket *from, const uint8_t *bytes,
    size_t n, enum feed_state state, struct v2m_err *err)
{
	AVPacket *p = f->piece;
	int ret;

	if (av_new_packet(p, (int)n) < 0)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	memcpy(p->data, bytes, n);
	p->stream_index = from->stream_index;
	p->flags = from->flags;
	p->pts = p->dts = AV_NOPTS_VALUE;
	if (bytes == from->data && av_packet_copy_props(p, from) < 0) {
		av_packet_unref(p);
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	}
	p->duration = 0;	/* it was the whole packet's */
	ret = f->sink(f->arg, p, state, err);
	av_packet_unref(p);
	return ret;
}

/* Split by f->block?  Not if an edit list leaves out samples, which counts for
 * the whole packet. */
static bool
has_blocks(const struct feed *f, const AVPacket *pkt)
{
	return f->block > 0 && pkt->size > f->block &&
	    av_packet_get_side_data(pkt, AV_PKT_DATA_SKIP_SAMPLES, NULL) ==
	    NULL;
}

static size_t
length_at(const struct feed *f, const AVPacket *pkt, size_t at)
{
	size_t left = (size_t)pkt->size - at;

	if (f->block == 0)
		return frames_length(f->kind, pkt->data + at, left);
	return left < (size_t)f->block ? left : (size_t)f->block;
}

/* Give each frame of a packet. */
static int
give_split(struct feed *f, AVPacket *pkt, enum feed_state state,
    struct v2m_err *err)
{
	size_t n = (size_t)pkt->size, at = 0, m;
	int ret = 0;

	if (!has_blocks(f, pkt) && frames_first(f->kind, pkt->data, n) == n)
		return f->sink(f->arg, pkt, state, err);
	for (; ret == 0 && at < n; at += m) {
		m = length_at(f, pkt, at);
		ret = give_piece(f, pkt, pkt->data + at, m, state, err);
	}
	return ret;
}

static bool
is_zero(const struct frames_piece *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->bytes[i] != 0)
			return false;
	return true;
}

/* How many frames were lost in these bytes?  ends: nothing follows.  In a raw
 * stream it may be several, or none: what was inserted between frames, such as
 * padding, replaced no sound. */
static size_t
count_lost(const struct feed *f, const struct frames_piece *p, bool ends)
{
	if (!f->raw || f->usual <= 0)
		return 1;
	if (is_zero(p))
		return 0;
	return ends ? 1 : (size_t)lround((double)p->n / fmax(f->usual, SMALL));
}

/* Is it the start of a frame that is longer? */
static bool
is_short(const struct feed *f, const struct frames_piece *p)
{
	return frames_length(f->kind, p->bytes, p->n) > p->n;
}

static int
give_lost(struct feed *f, const struct frames_piece *p, bool ends,
    struct v2m_err *err)
{
	size_t many = count_lost(f, p, ends), at = 0, n;
	int ret = 0;

	if (many == 0 && is_short(f, p))
		return give_piece(f, f->damaged, p->bytes, p->n, FEED_SHORT,
		    err);
	for (size_t i = 1; ret == 0 && i <= many; i++, at += n) {
		n = (size_t)((uint64_t)p->n * i / many) - at;
		ret = give_piece(f, f->damaged, p->bytes + at, n, FEED_LOST,
		    err);
	}
	return ret;
}

/* In a raw stream no packet is marked as damaged: a frame is doubtful only if
 * no other follows it. */
static int
give_whole(struct feed *f, const struct frames_piece *p, struct v2m_err *err)
{
	return give_piece(f, f->damaged, p->bytes, p->n,
	    f->raw && !p->believed ? FEED_GOOD : FEED_DOUBTFUL, err);
}

/* Give the frames in the damaged bytes; next: the packet after them. */
static int
give_damaged(struct feed *f, const AVPacket *next, struct v2m_err *err)
{
	struct frames all = {
		.kind = f->kind, .bytes = f->damaged->data,
		.n = (size_t)f->damaged->size,
		.believes = f->raw, .led = f->raw,
	};
	struct frames_piece p;
	int ret = 0;

	if (f->damaged->size == 0)
		return 0;
	all.leads_on = next == NULL ||
	    frames_length(f->kind, next->data, (size_t)next->size) > 0;
	while (ret == 0 && frames_next(&all, &p))
		ret = p.lost ? give_lost(f, &p, next == NULL &&
		    all.at == all.n, err) : give_whole(f, &p, err);
	av_packet_unref(f->damaged);
	f->unsure = true;
	return ret;
}

/* After damage libavformat computes PTS from packets that were incomplete: drop
 * them up to one from a PES header, whose packet has a file offset. */
static void
heed_stamp(struct feed *f, AVPacket *pkt)
{
	f->unsure = f->unsure && pkt->pos < 0;
	if (f->unsure)
		pkt->pts = pkt->dts = AV_NOPTS_VALUE;
}

static int
keep_damaged(struct feed *f, AVPacket *pkt, struct v2m_err *err)
{
	int at = f->damaged->size;

	if (at == 0) {
		av_packet_move_ref(f->damaged, pkt);
		return 0;
	}
	if (av_grow_packet(f->damaged, pkt->size) < 0)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	memcpy(f->damaged->data + at, pkt->data, (size_t)pkt->size);
	return 0;
}

/* In PCM all bytes are good; without sync words to find frames by, a damaged
 * packet is doubtful as a whole. */
static enum feed_state
state_of(const struct feed *f, const AVPacket *pkt)
{
	return pkt->flags & AV_PKT_FLAG_CORRUPT &&
	    av_get_bits_per_sample(f->codec) == 0 ? FEED_DOUBTFUL : FEED_GOOD;
}

/* Has the packet nothing but whole frames, by their headers? */
static bool
is_frames(const struct feed *f, const AVPacket *pkt)
{
	size_t n = (size_t)pkt->size, at = 0, m;

	do {
		m = frames_length(f->kind, pkt->data + at, n - at);
		at += m;
	} while (m > 0 && at < n);
	return at == n;
}

/* Is the packet damaged?  So is the first one after damage: if the last frame
 * was incomplete, a parser filled it up from the next one. */
static bool
is_damaged(struct feed *f, const AVPacket *pkt)
{
	bool waits = f->damaged->size > 0, behind = f->behind;

	if (!frames_have_sync(f->kind) || f->damaged->size >= DAMAGED_BYTES)
		return false;
	f->behind = false;
	if (pkt->flags & AV_PKT_FLAG_CORRUPT)
		return true;
	f->behind = waits && is_frames(f, pkt);
	return waits && !(behind && f->behind);
}

static enum AVCodecID
codec_of(enum frames_kind kind, const uint8_t *frame)
{
	static const enum AVCodecID layers[4] = {
		AV_CODEC_ID_NONE, AV_CODEC_ID_MP3, AV_CODEC_ID_MP2,
		AV_CODEC_ID_MP1
	};

	switch (kind) {
	case FRAMES_MPEG:
		return layers[frame[1] >> 1 & 3];
	case FRAMES_ADTS:
		return AV_CODEC_ID_AAC;
	case FRAMES_LATM:
		return AV_CODEC_ID_AAC_LATM;
	default:
		return frame[5] >> 3 > 10 ? AV_CODEC_ID_EAC3 :
		    AV_CODEC_ID_AC3;
	}
}

/* Give all frames; the last one may continue in the next packet. */
static int
give_torn(struct feed *f, AVPacket *pkt, struct v2m_err *err)
{
	struct frames all;
	struct frames_piece p;
	size_t used = 0;
	int ret = keep_damaged(f, pkt, err);

	all = (struct frames){
		.kind = f->kind, .bytes = f->damaged->data,
		.n = (size_t)f->damaged->size, .leads_on = true,
	};
	while (ret == 0 && frames_next(&all, &p) &&
	    (!p.lost || all.at < all.n)) {
		used = all.at;
		ret = give_piece(f, f->damaged, p.bytes, p.n,
		    p.lost ? FEED_LOST : FEED_GOOD, err);
	}
	if (all.n - used > DAMAGED_BYTES)
		used = all.n;
	memmove(f->damaged->data, f->damaged->data + used, all.n - used);
	av_shrink_packet(f->damaged, (int)(all.n - used));
	return ret;
}

/* A TS changed its codec but not the PID, which libavformat does not notice:
 * from `at` on the packet has frames of another kind. */
static int
move(struct feed *f, AVPacket *pkt, enum frames_kind kind, size_t at,
    struct v2m_err *err)
{
	enum AVCodecID codec = codec_of(kind, pkt->data + at);
	int ret = 0;

	if (at > 0)
		ret = give_piece(f, pkt, pkt->data, at, FEED_GOOD, err);
	if (ret != 0)
		return ret;
	feed_move(f, codec);
	f->torn = true;
	ret = f->sink(f->arg, NULL, FEED_MOVED, err);
	if (ret != 0)
		return ret;
	if (av_packet_make_writable(pkt) < 0)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	memmove(pkt->data, pkt->data + at, (size_t)pkt->size - at);
	av_shrink_packet(pkt, pkt->size - (int)at);
	pkt->pts = pkt->dts = AV_NOPTS_VALUE;
	return give_torn(f, pkt, err);
}

/* In a raw stream a parser also takes damaged bytes for frames, and may make
 * one of many.  So each packet waits until the next one is known. */
static int
take_raw(struct feed *f, AVPacket *pkt, struct v2m_err *err)
{
	bool frames = is_frames(f, pkt);
	int ret = 0;

	if (f->last->size > 0 && frames)
		ret = f->sink(f->arg, f->last, FEED_GOOD, err);
	else if (f->last->size > 0)
		ret = keep_damaged(f, f->last, err);
	av_packet_unref(f->last);
	if (ret != 0)
		return ret;
	if (frames) {
		f->usual += (pkt->size - f->usual) / MEAN;
		av_packet_move_ref(f->last, pkt);
		return 0;
	}
	f->shifted = true;
	return keep_damaged(f, pkt, err);
}

/* Is the packet of a raw stream whose frames can be parsed?  After ROW such
 * packets that is sure. */
static bool
is_raw(struct feed *f, const AVPacket *pkt)
{
	if (!f->raw || f->row == ROW)
		return f->raw;
	f->row = is_frames(f, pkt) ? f->row + 1 : 0;
	f->usual = pkt->size;
	return false;
}

/* How many bytes at the packet's start are not of a frame? */
static size_t
strays(struct feed *f, const uint8_t *bytes, size_t n)
{
	size_t at = 0, m;

	while (at < n) {
		if (f->tag_left == 0)
			f->tag_left = strays_tag(bytes + at, n - at);
		if (f->tag_left == 0)
			break;
		m = f->tag_left < n - at ? f->tag_left : n - at;
		f->tag_left -= m;
		at += m;
	}
	if (!strays_xing(bytes + at, n - at))
		return at;
	/* libavformat counts it as sound. */
	f->shifted = true;
	return n;
}

/* Remove tags and Xing frames, where files were joined.  May leave an empty
 * packet. */
static int
drop_strays(struct feed *f, AVPacket *pkt, struct v2m_err *err)
{
	size_t n = strays(f, pkt->data, (size_t)pkt->size);

	if (n == 0)
		return 0;
	if (av_packet_make_writable(pkt) < 0)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	memmove(pkt->data, pkt->data + n, (size_t)pkt->size - n);
	av_shrink_packet(pkt, pkt->size - (int)n);
	return 0;
}

int
feed_packet(struct feed *f, AVPacket *pkt, struct v2m_err *err)
{
	enum frames_kind other;
	size_t at;
	int ret;

	if (pkt != NULL && f->joins && pkt->size > 0) {
		if (drop_strays(f, pkt, err) < 0)
			return -1;
		if (pkt->size == 0)
			return 0;
	}
	if (pkt != NULL && f->shifted)
		pkt->pts = pkt->dts = AV_NOPTS_VALUE;
	if (pkt != NULL && f->torn)
		return give_torn(f, pkt, err);
	if (pkt != NULL && pkt->size > 0 && is_damaged(f, pkt))
		return keep_damaged(f, pkt, err);
	ret = give_damaged(f, pkt, err);
	if (ret == 0 && pkt == NULL && f->last->size > 0)
		ret = f->sink(f->arg, f->last, FEED_GOOD, err);
	if (ret != 0 || pkt == NULL)
		return ret;
	if (is_raw(f, pkt))
		return take_raw(f, pkt, err);
	heed_stamp(f, pkt);
	other = f->moves ? frames_other(f->kind, pkt->data,
	    (size_t)pkt->size, &at) : FRAMES_UNKNOWN;
	if (other != FRAMES_UNKNOWN)
		return move(f, pkt, other, at, err);
	return give_split(f, pkt, state_of(f, pkt), err);
}
