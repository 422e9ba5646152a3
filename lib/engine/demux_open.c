#include "engine/demux.h"

#include <libavutil/avutil.h>
#include <libavutil/bswap.h>
#include <libavutil/dict.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <math.h>
#include <string.h>

#include "engine/codecs.h"
#include "engine/demux_link.h"
#include "engine/discarded.h"
#include "engine/format.h"
#include "engine/kind.h"
#include "engine/mp4.h"
#include "engine/no_media.h"
#include "engine/raw.h"
#include "engine/scrambled.h"
#include "engine/tracks.h"

#define OPUS_HEAD 19		/* bytes of an Opus header, at least */
#define OPUS_RATE_MOST 1000000	/* Hz in a right header, at most */
#define INDEX_OFF_S 10		/* s between index and start, at most */

/* Limits to what a file can make libavformat do; see ffmpeg-formats(1). */
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
	/* Also too many tracks (max_streams). */
	if (e == AVERROR(ENOMEM))
		return v2m_err_set(err, V2M_FAILED,
		    "a media file that needs too much memory");
	return v2m_err_set(err, V2M_DATA, "not a media file that can be read");
}

/* Extend the file's head from n to `wanted` bytes.  Returns how many there
 * are. */
static size_t
read_more(AVIOContext *io, uint8_t *head, size_t n, size_t wanted)
{
	int got = wanted > n ? avio_read(io, head + n, (int)(wanted - n)) : 0;

	return got > 0 ? n + (size_t)got : n;
}

/* Read the file's first bytes into *shape, and rewind.  *other: what kind of
 * file it is if not a media file, or NULL. */
static int
look_at_head(const struct demux *d, struct shape *shape, const char **other,
    struct v2m_err *err)
{
	AVIOContext *io = input_io(d->input);
	uint8_t *head = av_malloc(SHAPE_HEAD);
	size_t n;

	if (head == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	n = read_more(io, head, 0, SHAPE_FIRST);
	n = read_more(io, head, n, shape_wants(head, n));
	shape_read(shape, head, n);
	*other = no_media_kind(head, n);
	av_free(head);
	if (avio_seek(io, 0, SEEK_SET) < 0 || input_failed(d->input, err))
		return not_media(d, 0, err);
	return 0;
}

/* Open as `format`; NULL: as what it looks like.  Takes over options.  Returns
 * a libavutil error. */
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
	if (d->edits.ours)
		av_dict_set(&options, "ignore_editlist", "1", 0);
	if (d->goes_on)
		av_dict_set(&options, "ignore_length", "1", 0);
	e = avformat_open_input(&d->fmt, "", format, &options);
	av_dict_free(&options);
	return e;
}

/* What libavformat does not recognize is opened by its name's suffix. */
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

static bool
is_mp4(const struct demux *d)
{
	return format_is(d->fmt, "mov");
}

/* libavformat replaces the code `enca` of encrypted MP4 tracks by that of the
 * codec.  Set it again for tracks that cannot be decoded; for others, the
 * packets tell that they are encrypted (kind.h).  all: for all tracks, as no
 * packet will be read. */
static void
name_encrypted(struct demux *d, bool all)
{
	for (unsigned i = 0; is_mp4(d) && i < d->fmt->nb_streams; i++) {
		AVStream *st = d->fmt->streams[i];

		if (st->codecpar->codec_type == AVMEDIA_TYPE_AUDIO &&
		    (all || !tracks_usable(st)) &&
		    mp4_encrypted((uint32_t)st->id, avio_size(d->fmt->pb),
		    input_look, d->input))
			st->codecpar->codec_tag = MKTAG('e', 'n', 'c', 'a');
	}
}

/* GStreamer 1.22 writes the numbers of an Opus track's header (dOps) into MP4
 * with their bytes in the wrong order: a pre-skip of 6.5 ms is read as 299 ms,
 * and the start of the sound is lost.  The sampling rate shows it. */
static void
mend_opus_heads(struct demux *d)
{
	for (unsigned i = 0; is_mp4(d) && i < d->fmt->nb_streams; i++) {
		AVCodecParameters *p = d->fmt->streams[i]->codecpar;
		uint8_t *head = p->extradata;
		uint32_t rate;

		if (p->codec_id != AV_CODEC_ID_OPUS ||
		    p->extradata_size < OPUS_HEAD)
			continue;
		rate = av_bswap32(AV_RL32(head + 12));
		if (AV_RL32(head + 12) <= OPUS_RATE_MOST || rate == 0 ||
		    rate > OPUS_RATE_MOST)
			continue;
		AV_WL16(head + 10, av_bswap16(AV_RL16(head + 10)));
		AV_WL32(head + 12, rate);
		AV_WL16(head + 16, av_bswap16(AV_RL16(head + 16)));
		p->initial_padding = AV_RL16(head + 10);
	}
}

