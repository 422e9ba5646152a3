#include "engine/work.h"

#include <libavutil/mathematics.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/copying.h"
#include "engine/decode.h"
#include "engine/demux.h"
#include "engine/feed.h"
#include "engine/filter.h"
#include "engine/input.h"
#include "engine/join.h"
#include "engine/others.h"
#include "engine/output.h"
#include "engine/report.h"
#include "engine/sound.h"
#include "engine/tracks.h"
#include "engine/sandbox.h"

/* A probe that has read so much and found a track, but no sound in it yet,
 * takes the track's word for it. */
#define PROBE_BYTES (32 << 20)
#define MEASURING 20		/* percent of the way */
#define LEFT_OUT 20		/* times faster than what is encoded */
#define PACKETS 64		/* between looks for word from the parent */
#define MIX_PEAK_DBFS -0.1	/* of what would pass full scale */

struct task {
	const struct v2m_wire_job *job;
	struct input *input;
	struct demux demux;
	struct feed feed;
	struct decoder decoder;
	struct join join;
	struct sound sound;
	struct copying copying;
	AVPacket *pkt;
	struct pool *pool;
	struct report_loudness loudness;
	struct report_downmix downmix;
	struct timeline_verdict verdict;	/* of a pass that went wrong */
	int64_t before_us;	/* of sound, in the pass before this one */
	int percent, percent_end;	/* this pass's share of the way */
	int percent_told;
	unsigned packets;
	bool heard;		/* a frame with sound in it has come */
	bool enough;		/* what follows need not be read */
	bool may_leap;		/* over what comes before the wanted part */
	bool from_start;	/* that went wrong */
};

/* The parent's word on how many threads shall work. */
static void
hear_share(const struct task *t)
{
	struct v2m_wire_share w;

	while (recv(WORK_FD_REPORTS, &w, sizeof w, MSG_DONTWAIT) == sizeof w)
		if (w.magic == V2M_WIRE_SHARE && w.version == V2M_WIRE_VERSION)
			pool_share(t->sound.pool, w.threads);
}

/* What is decoded and left out takes a fraction of the time. */
static int64_t
effort(const struct v2m_settings *s, int64_t us)
{
	int64_t from = s->from_ms * 1000, to = s->to_ms * 1000;

	if (to > 0 && us > to)
		us = to;
	return us < from ? us / LEFT_OUT : us - from + from / LEFT_OUT;
}

/* Where in the container's time the sound has come to: one of the two is
 * 0. */
static int64_t
reached_us(const struct task *t)
{
	return sound_reached_us(&t->sound) + copy_reached_us(&t->copying.copy);
}

/* From what the container claims; else from where in the file we are. */
static void
tell_progress(struct task *t)
{
	int64_t at = reached_us(t);
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
	/* All that comes once more has yet to come. */
	if (all <= 0 || at < 0 || sound_clips(&t->sound))
		return;
	t->percent_told = at >= all ? t->percent_end : t->percent +
	    (int)av_rescale(at, t->percent_end - t->percent, all);
	report_percent(t->percent_told);
}

static int
hear_frame(void *arg, AVFrame *frame, int64_t whole, struct v2m_err *err)
{
	struct task *t = arg;

	if (t->join.open && join_frame(&t->join, frame, err) < 0)
		return -1;
	if (!t->heard && frame->nb_samples > 0)
		output_tell_source(&t->demux, frame->sample_rate,
		    frame->ch_layout.nb_channels);
	t->heard |= frame->nb_samples > 0;
	if (t->job->kind == V2M_WIRE_CONVERT)
		return sound_frame(&t->sound, frame, whole, err);
	return t->heard;
}

/* pkt NULL: what is left in the decoder.  A feed_sink function. */
static int
decode_one(void *arg, AVPacket *pkt, enum feed_state state,
    struct v2m_err *err)
{
	struct task *t = arg;
	bool converts = t->job->kind == V2M_WIRE_CONVERT;
	int64_t damaged = t->decoder.damaged;
	int ret = 0;

	if (state == FEED_MOVED)
		return decode_move_codec(&t->decoder, t->feed.codec, err);
	if (converts)
		sound_packet(&t->sound, pkt, state == FEED_DOUBTFUL);
	if (state == FEED_LOST)
		decode_lost(&t->decoder);
	else
		ret = decode_packet(&t->decoder, pkt, hear_frame, t, err);
	if (ret != 0 || !converts)
		return ret;
	/* What a decoder makes of the middle of a stream is no damage. */
	if (sound_warms(&t->sound))
		t->decoder.damaged = damaged;
	return pkt == NULL ? sound_flush(&t->sound, err) :
	    sound_packet_end(&t->sound, t->decoder.failed, err);
}

