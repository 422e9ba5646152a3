#include "engine/demux.h"

#include <libavutil/avutil.h>
#include <libavutil/dict.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <string.h>

#include "engine/codecs.h"
#include "engine/kind.h"
#include "engine/raw.h"
#include "engine/tracks.h"

#define ERRORS_MOST 16		/* in a row, before giving up */

/* Bounds on what a file can make libavformat do.  Their names and meanings:
 * ffmpeg-formats(1). */
static const struct {
	const char *name, *value;
} bounds[] = {
	{ "protocol_whitelist", "none" },
	{ "max_streams", "100" },
	{ "probesize", "5000000" },
	{ "formatprobesize", "1048576" },
	{ "max_probe_packets", "2500" },
	{ "skip_estimate_duration_from_pts", "1" },
};

static int
refuse_open(AVFormatContext *fmt, AVIOContext **io, const char *url,
    int flags, AVDictionary **options)
{
	(void)fmt;
	(void)io;
	(void)url;
	(void)flags;
	(void)options;
	return AVERROR(EPERM);
}

static int
not_media(const struct demux *d, int e, struct v2m_err *err)
{
	if (input_failed(d->input, err))
		return -1;
	/* Also what comes of more tracks than we want to see. */
	if (e == AVERROR(ENOMEM))
		return v2m_err_set(err, V2M_FAILED,
		    "a media file that wants too much memory");
	return v2m_err_set(err, V2M_DATA, "not a media file that can be read");
}