static int
open_container(struct demux *d, struct v2m_err *err)
{
	struct shape shape;
	const char *other = NULL;
	int e;

	if (look_at_head(d, &shape, &other, err) < 0)
		return -1;
	d->goes_on = shape_goes_on(&shape, avio_size(input_io(d->input)));
	e = open_as(d, NULL, NULL);
	if (e == AVERROR_INVALIDDATA && !input_failed(d->input, err))
		e = open_by_name(d);
	if (e == AVERROR_INVALIDDATA && shape.mp4 &&
	    !input_failed(d->input, err))
		return v2m_err_set(err, V2M_DATA, "an MP4 without an index "
		    "(moov): it is cut off, or its recording was not ended");
	/* libavformat recognizes some of these, but may not read them. */
	if (e < 0 && e != AVERROR(ENOMEM) && other != NULL &&
	    !input_failed(d->input, err))
		return v2m_err_set(err, V2M_DATA, "not a media file but %s",
		    other);
	if (e < 0)
		return not_media(d, e, err);
	claim_note(&d->claim, d->fmt, &shape, avio_size(d->fmt->pb));
	name_encrypted(d, false);
	mend_opus_heads(d);
	discarded_add(d->fmt, d->input);
	/* Ignore other errors: what is missing comes with the packets. */
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

/* In containers without a header, tracks appear as their packets do: read until
 * there is sound. */
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

static bool
has_others(const struct demux *d)
{
	for (unsigned i = 0; i < d->fmt->nb_streams; i++)
		if (d->fmt->streams[i] != d->sound &&
		    claim_is_track(d->fmt->streams[i]))
			return true;
	return false;
}

/* When does a stream start?  As video is not decoded, in containers without DTS
 * (Matroska) libavformat does not know when a video track starts: it gives the
 * start of the file, or, where that has no duration, nothing.  The index
 * knows. */
static int64_t
start_of(const AVFormatContext *fmt, AVStream *st)
{
	const AVIndexEntry *e;
	int64_t start = st->start_time;

	if (!format_is(fmt, "matroska") ||
	    st->codecpar->codec_type != AVMEDIA_TYPE_VIDEO)
		return start;
	if (start == AV_NOPTS_VALUE && fmt->start_time != AV_NOPTS_VALUE)
		start = av_rescale_q(fmt->start_time, AV_TIME_BASE_Q,
		    st->time_base);
	e = avformat_index_get_entry(st, 0);
	/* An entry that is far off is wrong. */
	return e == NULL || start == AV_NOPTS_VALUE ||
	    fabs((double)e->timestamp - (double)start) *
	    av_q2d(st->time_base) > INDEX_OFF_S ? start : e->timestamp;
}

/* Set time 0: the earliest start of a sound or video track. */
static void
find_origin(struct demux *d)
{
	int64_t earliest = INT64_MAX;

	if (d->edits.ours) {
		/* 0 of the movie's time; if there is only sound, its start. */
		d->origin_us = has_others(d) ? 0 :
		    (int64_t)(d->edits.first_s * AV_TIME_BASE);
		return;
	}
	for (unsigned i = 0; i < d->fmt->nb_streams; i++) {
		AVStream *st = d->fmt->streams[i];
		int64_t start = start_of(d->fmt, st), us;

		if (!claim_is_track(st) || start == AV_NOPTS_VALUE)
			continue;
		us = av_rescale_q(start, st->time_base, AV_TIME_BASE_Q);
		if (us != INT64_MIN && us < earliest)
			earliest = us;
	}
	d->origin_us = earliest == INT64_MAX ? 0 : earliest;
}

/* Let libavformat skip the packets of other tracks.  watch: not those of sound
 * and video, whose ends are needed. */
static void
discard_others(struct demux *d, bool watch)
{

	for (unsigned i = 0; i < d->fmt->nb_streams; i++) {
		AVStream *st = d->fmt->streams[i];

		if (st == d->sound || (watch && claim_is_track(st)) ||
		    (d->follow.on && follow_watches(d->sound, st)))
			continue;
		st->discard = AVDISCARD_ALL;
	}
}

/* Open the container once more, with its edit list ignored.  The tracks of an
 * MP4 have the same indexes again. */
static int
open_again(struct demux *d, struct v2m_err *err)
{
	int sound = d->sound->index;
	int other = d->other == NULL ? -1 : d->other->index;

	avformat_close_input(&d->fmt);
	if (input_rewind(d->input, err) < 0 || open_container(d, err) < 0)
		return -1;
	d->sound = d->fmt->streams[sound];
	d->other = other < 0 ? NULL : d->fmt->streams[other];
	return 0;
}

/* The edit list changes the track's duration. */
static void
claim_edits(struct demux *d)
{
	unsigned i = (unsigned)d->sound->index;
	double length_s;

	if (i >= d->claim.nheader)
		return;
	length_s = edits_length_s(&d->edits, d->claim.header[i]);
	if (length_s > 0 && (d->edits.end_s >= 0 || d->claim.header[i] > 0))
		d->claim.header[i] = (int64_t)(length_s / d->edits.unit_s);
	if (d->edits.ours)
		d->sound->start_time = llrint(d->edits.first_s /
		    d->edits.unit_s);
}

/* Read the edit list of the sound; if it is one for edits.h, open the container
 * again. */
static int
open_edited(struct demux *d, struct v2m_err *err)
{
	if (!is_mp4(d))
		return 0;
	edits_read(&d->edits, (uint32_t)d->sound->id, avio_size(d->fmt->pb),
	    input_look, d->input);
	if (input_failed(d->input, err))
		return -1;
	if (d->edits.ours && open_again(d, err) < 0)
		return -1;
	claim_note_mp4(&d->claim, mp4_length(avio_size(d->fmt->pb), input_look,
	    d->input));
	claim_edits(d);
	return 0;
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
demux_list(struct demux *d, struct input *input, const char *hint,
    struct v2m_err *err)
{
	if (demux_look(d, input, hint, err) < 0)
		return -1;
	name_encrypted(d, true);
	return 0;
}

int
demux_open(struct demux *d, struct input *input, const char *hint,
    const struct v2m_settings *wanted, struct v2m_err *err)
{
	if (demux_look(d, input, hint, err) < 0)
		return -1;
	d->wanted = wanted;
	d->pmt_version = -1;
	if (settle_sound(d, err) < 0 || open_edited(d, err) < 0)
		return -1;
	find_origin(d);
	follow_init(&d->follow, d->fmt);
	claim_settle(&d->claim, d->fmt, d->sound, d->origin_us);
	discard_others(d, claim_needs_others(&d->claim));
	return 0;
}

int
demux_open_other(struct demux *d, const struct demux *first,
    struct input *input, struct v2m_err *err)
{
	unsigned index = (unsigned)first->other->index;

	if (demux_look(d, input, first->hint, err) < 0)
		return -1;
	if (index >= d->fmt->nb_streams)
		return v2m_err_set(err, V2M_DATA, "a track that comes late "
		    "cannot be joined to another");
	d->pmt_version = -1;
	d->sound = d->fmt->streams[index];
	if (settle_sound(d, err) < 0 || open_edited(d, err) < 0)
		return -1;
	d->origin_us = first->origin_us;
	discard_others(d, false);
	return 0;
}

bool
demux_scrambled(const struct demux *d)
{
	return format_is(d->fmt, "mpegts") &&
	    scrambled_pid((unsigned)d->sound->id, input_look, d->input);
}

void
demux_close(struct demux *d)
{
	av_packet_free(&d->early);
	follow_release(&d->follow);
	avformat_close_input(&d->fmt);
	avformat_close_input(&d->first);
}

/* Keep the container of the first link open, for its tags and pictures. */
static void
keep_first(struct demux *d, AVFormatContext *before)
{
	if (d->first == NULL)
		d->first = before;
	else
		avformat_close_input(&before);
}

int
demux_open_link(struct demux *d, int64_t at, struct v2m_err *err)
{
	AVFormatContext *before = d->fmt;
	struct claim claim = d->claim;
	AVStream *sound = NULL;
	struct v2m_err why;

	if (input_begin_at(d->input, at, err) < 0)
		return -1;
	d->fmt = NULL;
	if (open_container(d, &why) == 0)
		sound = tracks_usual(d->fmt);
	d->claim = claim;
	if (sound == NULL) {
		avformat_close_input(&d->fmt);
		d->fmt = before;	/* only for its tags */
		d->lost = true;
		return input_failed(d->input, err) ? -1 : 0;
	}
	keep_first(d, before);
	d->sound = sound;
	d->codec = avcodec_find_decoder(sound->codecpar->codec_id);
	d->moved = d->linked = true;
	d->links.paged = false;
	find_origin(d);
	discard_others(d, claim_needs_others(&d->claim));
	return 0;
}
