#include "engine/demux.h"

#include <libavutil/mathematics.h>
#include <math.h>
#include <string.h>

#include "engine/decode.h"
#include "engine/demux_link.h"
#include "engine/format.h"
#include "engine/kind.h"
#include "engine/links.h"
#include "engine/mp4.h"

#define ERRORS_MOST 16		/* read errors in a row before giving up */
#define RUN_UP_S 0.1		/* sound that a decoder needs first, to be
				 * right */

/* Note a packet's time.  Returns it in microseconds, or AV_NOPTS_VALUE. */
static int64_t
note_time(struct demux *d, const AVPacket *pkt)
{
	const AVStream *st = d->fmt->streams[pkt->stream_index];
	int64_t pts = pkt->pts != AV_NOPTS_VALUE ? pkt->pts : pkt->dts, us;

	if (pts == AV_NOPTS_VALUE)
		return AV_NOPTS_VALUE;
	us = av_rescale_q(pts, st->time_base, AV_TIME_BASE_Q);
	if (us == INT64_MIN)
		return AV_NOPTS_VALUE;
	if (st == d->sound && d->first_us == AV_NOPTS_VALUE)
		d->first_us = us;
	if (us >= d->origin_us && us - d->origin_us > d->last_us)
		d->last_us = us - d->origin_us;
	return us;
}

struct timeline_facts
demux_facts(const struct demux *d)
{
	struct timeline_facts f = d->claim.facts;

	f.early = d->first_us != AV_NOPTS_VALUE && d->first_us <= d->origin_us;
	return f;
}

double
demux_stamp_s(const struct demux *d, const AVPacket *pkt)
{
	int64_t at = pkt->pts != AV_NOPTS_VALUE ? pkt->pts : pkt->dts;

	if (at == AV_NOPTS_VALUE)
		return GAPS_NO_STAMP;
	return (double)at * av_q2d(d->fmt->streams[pkt->stream_index]->
	    time_base) - (double)d->origin_us / AV_TIME_BASE;
}

static int
pmt_version(const struct demux *d)
{
	const AVProgram *p = av_find_program_from_stream(d->fmt, NULL,
	    d->sound->index);

	return p == NULL ? -1 : p->pmt_version;
}

static bool
is_ogg(const struct demux *d)
{
	return format_is(d->fmt, "ogg");
}

/* Each link of a chained Ogg begins with header packets.  libavformat returns
 * those of later links if the link has the serial number of the first one. */
static bool
is_header(const struct demux *d, const AVPacket *pkt)
{
	const uint8_t *p = pkt->data;

	if (!is_ogg(d) || pkt->size < 8)
		return false;
	switch (d->sound->codecpar->codec_id) {
	case AV_CODEC_ID_OPUS:
		return memcmp(p, "OpusHead", 8) == 0 ||
		    memcmp(p, "OpusTags", 8) == 0;
	case AV_CODEC_ID_VORBIS:
		return p[0] & 1 && memcmp(p + 1, "vorbis", 6) == 0;
	case AV_CODEC_ID_FLAC:
		return p[0] != 0xff;	/* a frame's sync code */
	default:
		return false;
	}
}

/* Does a link begin with this packet, or has the PMT changed? */
static enum gaps_mark
find_mark(struct demux *d)
{
	int version = pmt_version(d);
	bool changed = version != d->pmt_version && d->pmt_version >= 0;
	bool linked = d->linked;

	d->pmt_version = version;
	d->linked = false;
	return linked ? GAPS_LINK : changed ? GAPS_MARKED : GAPS_UNMARKED;
}

/* In FLAC libavformat knows the time only from the second page of a link on; it
 * lets the packets of the first page begin at 0. */
static bool
is_second_page(struct demux *d, const AVPacket *pkt)
{
	if (d->sound->codecpar->codec_id != AV_CODEC_ID_FLAC || !is_ogg(d))
		return false;
	if (d->mark == GAPS_LINK || d->first_page == 0)
		d->first_page = pkt->pos;
	if (d->first_page < 0 || d->first_page == pkt->pos)
		return false;
	d->first_page = -1;
	return true;
}

/* Note what begins with a packet of the sound.  Returns 1. */
static int
mark_packet(struct demux *d, const AVPacket *pkt)
{
	if (is_ogg(d) && links_other_stream(&d->links, pkt->pos, input_look,
	    d->input))
		d->linked = true;
	d->header = is_header(d, pkt);
	if (d->header)
		d->linked = true;
	else
		d->mark = find_mark(d);
	if (!d->header && is_second_page(d, pkt))
		d->mark = GAPS_LINK;
	return 1;
}

/* The sound continues in another stream. */
static void
move_to_stream(struct demux *d)
{
	d->sound = d->follow.next;
	d->codec = avcodec_find_decoder(d->sound->codecpar->codec_id);
	d->moved = true;
}

/* The edit list goes back: seek to before the media time `to`, as decoders need
 * some sound first. */
static void
go_back(struct demux *d, int64_t to)
{
	av_seek_frame(d->fmt, d->sound->index, to -
	    (int64_t)(RUN_UP_S / d->edits.unit_s), AVSEEK_FLAG_BACKWARD);
}

