#include "engine/follow.h"

#include <libavcodec/avcodec.h>
#include <string.h>

#include "engine/format.h"
#include "media/lang.h"

#define SILENT_US 1000000	/* the sound is silent that long */
#define MIXED_US 200000		/* streams are interleaved within this */
#define AFRESH_US 2000000	/* a step back by this: PTS start again */
#define KIND (AV_DISPOSITION_COMMENT | AV_DISPOSITION_VISUAL_IMPAIRED | \
    AV_DISPOSITION_DESCRIPTIONS | AV_DISPOSITION_HEARING_IMPAIRED)

void
follow_init(struct follow *f, const AVFormatContext *fmt)
{
	memset(f, 0, sizeof *f);
	f->on = format_is(fmt, "mpegts,mpeg");
	f->last_us = f->else_us = f->lost_us = AV_NOPTS_VALUE;
}

static void
forget_kept(struct follow *f)
{
	for (unsigned i = 0; i < f->n; i++)
		av_packet_free(&f->kept[i]);
	f->n = f->at = 0;
	f->next = NULL;
	f->given = false;
}

void
follow_release(struct follow *f)
{
	forget_kept(f);
}

static const char *
spoken_language(const AVStream *st)
{
	const AVDictionaryEntry *e = av_dict_get(st->metadata, "language",
	    NULL, 0);

	return e == NULL ? "und" : e->value;
}

bool
follow_watches(const AVStream *sound, const AVStream *other)
{
	return other != sound && other->index < FOLLOW_STREAMS &&
	    other->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
}

static bool
follow_may(const AVStream *sound, const AVStream *other)
{
	return follow_watches(sound, other) &&
	    (other->disposition & KIND) == (sound->disposition & KIND) &&
	    v2m_lang_equal(spoken_language(sound), spoken_language(other)) &&
	    avcodec_find_decoder(other->codecpar->codec_id) != NULL;
}

static int
keep_packet(struct follow *f, AVPacket *pkt, struct v2m_err *err)
{
	if (f->n == FOLLOW_PACKETS)
		return 0;
	f->kept[f->n] = av_packet_alloc();
	if (f->kept[f->n] == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	av_packet_move_ref(f->kept[f->n++], pkt);
	return 0;
}

/* Do PTS start again, as where two files are joined? */
static bool
is_afresh(const struct follow *f, int64_t us)
{
	return us <= f->last_us - AFRESH_US;
}

static bool
has_time(const struct follow *f, int64_t from, int64_t to)
{
	return to - from >= SILENT_US &&
	    (to - f->last_us >= SILENT_US || is_afresh(f, from));
}

/* Has the stream had packets alone for long enough?  A packet of the sound
 * would have made it a parallel one. */
static bool
is_alone(const struct follow *f)
{
	return f->n == FOLLOW_PACKETS ||
	    has_time(f, f->next_us, f->kept_us);
}

static void
forget_else(struct follow *f)
{
	f->else_us = AV_NOPTS_VALUE;
	memset(f->elsewhere, 0, sizeof f->elsewhere);
}

/* Note where the sound was lost, if only other streams had packets. */
static void
note_lost(struct follow *f)
{
	if (f->else_us != AV_NOPTS_VALUE && f->lost_us == AV_NOPTS_VALUE &&
	    has_time(f, f->else_us, f->else_end_us))
		f->lost_us = is_afresh(f, f->else_us) ? f->last_us :
		    f->else_us;
}

/* The sound is back: it was lost meanwhile, or those streams are parallel. */
static void
settle_else(struct follow *f, int64_t us)
{
	if (us - f->last_us >= SILENT_US || is_afresh(f, us)) {
		note_lost(f);
		forget_else(f);
	} else if (us >= f->else_us + MIXED_US) {
		for (int i = 0; i < FOLLOW_STREAMS; i++)
			f->parallel[i] = f->parallel[i] || f->elsewhere[i];
		forget_else(f);
	}
}

/* A packet of a stream that may not be followed. */
static void
note_else(struct follow *f, const AVStream *st, int64_t us)
{
	if (f->parallel[st->index])
		return;
	if (f->last_us == AV_NOPTS_VALUE) {
		f->parallel[st->index] = true;	/* it was there before */
		return;
	}
	if (f->else_us == AV_NOPTS_VALUE)
		f->else_us = f->else_end_us = us;
	f->elsewhere[st->index] = true;
	f->else_end_us = us > f->else_end_us ? us : f->else_end_us;
}

void
follow_sound(struct follow *f, int64_t us)
{
	if (us == AV_NOPTS_VALUE)
		return;
	if (f->next != NULL && !f->given && us >= f->next_us + MIXED_US) {
		f->parallel[f->next->index] = true;
		forget_kept(f);
	}
	if (f->else_us != AV_NOPTS_VALUE)
		settle_else(f, us);
	f->last_us = us;
}

static int
may_be_next(struct follow *f, const AVStream *sound, AVStream *st,
    AVPacket *pkt, int64_t us, struct v2m_err *err)
{
	if (!follow_may(sound, st)) {
		if (follow_watches(sound, st))
			note_else(f, st, us);
		return 0;
	}
	if (f->parallel[st->index])
		return 0;
	if (f->last_us == AV_NOPTS_VALUE) {
		f->parallel[st->index] = true;	/* it was there before */
		return 0;
	}
	if (f->next == NULL) {
		f->next = st;
		f->next_us = f->kept_us = us;
	}
	if (f->next != st)
		return 0;
	f->kept_us = us > f->kept_us ? us : f->kept_us;
	return keep_packet(f, pkt, err);
}

int
follow_other(struct follow *f, const AVStream *sound, AVStream *st,
    AVPacket *pkt, int64_t us, struct v2m_err *err)
{
	if (!f->on || f->given)
		return 0;
	/* Only the first packet of each PES may have a PTS. */
	if (us == AV_NOPTS_VALUE)
		return f->next == st ? keep_packet(f, pkt, err) : 0;
	if (may_be_next(f, sound, st, pkt, us, err) < 0)
		return -1;
	f->given = f->next != NULL && is_alone(f);
	return f->given;
}

/* One or two packets of `next` at the end may be the demuxer's rest of a stream
 * that was the sound before. */
static bool
is_rest(const struct follow *f)
{
	return f->kept_us - f->next_us < MIXED_US &&
	    (f->next_us < f->last_us - MIXED_US ||
	    f->next_us > f->last_us + SILENT_US);
}

bool
follow_end(struct follow *f)
{
	if (f->next == NULL || f->given || is_rest(f)) {
		note_lost(f);
		return false;
	}
	f->given = true;
	return true;
}

bool
follow_next(struct follow *f, AVPacket *pkt)
{
	if (!f->given)
		return false;
	if (f->at == f->n) {
		forget_kept(f);
		return false;
	}
	av_packet_move_ref(pkt, f->kept[f->at++]);
	return true;
}