/* The sound goes on in another stream. */
static int
follow_on(struct task *t, struct v2m_err *err)
{
	int ret = feed_packet(&t->feed, NULL, err);

	if (ret != 0)
		return ret;
	t->demux.moved = false;
	feed_move(&t->feed, t->demux.codec->id);
	return decode_move(&t->decoder, t->demux.sound, t->demux.codec, err);
}

static int
take_packet(struct task *t, struct v2m_err *err)
{
	int ret = t->demux.moved ? follow_on(t, err) : 0;

	if (ret != 0)
		return ret;
	if (t->demux.header)
		return decode_header(&t->decoder, t->demux.sound, t->pkt, err);
	return feed_packet(&t->feed, t->pkt, err);
}

/* Leave out what comes before the wanted part, once it is known where the sound
 * begins. */
static void
leap(struct task *t)
{
	if (!t->may_leap || !t->heard || t->join.open ||
	    t->feed.damaged->size > 0 || t->sound.placed == 0)
		return;
	t->may_leap = false;
	if (sound_leap(&t->sound, &t->demux))
		decode_leap(&t->decoder);
}

static bool
probed_enough(const struct task *t)
{
	return t->job->kind == V2M_WIRE_PROBE && t->decoder.damaged == 0 &&
	    input_bytes(t->input) > PROBE_BYTES;
}

/* Every packet through the decoder, then what is left in it.  Ends early
 * where no more is wanted. */
static int
decode_all(struct task *t, struct v2m_err *err)
{
	int more, ret;

	while ((more = demux_next(&t->demux, t->pkt, err)) > 0) {
		ret = take_packet(t, err);
		av_packet_unref(t->pkt);
		t->enough = ret > 0;
		if (ret != 0)
			return ret < 0 ? -1 : 0;
		if (t->job->kind == V2M_WIRE_CONVERT) {
			leap(t);
			tell_progress(t);
			if (++t->packets % PACKETS == 0)
				hear_share(t);
		}
		else if ((t->enough = probed_enough(t)))
			return 0;
	}
	if (more < 0)
		return -1;
	ret = feed_packet(&t->feed, NULL, err);
	if (ret == 0)
		ret = decode_one(t, NULL, FEED_GOOD, err);
	t->enough = ret > 0;
	return ret < 0 ? -1 : 0;
}

static int
no_sound(int64_t damaged, struct v2m_err *err)
{
	if (damaged > 0)
		return v2m_err_set(err, V2M_DATA, "no sound in it "
		    "(%lld damaged packets)", (long long)damaged);
	return v2m_err_set(err, V2M_DATA, "no sound in it");
}

/* What a claim is held against.  Where stamps were not used, the claim goes by
 * them all the same: the last of them shows whether all is there. */