/* Set a packet's PTS, and what is to be left out of it, by the edit list. */
static int
place_edited(struct demux *d, AVPacket *pkt, struct v2m_err *err)
{
	struct edits_place p = edits_place(&d->edits, pkt->pts,
	    pkt->duration);
	double samples = d->edits.unit_s * d->sound->codecpar->sample_rate;
	uint8_t *cut;

	if (p.back)
		go_back(d, p.back_to);
	if (p.none || pkt->pts == AV_NOPTS_VALUE) {
		pkt->flags |= AV_PKT_FLAG_DISCARD;
		return 0;
	}
	pkt->pts = pkt->dts = llrint(p.start_s / d->edits.unit_s);
	if (p.front == 0 && p.behind == 0)
		return 0;
	cut = av_packet_new_side_data(pkt, AV_PKT_DATA_SKIP_SAMPLES,
	    DECODE_CUT_SIZE);
	if (cut == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	decode_cut(cut, llrint((double)p.front * samples),
	    llrint((double)p.behind * samples));
	return 0;
}

/* In fragments, libavformat discards a packet whose DTS is not above that of
 * the packet before.  Muxers that do not know a sample's duration yet (ffmpeg
 * with frag_every_frame) write such packets, and their sound is wanted.  A
 * packet before the fragments may be discarded by an edit list, which is
 * right. */
static bool
wrongly_discarded(struct demux *d, const AVPacket *pkt)
{
	if (!(pkt->flags & AV_PKT_FLAG_DISCARD) || !format_is(d->fmt, "mov"))
		return false;
	if (d->edits.n == 0 || d->edits.ours)
		return true;
	if (d->fragments == 0)
		d->fragments = mp4_fragments(avio_size(d->fmt->pb), input_look,
		    d->input);
	return pkt->pos >= d->fragments;
}

/* Deal with a packet that was read.  1: it is of the sound; 0; -1. */
static int
sort(struct demux *d, AVPacket *pkt, struct v2m_err *err)
{
	bool ours = pkt->stream_index == d->sound->index;
	int64_t dts = pkt->dts, us;	/* before the edit list */
	int ret;

	if (ours && wrongly_discarded(d, pkt))
		pkt->flags &= ~AV_PKT_FLAG_DISCARD;
	if (ours && d->edits.ours && place_edited(d, pkt, err) < 0)
		return -1;
	if (ours && format_is(d->fmt, "avi"))
		avi_place(&d->avi, d->sound, pkt);
	us = note_time(d, pkt);
	if (ours) {
		if (format_is(d->fmt, "mov"))
			ahead_tell(&d->ahead, d->input, d->sound, dts);
		follow_sound(&d->follow, us);
		return mark_packet(d, pkt);
	}
	ret = follow_other(&d->follow, d->sound,
	    d->fmt->streams[pkt->stream_index], pkt, us, err);
	av_packet_unref(pkt);
	if (ret > 0)
		move_to_stream(d);
	return ret < 0 ? -1 : 0;
}

/* Return a packet that was read before. */
static bool
next_kept(struct demux *d, AVPacket *pkt)
{
	if (d->early != NULL && d->early->data != NULL)
		av_packet_move_ref(pkt, d->early);
	else if (!follow_next(&d->follow, pkt))
		return false;
	follow_sound(&d->follow, note_time(d, pkt));
	mark_packet(d, pkt);
	return true;
}

/* Does this read error only mean the end?  In DSS, padding follows the last
 * packet. */
static bool
is_over(const struct demux *d)
{
	return format_is(d->fmt, "dss") ||
	    (format_is(d->fmt, "gxf") && avio_feof(d->fmt->pb));
}

/* A read error: open the next link of a chained Ogg, or count damage. */
static int
next_link(struct demux *d, struct v2m_err *err)
{
	int64_t base = input_base(d->input), at;

	if (is_over(d))
		return 0;
	at = !is_ogg(d) ? -1 :
	    links_before(avio_tell(d->fmt->pb), input_look, d->input);
	if (at <= 0) {
		d->damaged++;
		return 0;
	}
	return demux_open_link(d, base + at, err);
}

enum read { READ_END, READ_PACKET, READ_NOTHING, READ_DAMAGE };

/* Read one packet of any track.  Returns an enum read, or -1. */
static int
read_packet(struct demux *d, AVPacket *pkt, struct v2m_err *err)
{
	int e = av_read_frame(d->fmt, pkt);

	if (e >= 0) {
		d->errors = 0;
		return READ_PACKET;
	}
	if (input_failed(d->input, err))
		return -1;
	if (e == AVERROR_EOF || ++d->errors > ERRORS_MOST)
		return READ_END;
	if (e == AVERROR(ENOMEM))
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	return e == AVERROR(EAGAIN) ? READ_NOTHING : READ_DAMAGE;
}

int
demux_read(struct demux *d, AVPacket *pkt, struct v2m_err *err)
{
	int got;

	if (d->early != NULL && d->early->data != NULL) {
		av_packet_move_ref(pkt, d->early);
		return 1;
	}
	do
		got = read_packet(d, pkt, err);
	while (got == READ_NOTHING || got == READ_DAMAGE);
	return got;
}

/* Read once: 1 with a packet of the sound; 0: go on; -1. */
static int
read_sound(struct demux *d, AVPacket *pkt, struct v2m_err *err)
{
	switch (read_packet(d, pkt, err)) {
	case READ_PACKET:
		return sort(d, pkt, err);
	case READ_NOTHING:
		return 0;
	case READ_DAMAGE:
		return next_link(d, err);
	case READ_END:
		if (follow_end(&d->follow)) {
			move_to_stream(d);
			return 0;
		}
		d->ended = true;
		return 0;
	default:
		return -1;
	}
}

int
demux_next(struct demux *d, AVPacket *pkt, struct v2m_err *err)
{
	int got = 0;

	while (got == 0 && !d->lost && !d->ended)
		got = next_kept(d, pkt) ? 1 : read_sound(d, pkt, err);
	if (got > 0 && kind_packet_encrypted(pkt))
		return kind_refuse_encrypted(err);
	return got;
}
