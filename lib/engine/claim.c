#include "engine/claim.h"

#include <libavutil/avutil.h>
#include <libavutil/mathematics.h>

#include "engine/format.h"

/* What stands for "not known": in MP4 a 32-bit duration of all ones, in AVI the
 * number of frames that ffmpeg writes where it cannot go back to the header. */
#define UNKNOWN UINT32_MAX
#define AVI_UNKNOWN (1 << 30)
#define FAR_US (INT64_C(366) * 24 * 3600 * AV_TIME_BASE)

bool
claim_is_track(const AVStream *st)
{
	enum AVMediaType type = st->codecpar->codec_type;

	return (type == AVMEDIA_TYPE_AUDIO || type == AVMEDIA_TYPE_VIDEO) &&
	    !(st->disposition & AV_DISPOSITION_ATTACHED_PIC);
}

void
claim_note(struct claim *c, const AVFormatContext *fmt,
    const struct shape *shape, int64_t length)
{
	c->sound_us = c->whole_us = c->tracks_us = -1;
	c->seen = format_is(fmt, "ogg");
	c->ends = format_is(fmt, "asf");
	for (unsigned i = 0; i < fmt->nb_streams && i < CLAIM_STREAMS; i++) {
		const AVStream *st = fmt->streams[i];
		bool unknown = st->duration == UNKNOWN ||
		    (st->nb_frames == AVI_UNKNOWN && format_is(fmt, "avi"));

		/* libavformat computes the duration of the file from it. */
		c->unknown |= unknown;
		c->header[i] = unknown ? AV_NOPTS_VALUE : st->duration;
		c->nheader = i + 1;
	}
	if (shape->duration_us > 0)
		c->whole_us = shape->duration_us;
	else if (fmt->duration != AV_NOPTS_VALUE && fmt->duration > 0)
		c->whole_us = fmt->duration;
	if (shape->bytes > length && length > 0 && shape->duration_us < 0)
		c->cut = (double)shape->bytes / (double)length;
}

void
claim_note_mp4(struct claim *c, enum mp4_length length)
{
	c->ends = length == MP4_NONE;
	if (length == MP4_UNKNOWN) {
		c->unknown = true;
		c->whole_us = -1;
	}
}

/* More than a year is not believed: -1. */
static int64_t
sane(double us)
{
	return us > 0 && us < (double)FAR_US ? (int64_t)us : -1;
}

/* The end that a track's own header claims, in microseconds after time 0; -1.
 * In a file that is cut short, libavformat reduces the duration of a WAV or AVI
 * in proportion, or leaves it out. */
static int64_t
own_claim(const struct claim *c, const AVStream *st, int64_t origin_us)
{
	int64_t own = (unsigned)st->index < c->nheader ?
	    c->header[st->index] : AV_NOPTS_VALUE, late = 0;
	double us;

	if (own == AV_NOPTS_VALUE && c->cut > 0 && c->whole_us < 0)
		own = st->duration;
	if (own == AV_NOPTS_VALUE || own <= 0)
		return -1;
	us = (double)own * av_q2d(st->time_base) * AV_TIME_BASE;
	if (c->ends)
		late = -origin_us;
	else if (st->start_time != AV_NOPTS_VALUE)
		late = av_rescale_q(st->start_time, st->time_base,
		    AV_TIME_BASE_Q) - origin_us;
	if (late <= -FAR_US || late >= FAR_US)
		return -1;
	return sane((c->cut > 0 ? us * c->cut : us) + (double)late);
}

static void
note_end(struct timeline_facts *f, int64_t us)
{
	if (us > 0 && f->nends < GAPS_CLAIMS)
		f->ends_s[f->nends++] = (double)us / AV_TIME_BASE;
}

static void
note_facts(struct claim *c, const AVFormatContext *fmt, const AVStream *sound,
    int64_t origin_us)
{
	struct timeline_facts *f = &c->facts;
	int64_t total = c->reckoned ? -1 : c->whole_us;

	f->own_s = f->total_s = -1;
	if (c->seen)
		return;
	if (c->sound_us > 0)
		f->own_s = (double)c->sound_us / AV_TIME_BASE;
	note_end(f, c->sound_us);
	note_end(f, total);
	for (unsigned i = 0; i < fmt->nb_streams; i++) {
		const AVStream *st = fmt->streams[i];
		int64_t end = own_claim(c, st, origin_us);

		if (st == sound || !claim_is_track(st))
			continue;
		note_end(f, end);
		if (end > total)
			total = end;
	}
	if (total > 0)
		f->total_s = (double)total / AV_TIME_BASE;
}

void
claim_settle(struct claim *c, const AVFormatContext *fmt,
    const AVStream *sound, int64_t origin_us)
{
	if (!c->unknown && !c->ends && c->whole_us < 0 && fmt->duration > 0 &&
	    fmt->duration_estimation_method == AVFMT_DURATION_FROM_STREAM) {
		c->whole_us = fmt->duration;
		/* libavformat 61 and later compute it like that for MP4 too,
		 * but from the durations in the tracks' headers. */
		c->reckoned = !format_is(fmt, "mov");
	}
	c->whole_us = sane((double)c->whole_us * (c->cut > 0 ? c->cut : 1));
	/* It may mean the time of the end, not the duration. */
	if (c->whole_us > 0 && origin_us > 0)
		c->whole_us = sane((double)c->whole_us - (double)origin_us);
	c->sound_us = own_claim(c, sound, origin_us);
	for (unsigned i = 0; i < fmt->nb_streams; i++) {
		int64_t own = own_claim(c, fmt->streams[i], origin_us);

		if (own > c->tracks_us)
			c->tracks_us = own;
	}
	note_facts(c, fmt, sound, origin_us);
}

int64_t
claim_us(const struct claim *c)
{
	return c->sound_us >= 0 ? c->sound_us : c->whole_us;
}

bool
claim_needs_others(const struct claim *c)
{
	return c->sound_us < 0 && c->whole_us >= 0;
}

static bool
short_of(int64_t claimed_us, int64_t reached_us)
{
	int64_t tolerated = claimed_us / 200;

	if (tolerated < AV_TIME_BASE)
		tolerated = AV_TIME_BASE;
	return claimed_us >= 0 && claimed_us - reached_us > tolerated;
}

bool
claim_broken(const struct claim *c, int64_t sound_us, int64_t last_us,
    int64_t *claimed_us)
{
	*claimed_us = c->sound_us;
	if (c->seen)
		return false;
	if (short_of(c->sound_us, sound_us))
		return true;
	if (last_us < sound_us)
		last_us = sound_us;
	if (last_us < c->tracks_us && c->cut == 0)
		last_us = c->tracks_us;
	*claimed_us = c->whole_us;
	return short_of(c->whole_us, last_us);
}