static int64_t
ends_us(const struct task *t)
{
	int64_t at = reached_us(t);
	bool unused = t->sound.time.gaps.nothing != GAPS_FILLED ||
	    t->copying.copy.time.gaps.nothing != GAPS_FILLED;

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
tell_shortcomings(const struct task *t, int64_t damaged)
{
	int64_t reached = reached_us(t), claimed;
	char place[32];

	if (!t->enough && claim_broken(&t->demux.claim, ends_us(t),
	    t->demux.last_us, &claimed))
		tell_truncated(reached, claimed);
	if (t->demux.lost)
		report_warning("its sound goes on in another stream at %s, "
		    "which cannot be read",
		    v2m_text_duration(place, reached / 1000));
	if (damaged > 0)
		report_warning("%lld damaged packet%s skipped",
		    (long long)damaged, damaged == 1 ? "" : "s");
}

static int
open_source(struct task *t, struct v2m_err *err)
{
	if (demux_open(&t->demux, t->input, t->job->hint, &t->job->settings,
	    err) < 0)
		return -1;
	if (join_open(&t->join, &t->demux, err) < 0)
		return -1;
	if (feed_open(&t->feed, t->demux.sound->codecpar->codec_id,
	    decode_one, t, err) < 0)
		return -1;
	t->may_leap = t->job->settings.from_ms > 0 && !t->from_start &&
	    getenv("V2M_MEDIA_NO_SEEK") == NULL;
	t->feed.moves = strcmp(t->demux.fmt->iformat->name, "mpegts") == 0;
	t->feed.joins = strcmp(t->demux.fmt->iformat->name, "mp3") == 0;
	return decode_open(&t->decoder, t->demux.sound, t->demux.codec, err);
}

static void
close_source(struct task *t)
{
	sound_release(&t->sound);
	join_close(&t->join);
	feed_close(&t->feed);
	decode_close(&t->decoder);
	av_packet_unref(t->pkt);
	demux_close(&t->demux);
}

/* All once more, from the start. */
static int
begin_again(struct task *t, struct v2m_err *err)
{
	t->before_us += reached_us(t);
	close_source(t);
	copying_close(&t->copying);
	report_hold();	/* what is said of it was said at the first time */
	if (input_again(t->input, err) < 0 || open_source(t, err) < 0)
		return -1;
	report_forget();
	sound_init(&t->sound, t->job, &t->demux, t->pool, WORK_FD_OUTPUT,
	    &t->verdict);
	t->heard = t->enough = false;
	t->percent = t->percent_told;
	t->percent_end = 99;
	return 0;
}

/* Was all of it heard as it should be? */
static bool
heard_rightly(struct task *t)
{
	t->from_start |= sound_astray(&t->sound);
	return !sound_astray(&t->sound) &&
	    (t->enough || !sound_misplaced(&t->sound, &t->verdict));
}

/* begin_again() with the same purpose. */
static int
hear_again(struct task *t, struct v2m_err *err)
{
	bool measures = t->sound.measures;
	bool chosen = t->sound.gain_chosen;
	double gain_db = t->sound.gain_db;
	int percent = t->percent, percent_end = t->percent_end;

	if (!measures)
		report_seal();
	if (begin_again(t, err) < 0)
		return -1;
	if (measures)
		report_hold();
	t->sound.measures = measures;
	t->sound.gain_db = gain_db;
	t->sound.gain_chosen = chosen;
	t->percent = percent;
	t->percent_end = percent_end;
	return 0;
}

/* All of it; and once more where it shows at the end that silence belongs
 * elsewhere, or that nothing may be left out. */
static int
hear_all(struct task *t, struct v2m_err *err)
{
	for (;;) {
		if (decode_all(t, err) < 0)
			return -1;
		if (heard_rightly(t))
			return 0;
		if (hear_again(t, err) < 0)
			return -1;
	}
}

static void
choose_gain(struct task *t, const struct loudness_measured *m, int rate_hz)
{
	double target = t->job->settings.loudness / 10.0;
	struct loudness_gain g = loudness_gain(m, rate_hz, target);

	t->loudness = (struct report_loudness){
		true, m->lufs, m->peak_dbtp, g.db
	};
	if (g.ceiling)
		report_warning("%.1f LUFS instead of %.1f: no peak shall "
		    "exceed -1 dBTP", g.lufs, target);
}

/* What was mixed down passes full scale by no channel's fault: one gain for
 * all of it, on top of that of the loudness. */
static void
choose_downmix(struct task *t)
{
	double peak = t->sound.peak > 0 ? 20 * log10(t->sound.peak) :
	    -HUGE_VAL;
	double most = -t->loudness.gain_db;

	t->downmix = (struct report_downmix){ t->sound.mixed, peak, 0 };
	if (peak > most)
		t->downmix.gain_db = MIX_PEAK_DBFS + most - peak;
}

static void
use_gain(struct task *t)
{
	t->sound.gain_db = t->loudness.gain_db + t->downmix.gain_db;
	t->sound.gain_chosen = true;
}

/* Hear all of it to find out how loud it is. */
static int
measure(struct task *t, struct v2m_err *err)
{
	struct loudness_measured m;

	/* All that there is to say will come up again. */
	report_hold();
	t->sound.measures = true;
	t->percent_end = MEASURING;
	if (hear_all(t, err) < 0)
		return -1;
	report_forget();
	if (!t->heard)
		return no_sound(t->demux.damaged + t->decoder.damaged, err);
	if (sound_measured(&t->sound, &m, err) < 0)
		return -1;
	choose_gain(t, &m, t->sound.resample.rate_hz);
	choose_downmix(t);
	if (begin_again(t, err) < 0)
		return -1;
	use_gain(t);
	return 0;
}

/* Once more with a lower gain.  What there is to say has been said. */
static int
encode_lower(struct task *t, struct v2m_err *err)
{
	choose_downmix(t);
	if (begin_again(t, err) < 0)
		return -1;
	use_gain(t);
	report_hold();
	if (decode_all(t, err) < 0)
		return -1;
	report_forget();
	return 0;
}

/* A feed_sink function. */
static int
copy_one(void *arg, AVPacket *pkt, enum feed_state state, struct v2m_err *err)
{
	struct task *t = arg;

	if (state == FEED_MOVED) {
		t->copying.copy.why = "its codec changes midway";
		return COPY_CANNOT;
	}
	return copying_packet(&t->copying, pkt, state == FEED_LOST, err);
}

static void
copy_leap(struct task *t)
{
	if (t->may_leap && t->feed.damaged->size == 0)
		t->may_leap = !copying_leap(&t->copying, &t->demux);
}

static int
copy_packets(struct task *t, struct v2m_err *err)
{
	int more, ret = COPY_ON;

	while (ret == COPY_ON &&
	    (more = demux_next(&t->demux, t->pkt, err)) != 0) {
		if (more < 0)
			return -1;
		ret = t->demux.moved ? COPY_CANNOT :
		    feed_packet(&t->feed, t->pkt, err);
		av_packet_unref(t->pkt);
		if (ret == COPY_ON)
			copy_leap(t);
		tell_progress(t);
	}
	if (ret == COPY_ON)
		ret = feed_packet(&t->feed, NULL, err);
	if (ret == COPY_ON)
		ret = copy_flush(&t->copying.copy, err);
	if (t->demux.moved)
		t->copying.copy.why = "its sound goes on in another stream";
	t->enough = ret == COPY_ENOUGH;
	return ret;
}

static int
open_copying(struct task *t, struct v2m_err *err)
{
	t->feed.sink = copy_one;
	return copying_open(&t->copying, t->job, &t->demux, WORK_FD_OUTPUT,
	    &t->verdict, err);
}

static bool
copied_rightly(struct task *t, int ret)
{
	if (ret < 0)
		return true;
	t->from_start |= copying_astray(&t->copying);
	return !copying_astray(&t->copying) && (ret != COPY_ON ||
	    !copy_misplaced(&t->copying.copy, &t->verdict));
}

/* As hear_all(). */
static int
copy_rightly(struct task *t, struct v2m_err *err)
{
	for (;;) {
		int ret;

		if (open_copying(t, err) < 0)
			return -1;
		ret = copy_packets(t, err);
		if (copied_rightly(t, ret))
			return ret;
		if (begin_again(t, err) < 0)
			return -1;
		report_hold();
	}
}

static int
copy_all(struct task *t, struct report_done *done, struct v2m_err *err)
{
	int ret;

	ret = copy_rightly(t, err);
	if (ret < 0 || ret == COPY_CANNOT)
		return ret;
	done->damaged_packets = t->demux.damaged + t->copying.copy.damaged;
	tell_shortcomings(t, done->damaged_packets);
	return copying_finish(&t->copying, done, err);
}

/* Take the source's frames as they are, if that can be done.  1: it is done;
 * 0: it is to be encoded, from the start. */
static int
copy(struct task *t, struct v2m_err *err)
{
	struct report_done done = { .bytes = 0 };
	const char *why;
	int ret = COPY_CANNOT;
	bool possible = copying_possible(&t->demux, &why);

	report_hold();
	if (possible) {
		ret = copy_all(t, &done, err);
		why = t->copying.copy.why;
	}
	if (ret == COPY_ENOUGH) {
		report_percent(100);
		report_done(&done);
		report_release();
		return 1;
	}
	report_forget();
	if (ret < 0)
		return -1;
	if (t->job->settings.copy == V2M_COPY_ONLY)
		return v2m_err_set(err, V2M_DATA, "it cannot be taken as it "
		    "is: %s", why);
	if (t->job->settings.copy != V2M_COPY_CONFIGURED)
		report_warning("encoded, not copied: %s", why);
	if (!possible)
		return 0;
	if (begin_again(t, err) < 0)
		return -1;
	t->percent = 0;
	return 0;
}

/* All of the track is silence: is that what was meant?  The MP3 is made, so
 * no failure in here counts. */
static void
look_for_sound(struct task *t)
{
	const AVFormatContext *fmt = t->demux.fmt;
	int chosen = t->demux.sound->index;
	int number = tracks_number(fmt, t->demux.sound), other;

	if (t->demux.other != NULL || tracks_alone(fmt, t->demux.sound))
		return;
	t->before_us += reached_us(t);
	close_source(t);
	if (input_again(t->input, NULL) < 0)
		return;
	other = others_sounding(t->input, t->job->hint, chosen, t->before_us);
	if (other > 0)
		report_warning("track %d is silent throughout, but track %d "
		    "has sound: --track %d takes it", number, other, other);
}

static int
convert_job(struct task *t, struct v2m_err *err)
{
	struct report_done done = { .bytes = 0 };

	if (t->job->settings.copy >= V2M_COPY_YES) {
		int ret = copy(t, err);

		if (ret != 0)
			return ret < 0 ? -1 : 0;
	}
	if (t->job->settings.loudness != 0 && measure(t, err) < 0)
		return -1;
	if (hear_all(t, err) < 0)
		return -1;
	if (sound_clips(&t->sound) && encode_lower(t, err) < 0)
		return -1;
	if (t->sound.mixed && !t->downmix.mixed)
		choose_downmix(t);
	done.loudness = t->loudness;
	done.downmix = t->downmix;
	done.damaged_packets = t->demux.damaged + t->decoder.damaged;
	if (!t->heard)
		return no_sound(done.damaged_packets, err);
	tell_shortcomings(t, done.damaged_packets);
	if (sound_finish(&t->sound, &done, err) < 0)
		return -1;
	if (!t->sound.audible && !t->enough)
		look_for_sound(t);
	report_percent(100);
	report_done(&done);
	return 0;
}

static int
probe(struct task *t, struct v2m_err *err)
{
	struct report_done done = { .bytes = 0 };

	if (decode_all(t, err) < 0)
		return -1;
	done.damaged_packets = t->demux.damaged + t->decoder.damaged;
	if (!t->heard && !t->enough)
		return no_sound(done.damaged_packets, err);
	if (!t->heard)
		output_tell_source(&t->demux,
		    t->demux.sound->codecpar->sample_rate,
		    t->demux.sound->codecpar->ch_layout.nb_channels);
	report_done(&done);
	return 0;
}

static int
list_tracks(struct task *t, struct v2m_err *err)
{
	struct report_done done = { .bytes = 0 };

	if (demux_list(&t->demux, t->input, t->job->hint, err) < 0)
		return -1;
	if (tracks_tell(t->demux.fmt) == 0)
		return demux_no_sound(&t->demux, err);
	report_done(&done);
	return 0;
}

static int
run_job(struct task *t, struct v2m_err *err)
{
	if (sandbox_close(t->job, err) < 0)
		return -1;
	if (t->job->kind == V2M_WIRE_SANDBOX) {
		sandbox_tell();
		return 0;
	}
	t->input = input_open(WORK_FD_INPUT, t->job->by_request != 0,
	    t->job->length, err);
	if (t->input == NULL)
		return -1;
	input_limit(t->input, t->job->limits.read_bytes);
	if (t->job->kind == V2M_WIRE_TRACKS)
		return list_tracks(t, err);
	t->pkt = av_packet_alloc();
	if (t->pkt == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	if (open_source(t, err) < 0)
		return -1;
	return t->job->kind == V2M_WIRE_PROBE ? probe(t, err) :
	    convert_job(t, err);
}

/* For those who look for faults, and for tests. */
static void
tell_debug(const struct task *t)
{
	if (getenv("V2M_MEDIA_DEBUG") == NULL)
		return;
	if (t->job->kind == V2M_WIRE_CONVERT && t->input != NULL)
		fprintf(stderr, "v2m-media: read %lld of %lld bytes\n",
		    (long long)input_bytes(t->input),
		    (long long)t->job->length);
	filter_tell();
}

int
work(const struct v2m_wire_job *job)
{
	struct task t;
	struct pool pool;
	bool torn;
	struct v2m_err err = { .code = V2M_BUG, .msg = "no reason" };
	int ret;

	memset(&t, 0, sizeof t);
	t.job = job;
	t.pool = &pool;
	t.percent_end = 99;
	/* Before anything of the input is looked at: later there will be no
	 * more threads. */
	pool_open(&pool, job->kind == V2M_WIRE_CONVERT ? job->threads : 1);
	if (job->kind == V2M_WIRE_CONVERT)
		pool_share(&pool, job->share);
	sound_init(&t.sound, job, &t.demux, &pool, WORK_FD_OUTPUT, NULL);
	ret = run_job(&t, &err);
	torn = t.sound.encoder.torn;
	sound_release(&t.sound);
	copying_close(&t.copying);
	join_close(&t.join);
	feed_close(&t.feed);
	decode_close(&t.decoder);
	av_packet_free(&t.pkt);
	demux_close(&t.demux);
	tell_debug(&t);
	input_free(t.input);
	pool_close(&pool);
	if (ret < 0) {
		sandbox_blame(&err);
		report_failed(&err, torn);
	}
	return 0;
}