/* Looked at through libavformat's own window, and put back. */
static int
look_at_shape(const struct demux *d, struct shape *shape, struct v2m_err *err)
{
	AVIOContext *io = input_io(d->input);
	uint8_t *head = av_malloc(SHAPE_HEAD);
	int n;

	if (head == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	n = avio_read(io, head, SHAPE_HEAD);
	shape_read(shape, head, n > 0 ? (size_t)n : 0);
	av_free(head);
	if (avio_seek(io, 0, SEEK_SET) < 0 || input_failed(d->input, err))
		return not_media(d, 0, err);
	return 0;
}

/* As the format, or NULL: as what it looks like.  A libavutil error; takes
 * options. */
static int
open_as(struct demux *d, const AVInputFormat *format, AVDictionary *options)
{
	int e;

	d->fmt = avformat_alloc_context();
	if (d->fmt == NULL) {
		av_dict_free(&options);
		return AVERROR(ENOMEM);
	}
	d->fmt->pb = input_io(d->input);
	d->fmt->io_open = refuse_open;
	av_dict_set(&options, "format_whitelist", codecs_containers(), 0);
	av_dict_set(&options, "codec_whitelist", codecs_decoders(), 0);
	for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
		av_dict_set(&options, bounds[i].name, bounds[i].value, 0);
	e = avformat_open_input(&d->fmt, "", format, &options);
	av_dict_free(&options);
	return e;
}

/* What looks like nothing is what its name says. */
static int
open_by_name(struct demux *d)
{
	AVDictionary *options = NULL;
	const AVInputFormat *format = raw_format(d->hint, &options);

	if (format == NULL || avio_seek(input_io(d->input), 0, SEEK_SET) < 0) {
		av_dict_free(&options);
		return AVERROR_INVALIDDATA;
	}
	return open_as(d, format, options);
}

static int
open_container(struct demux *d, struct v2m_err *err)
{
	struct shape shape;
	int e;

	if (look_at_shape(d, &shape, err) < 0)
		return -1;
	e = open_as(d, NULL, NULL);
	if (e == AVERROR_INVALIDDATA && !input_failed(d->input, err))
		e = open_by_name(d);
	if (e == AVERROR_INVALIDDATA && shape.mp4 &&
	    !input_failed(d->input, err))
		return v2m_err_set(err, V2M_DATA, "an MP4 without an index "
		    "(moov): it is cut off, or its recording was not ended");
	if (e < 0)
		return not_media(d, e, err);
	claim_note(&d->claim, d->fmt, &shape, avio_size(d->fmt->pb));
	/* An error here is no reason to give up: what is missing comes with
	 * the packets. */
	e = avformat_find_stream_info(d->fmt, NULL);
	if (e == AVERROR(ENOMEM) || input_failed(d->input, err))
		return not_media(d, e, err);
	return 0;
}

int
demux_no_sound(const struct demux *d, struct v2m_err *err)
{
	char name[KIND_SIZE];

	for (unsigned i = 0; i < d->fmt->nb_streams; i++) {
		const AVStream *st = d->fmt->streams[i];

		if (st->codecpar->codec_type != AVMEDIA_TYPE_AUDIO &&
		    !kind_unknown_sound(st))
			continue;
		if (kind_encrypted(d->fmt, st))
			return kind_refuse_encrypted(err);
		return v2m_err_set(err, V2M_DATA, "there is no decoder for "
		    "its sound (%s)", kind_name(name, st));
	}
	return v2m_err_set(err, V2M_DATA, "no audio stream");
}

/* Some containers name their tracks only as these come by, and sound may
 * come late: read on until there is some. */
static int
find_usual(struct demux *d, struct v2m_err *err)
{
	d->sound = tracks_usual(d->fmt);
	if (d->sound != NULL || !(d->fmt->ctx_flags & AVFMTCTX_NOHEADER))
		return 0;
	d->early = av_packet_alloc();
	if (d->early == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	for (unsigned seen = d->fmt->nb_streams; d->sound == NULL;) {
		int e = av_read_frame(d->fmt, d->early);

		if (e < 0 && e != AVERROR(EAGAIN))
			break;
		if (d->fmt->nb_streams > seen) {
			d->sound = tracks_usual(d->fmt);
			seen = d->fmt->nb_streams;
		}
		if (e >= 0 && (d->sound == NULL ||
		    d->early->stream_index != d->sound->index))
			av_packet_unref(d->early);
	}
	return input_failed(d->input, err) ? -1 : 0;
}

static int
settle_sound(struct demux *d, struct v2m_err *err)
{
	if (d->wanted != NULL && tracks_wanted(d->fmt, d->wanted, &d->sound,
	    &d->other, err) < 0)
		return -1;
	d->mix = d->wanted != NULL && d->wanted->mix;
	if (d->sound == NULL)
		return demux_no_sound(d, err);
	if (kind_encrypted(d->fmt, d->sound))
		return kind_refuse_encrypted(err);
	if (d->early != NULL && d->early->stream_index != d->sound->index)
		av_packet_unref(d->early);
	d->codec = avcodec_find_decoder(d->sound->codecpar->codec_id);
	return 0;
}

/* Time 0: the earliest start among sound and pictures that move. */
static void
find_origin(struct demux *d)
{
	int64_t earliest = INT64_MAX;

	for (unsigned i = 0; i < d->fmt->nb_streams; i++) {
		const AVStream *st = d->fmt->streams[i];
		enum AVMediaType type = st->codecpar->codec_type;
		int64_t us;

		if ((type != AVMEDIA_TYPE_AUDIO &&
		    type != AVMEDIA_TYPE_VIDEO) ||
		    st->disposition & AV_DISPOSITION_ATTACHED_PIC ||
		    st->start_time == AV_NOPTS_VALUE)
			continue;
		us = av_rescale_q(st->start_time, st->time_base,
		    AV_TIME_BASE_Q);
		if (us != INT64_MIN && us < earliest)
			earliest = us;
	}
	d->origin_us = earliest == INT64_MAX ? 0 : earliest;
}

/* Whatever need not be read is skipped by the demuxer itself. */
static void
discard_others(struct demux *d)
{
	bool watch = claim_needs_others(&d->claim);

	for (unsigned i = 0; i < d->fmt->nb_streams; i++) {
		AVStream *st = d->fmt->streams[i];
		enum AVMediaType type = st->codecpar->codec_type;

		if (st == d->sound || (watch &&
		    (type == AVMEDIA_TYPE_AUDIO ||
		    type == AVMEDIA_TYPE_VIDEO) &&
		    !(st->disposition & AV_DISPOSITION_ATTACHED_PIC)))
			continue;
		st->discard = AVDISCARD_ALL;
	}
}

int
demux_look(struct demux *d, struct input *input, const char *hint,
    struct v2m_err *err)
{
	memset(d, 0, sizeof *d);
	d->input = input;
	d->hint = hint;
	d->first_us = AV_NOPTS_VALUE;
	if (open_container(d, err) < 0)
		return -1;
	return find_usual(d, err);
}

int
demux_open(struct demux *d, struct input *input, const char *hint,
    const struct v2m_settings *wanted, struct v2m_err *err)
{
	if (demux_look(d, input, hint, err) < 0)
		return -1;
	d->wanted = wanted;
	if (settle_sound(d, err) < 0)
		return -1;
	find_origin(d);
	claim_settle(&d->claim, d->fmt, d->sound, d->origin_us);
	discard_others(d);
	return 0;
}

void
demux_close(struct demux *d)
{
	av_packet_free(&d->early);
	avformat_close_input(&d->fmt);
}

static void
note_time(struct demux *d, const AVPacket *pkt)
{
	const AVStream *st = d->fmt->streams[pkt->stream_index];
	int64_t pts = pkt->pts != AV_NOPTS_VALUE ? pkt->pts : pkt->dts, us;

	if (pts == AV_NOPTS_VALUE)
		return;
	us = av_rescale_q(pts, st->time_base, AV_TIME_BASE_Q);
	if (us == INT64_MIN)
		return;
	if (st == d->sound && d->first_us == AV_NOPTS_VALUE)
		d->first_us = us;
	if (us >= d->origin_us && us - d->origin_us > d->last_us)
		d->last_us = us - d->origin_us;
}

int
demux_read(struct demux *d, AVPacket *pkt, struct v2m_err *err)
{
	if (d->early != NULL && d->early->data != NULL) {
		av_packet_move_ref(pkt, d->early);
		return 1;
	}
	for (;;) {
		int e = av_read_frame(d->fmt, pkt);

		if (e >= 0) {
			d->errors = 0;
			return 1;
		} else if (input_failed(d->input, err)) {
			return -1;
		} else if (e == AVERROR_EOF || ++d->errors > ERRORS_MOST) {
			return 0;
		} else if (e == AVERROR(ENOMEM)) {
			return v2m_err_set(err, V2M_TEMP, "out of memory");
		} else if (e != AVERROR(EAGAIN)) {
			d->damaged++;
		}
	}
}

int
demux_next(struct demux *d, AVPacket *pkt, struct v2m_err *err)
{
	int more;

	while ((more = demux_read(d, pkt, err)) > 0) {
		note_time(d, pkt);
		if (pkt->stream_index == d->sound->index)
			return kind_packet_encrypted(pkt) ?
			    kind_refuse_encrypted(err) : 1;
		av_packet_unref(pkt);
	}
	return more;
}
