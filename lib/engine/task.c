#include "engine/task.h"

#include <libavutil/mathematics.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/text.h"
#include "engine/format.h"
#include "engine/kind.h"
#include "engine/sandbox.h"
#include "engine/work.h"

#define LEFT_OUT 20		/* skipping is so many times faster than
				 * encoding */

void
task_hear_share(const struct task *t)
{
	struct v2m_wire_share w;

	while (recv(WORK_FD_REPORTS, &w, sizeof w, MSG_DONTWAIT) == sizeof w)
		if (w.magic == V2M_WIRE_SHARE && w.version == V2M_WIRE_VERSION)
			pool_share(t->sound.pool, w.threads);
}

/* The work for the first us of the sound: decoding without encoding takes a
 * fraction. */
static int64_t
effort(const struct v2m_settings *s, int64_t us)
{
	int64_t from = s->from_ms * 1000, to = s->to_ms * 1000;

	if (to > 0 && us > to)
		us = to;
	return us < from ? us / LEFT_OUT : us - from + from / LEFT_OUT;
}

int64_t
task_reached_us(const struct task *t)
{
	/* One of the two is 0. */
	return sound_reached_us(&t->sound) + copy_reached_us(&t->copying.copy);
}

/* By the duration that the container states; else by the place in the file. */
void
task_tell_progress(struct task *t)
{
	int64_t at = task_reached_us(t);
	int64_t all = claim_us(&t->demux.claim);

	sandbox_earn(t->before_us + at);
	if (all <= 0 && t->job->settings.to_ms > 0)
		all = t->job->settings.to_ms * 1000;
	if (all > 0) {
		at = effort(&t->job->settings, at);
		all = effort(&t->job->settings, all);
	} else {
		at = input_reached(t->input);
		all = t->job->length;
	}
	/* If the file will be read again, the progress stays. */
	if (all <= 0 || at < 0 || sound_clips(&t->sound))
		return;
	t->percent_told = at >= all ? t->percent_end : t->percent +
	    (int)av_rescale(at, t->percent_end - t->percent, all);
	report_percent(t->percent_told);
}

int
task_no_sound(struct task *t, struct v2m_err *err)
{
	int64_t damaged = t->demux.damaged + t->decoder.damaged;

	t->nothing = true;
	if (demux_scrambled(&t->demux))
		return kind_refuse_encrypted(err);
	if (damaged > 0)
		return v2m_err_set(err, V2M_DATA, "no sound in it "
		    "(%lld damaged packets)", (long long)damaged);
	return v2m_err_set(err, V2M_DATA, "no sound in it");
}

/* The end of the sound that is compared with the stated one.  If PTS were not
 * used, or jumped forward, the stated duration still follows them: then the
 * last PTS counts. */
static int64_t
ends_us(const struct task *t)
{
	int64_t at = task_reached_us(t);
	bool unused = t->sound.time.gaps.nothing != GAPS_FILLED ||
	    t->copying.copy.time.gaps.nothing != GAPS_FILLED ||
	    t->sound.jumps.forward || t->copying.jumps.forward;

	return unused && t->demux.last_us > at ? t->demux.last_us : at;
}

static void
tell_truncated(int64_t reached_us, int64_t claimed_us)
{
	double s = (double)reached_us / AV_TIME_BASE;
	double of = (double)claimed_us / AV_TIME_BASE;

	report_warning("truncated: %.*f s of %.*f s", s < 9.95, s,
	    of < 9.95, of);
}

static void
tell_lost(int64_t us, const char *why)
{
	char place[32];

	report_warning("its sound goes on in another stream at %s, which %s",
	    v2m_text_duration(place, us / 1000), why);
}

void
task_tell_shortcomings(const struct task *t, int64_t damaged)
{
	int64_t reached = task_reached_us(t), claimed;

	if (!t->enough && claim_broken(&t->demux.claim, ends_us(t),
	    t->demux.last_us, &claimed))
		tell_truncated(reached, claimed);
	if (t->demux.lost)
		tell_lost(reached, "cannot be read");
	if (t->demux.follow.lost_us != AV_NOPTS_VALUE)
		tell_lost(t->demux.follow.lost_us - t->demux.origin_us,
		    "is not of its language or kind");
	if (damaged > 0)
		report_warning("%lld damaged packet%s skipped",
		    (long long)damaged, damaged == 1 ? "" : "s");
}

/* Bytes of an ADPCM block's header per channel, if blocks are independent; else
 * 0. */
static int
block_header(enum AVCodecID id)
{
	switch (id) {
	case AV_CODEC_ID_ADPCM_IMA_WAV:
		return 4;
	case AV_CODEC_ID_ADPCM_MS:
		return 7;
	default:
		return 0;
	}
}

/* Bytes of an independent block, of which a packet holds several; 0: none. */
static int
block_of(const AVCodecParameters *p)
{
	int header = block_header(p->codec_id) * p->ch_layout.nb_channels;

	return header > 0 && p->block_align > header ? p->block_align : 0;
}

/* Is it a raw stream of frames, without PTS? */
static bool
is_raw(const struct demux *d)
{
	return format_is(d->fmt, "mp3,aac,ac3,eac3,loas");
}

int
task_open_source(struct task *t, struct v2m_err *err)
{
	if (demux_open(&t->demux, t->input, t->job->hint, &t->job->settings,
	    err) < 0)
		return -1;
	if (join_open(&t->join, &t->demux, err) < 0)
		return -1;
	if (feed_open(&t->feed, t->demux.sound->codecpar->codec_id,
	    task_decode_one, t, err) < 0)
		return -1;
	t->may_leap = t->job->settings.from_ms > 0 && !t->from_start &&
	    getenv("V2M_MEDIA_NO_SEEK") == NULL;
	t->feed.moves = format_is(t->demux.fmt, "mpegts");
	t->feed.block = block_of(t->demux.sound->codecpar);
	t->feed.raw = is_raw(&t->demux);
	t->feed.joins = format_is(t->demux.fmt, "mp3");
	return decode_open(&t->decoder, t->demux.sound, t->demux.codec, err);
}

void
task_close_source(struct task *t)
{
	sound_release(&t->sound);
	join_close(&t->join);
	feed_close(&t->feed);
	decode_close(&t->decoder);
	av_packet_unref(t->pkt);
	demux_close(&t->demux);
}

int
task_begin_again(struct task *t, struct v2m_err *err)
{
	t->before_us += task_reached_us(t);
	task_close_source(t);
	copying_close(&t->copying);
	report_hold();	/* the source was reported in the first pass */
	if (input_again(t->input, err) < 0 || task_open_source(t, err) < 0)
		return -1;
	report_forget();
	sound_init(&t->sound, t->job, &t->demux, t->pool, WORK_FD_OUTPUT,
	    &t->verdict);
	t->heard = t->enough = false;
	t->percent = t->percent_told;
	t->percent_end = 99;
	return 0;
}
