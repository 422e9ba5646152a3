#include "engine/work.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/filter.h"
#include "engine/output.h"
#include "engine/sandbox.h"
#include "engine/task.h"
#include "engine/tracks.h"

#define MEASURING 20		/* percent of the progress */
#define MIX_PEAK_DBFS -0.1	/* peak of a mix that would exceed full scale */

/* Was the pass right, so that it need not be repeated? */
static bool
heard_rightly(struct task *t)
{
	t->from_start |= sound_astray(&t->sound);
	return !sound_astray(&t->sound) &&
	    (t->enough || !sound_misplaced(&t->sound, &t->verdict));
}

/* Read the file again for the same purpose. */
static int
hear_again(struct task *t, struct v2m_err *err)
{
	bool measures = t->sound.measures;
	bool chosen = t->sound.gain_chosen;
	double gain_db = t->sound.gain_db;
	int percent = t->percent, percent_end = t->percent_end;

	if (!measures)
		report_seal();
	if (task_begin_again(t, err) < 0)
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

/* Decode the sound; again if silence belongs elsewhere, or a seek failed. */
static int
hear_all(struct task *t, struct v2m_err *err)
{
	for (;;) {
		if (task_decode_all(t, err) < 0)
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

/* If the downmix exceeds full scale, that is no source channel's fault: one
 * gain for all of it, in addition to that of the loudness. */
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

/* Decode the whole sound to measure its loudness. */
static int
measure(struct task *t, struct v2m_err *err)
{
	struct loudness_measured m;

	/* The next pass reports the same again. */
	report_hold();
	t->sound.measures = true;
	t->percent_end = MEASURING;
	if (hear_all(t, err) < 0)
		return -1;
	report_forget();
	if (!t->heard)
		return task_no_sound(t, err);
	if (sound_measured(&t->sound, &m, err) < 0)
		return -1;
	choose_gain(t, &m, t->sound.resample.rate_hz);
	choose_downmix(t);
	if (task_begin_again(t, err) < 0)
		return -1;
	use_gain(t);
	return 0;
}

/* Encode again with a lower gain.  Reports were sent already. */
static int
encode_lower(struct task *t, struct v2m_err *err)
{
	choose_downmix(t);
	if (task_begin_again(t, err) < 0)
		return -1;
	use_gain(t);
	report_hold();
	if (task_decode_all(t, err) < 0)
		return -1;
	report_forget();
	return 0;
}

static int
convert_job(struct task *t, struct v2m_err *err)
{
	struct report_done done = { .bytes = 0 };

	if (t->job->settings.copy >= V2M_COPY_YES) {
		int ret = task_copy(t, err);

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
		return task_no_sound(t, err);
	task_tell_shortcomings(t, done.damaged_packets);
	if (sound_finish(&t->sound, &done, err) < 0)
		return -1;
	if (!t->sound.audible && !t->enough)
		task_tell_silent(t);
	report_percent(100);
	report_done(&done);
	return 0;
}

static int
probe(struct task *t, struct v2m_err *err)
{
	struct report_done done = { .bytes = 0 };

	if (task_decode_all(t, err) < 0)
		return -1;
	done.damaged_packets = t->demux.damaged + t->decoder.damaged;
	if (!t->heard && !t->enough)
		return task_no_sound(t, err);
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
hear_job(struct task *t, struct v2m_err *err)
{
	return t->job->kind == V2M_WIRE_PROBE ? probe(t, err) :
	    convert_job(t, err);
}

static int
run_job(struct task *t, struct v2m_err *err)
{
	int ret;

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
	if (task_open_source(t, err) < 0)
		return -1;
	ret = hear_job(t, err);
	if (ret < 0 && t->nothing && task_take_other(t, err) > 0)
		ret = hear_job(t, err);
	return ret;
}

/* For debugging and for tests. */
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
	/* Before any input is read: later no thread can be created. */
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
		report_failed(&err, torn, sandbox_lacks());
	}
	return 0;
}
