/* One run of one job, from the claim to its end. */
#include "flow/convert_private.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/board.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/stop.h"
#include "flow/job.h"
#include "flow/room.h"
#include "media/settings.h"

#define PROGRESS_MS 2000	/* how often progress is written at most */
#define COPY_SIZE (256 * 1024)
#define STORE_FIRST_MS 500	/* pauses while the store is away */
#define STORE_MOST_MS 15000

/* One run of one job. */
struct run {
	struct v2m_loop *loop;
	struct v2m_services *s;
	const struct v2m_task *task;
	struct v2m_record *r;
	int64_t lease_ms;
	int64_t renewed_at, drain_until;	/* monotonic ms */
	int shown;				/* percent, as recorded */
	bool lost;				/* the lease is lost */
	bool handed_back;			/* a signal told us to stop */
	bool committing;		/* the record may name our MP3 */
	struct v2m_room room;
	struct v2m_settings settings;
	const struct v2m_media_result *result;	/* as far as it is known */
	int64_t length;				/* of the video */
	int line;				/* of the board */
};

static int
renew_lease(struct run *run, int percent, struct v2m_err *err)
{
	int64_t now = v2m_mono_ms();
	struct v2m_err why;
	int kept;

	if (run->task->message != NULL)
		v2m_queue_extend(run->s->queue, run->task->message, &why);
	kept = v2m_job_renew(run->s->store, run->r, run->lease_ms, percent,
	    &why);
	if (kept == 1) {
		run->renewed_at = now;
		run->shown = percent;
		return 0;
	}
	if (kept == 0) {
		run->lost = true;
		return v2m_err_set(err, V2M_TEMP, "another worker has the job "
		    "now");
	}
	/* The store is away: go on while the lease is certainly valid. */
	if (now - run->renewed_at < run->lease_ms / 4 * 3)
		return 0;
	run->lost = true;
	return v2m_err_set(err, V2M_TEMP, "could not renew the lease: %s",
	    why.msg);
}

static int
check_signals(struct run *run, struct v2m_err *err)
{
	int signals = v2m_stop_count();
	int64_t now = v2m_mono_ms();
	char percent[24] = "";		/* none is known at first */

	if (signals == 0)
		return 0;
	if (run->drain_until == 0) {
		int64_t wait_ms = v2m_conf_number(run->s->conf,
		    "drain_timeout");

		run->drain_until = now + wait_ms;
		if (run->shown >= 0)
			snprintf(percent, sizeof percent, "percent=%d ",
			    run->shown);
		v2m_event(run->r->id, "draining", "%swait_ms=%" PRId64,
		    percent, wait_ms);
	}
	if (signals == 1 && now < run->drain_until)
		return 0;
	run->handed_back = true;
	return v2m_err_set(err, V2M_TEMP, "told to stop");
}

/* Called by the media module about twice a second. */
static int
tick_lease(void *arg, int percent, struct v2m_err *err)
{
	struct run *run = arg;
	int64_t since = v2m_mono_ms() - run->renewed_at;

	v2m_board_update(run->line, percent);
	if (check_signals(run, err) < 0 ||
	    v2m_room_size(&run->room, run->result, &run->settings,
	    run->length, err) < 0)
		return -1;
	if (run->task->message != NULL)
		v2m_queue_tend(run->s->queue);
	if (since >= run->lease_ms / 6 ||
	    (percent != run->shown && since >= PROGRESS_MS))
		return renew_lease(run, percent, err);
	return 0;
}

static void
read_ahead(void *arg, size_t n, int64_t offset)
{
	v2m_reader_ahead(arg, n, offset);
}

static ssize_t
read_video(void *arg, void *buf, size_t n, int64_t offset,
    struct v2m_err *err)
{
	return v2m_reader_pread(arg, buf, n, offset, err);
}

/* Convert the video to a temporary file. */
static int
encode(struct run *run, int out, struct v2m_media_result *result,
    struct v2m_err *err)
{
	struct v2m_media_input in;
	struct v2m_media *media = ((struct v2m_converter *)run->loop->arg)->
	    media;
	struct v2m_settings *settings = &run->settings;
	struct v2m_reader *reader;
	int ret = -1;

	if (v2m_settings_parse(settings, run->r->options, err) < 0)
		return -1;
	if (settings->copy == V2M_COPY_UNSAID && v2m_settings_may_copy(
	    settings, v2m_conf_bool(run->s->conf, "copy")))
		settings->copy = V2M_COPY_CONFIGURED;
	reader = v2m_store_read(run->s->store, V2M_VIDEO, run->r->id, NULL,
	    err);
	if (reader == NULL) {
		if (err->code == V2M_NOINPUT)
			v2m_err_set(err, V2M_NOINPUT,
			    "its video is not in the store");
		return -1;
	}
	in.fd = v2m_reader_fd(reader);
	in.length = run->length = v2m_reader_length(reader);
	in.pread = read_video;
	in.ahead = read_ahead;
	in.arg = reader;
	in.name = run->r->name;
	run->result = result;
	ret = v2m_media_convert(media, &in, settings, out, tick_lease,
	    run, result, err);
	v2m_reader_free(reader);
	return ret;
}

/* Copy the temporary file to the store, under a new ID, and give back the space
 * that was kept there while it is filled. */
static int
store_mp3(struct run *run, int fd, int64_t bytes, struct v2m_object *mp3,
    struct v2m_err *err)
{
	char *buf = malloc(COPY_SIZE);
	struct v2m_writer *w = NULL;
	int64_t at = 0;
	ssize_t n;
	int ret = -1;

	run->room.sized = run->room.whole = true;
	memset(mp3, 0, sizeof *mp3);
	v2m_id_new(mp3->id);
	memcpy(mp3->video, run->r->id, sizeof mp3->video);
	memcpy(mp3->owner, run->r->owner, sizeof mp3->owner);
	v2m_text_file_name(mp3->name, run->r->name, ".mp3", run->r->id);
	mp3->fence = run->r->fence;
	if (buf == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot copy the MP3");
		goto out;
	}
	w = v2m_store_create(run->s->store, V2M_MP3, mp3->id, err);
	if (w == NULL)
		goto out;
	while ((n = v2m_io_pread(fd, buf, COPY_SIZE, at, "the MP3",
	    err)) > 0) {
		v2m_room_left(&run->room, bytes - at - n);
		if (v2m_writer_write(w, buf, (size_t)n, err) < 0 ||
		    tick_lease(run, run->shown, err) < 0)
			goto out;
		at += n;
	}
	if (n < 0 || v2m_writer_commit(w, mp3, err) < 0)
		goto out;
	ret = 0;
out:
	v2m_writer_free(w);
	free(buf);
	return ret;
}

static void
keep_warnings(struct v2m_record *r, const struct v2m_media_result *result)
{
	json_t *list = json_array();
	unsigned i;
	size_t n;

	for (i = 0; i < result->nwarnings && i < V2M_MEDIA_WARNINGS; i++) {
		json_array_append_new(list, json_string(result->warnings[i]));
		/* If one does not fit any more, leave it out. */
		if (json_dumpb(list, NULL, 0, JSON_COMPACT) >=
		    sizeof r->warnings)
			json_array_remove(list, i);
	}
	n = json_array_size(list) == 0 ? 0 :
	    json_dumpb(list, r->warnings, sizeof r->warnings - 1,
	    JSON_COMPACT);
	r->warnings[n < sizeof r->warnings ? n : 0] = '\0';
	json_decref(list);
}

/* The store is away at a moment when giving up would waste the whole run: wait
 * for it a little.  false: waiting does not help, a signal came, or the fault
 * stays and this is not a daemon. */
static bool
wait_for_store(const struct run *run, const char *id,
    const struct v2m_err *err, unsigned *tries)
{
	int pause = (int)v2m_backoff_ms(STORE_FIRST_MS, STORE_MOST_MS,
	    (*tries)++);

	if (err->code == V2M_NOINPUT || v2m_stop_count() > 0 ||
	    v2m_loop_gives_up(run->loop, err, *tries))
		return false;
	v2m_event_always(id, "waiting", "pause_ms=%d reason=\"%s\"", pause,
	    err->msg);
	return v2m_stop_sleep(pause) == 0;
}

static int
commit(struct run *run, const struct v2m_object *mp3,
    const struct v2m_media_result *result, struct v2m_err *err)
{
	struct v2m_record end = *run->r;
	unsigned tries = 0;
	int kept;

	run->committing = true;
	memcpy(end.mp3, mp3->id, sizeof end.mp3);
	memcpy(end.mp3_sha256, mp3->sha256, sizeof end.mp3_sha256);
	end.mp3_length = mp3->length;
	end.duration_ms = result->duration_ms;
	keep_warnings(&end, result);
	do
		kept = v2m_job_commit(run->s->store, run->r, &end, err);
	while (kept < 0 && wait_for_store(run, end.id, err, &tries));
	if (kept == 0) {
		run->lost = true;
		v2m_err_set(err, V2M_TEMP, "another worker has the job now");
	}
	return kept == 1 ? 0 : -1;
}

/* Remove the MP3 of the generation before.  If it is a foreign one, nothing
 * says which video it belongs to, so nobody would find it later. */
static void
remove_old(struct run *run, const char *old, const struct v2m_object *mp3)
{
	struct v2m_err err;

	if (old[0] != '\0' && strcmp(old, mp3->id) != 0 &&
	    v2m_store_remove(run->s->store, V2M_MP3, old, &err) < 0)
		v2m_debug("%s: %s", run->r->id, err.msg);
}

static void
tell_converted(const char *id, int64_t ms,
    const struct v2m_media_result *result)
{
	v2m_metric_add(V2M_METRIC_CONVERSIONS, NULL, 1);
	v2m_metric_add(V2M_METRIC_CONVERSION_SECONDS, NULL,
	    (double)ms / 1000);
	v2m_metric_add(V2M_METRIC_SOUND_SECONDS, NULL,
	    (double)result->duration_ms / 1000);
	v2m_metric_add(V2M_METRIC_MP3_BYTES, NULL, (double)result->bytes);
	v2m_event(id, "converted", "ms=%" PRId64 " duration_ms=%" PRId64
	    " bytes=%" PRId64 " cpu_ms=%" PRId64 " warnings=%u result=ok", ms,
	    result->duration_ms, result->bytes, result->cpu_ms,
	    result->nwarnings);
}

/* From the claim to the commit. */
static int
convert_claimed(struct run *run, struct v2m_err *err)
{
	int64_t begun = v2m_mono_ms();
	struct v2m_media_result result;
	char old[V2M_ID_SIZE];
	struct v2m_object mp3;
	struct v2m_err ignored;
	int out, ret = -1;

	memcpy(old, run->r->mp3, sizeof old);
	out = v2m_io_tmpfile(NULL, err);
	if (out < 0)
		return -1;
	if (v2m_room_open(&run->room, run->s, out, err) < 0 ||
	    v2m_fault("claimed", err) < 0 ||
	    encode(run, out, &result, err) < 0 ||
	    v2m_fault("encoded", err) < 0 ||
	    store_mp3(run, out, result.bytes, &mp3, err) < 0)
		goto out;
	if (v2m_fault("stored", err) < 0 ||
	    commit(run, &mp3, &result, err) < 0) {
		/* If the record may name the MP3, it stays: v2m-prune removes
		 * one too many, but nothing makes a missing one again. */
		if (run->lost || !run->committing)
			v2m_store_remove(run->s->store, V2M_MP3, mp3.id,
			    &ignored);
		goto out;
	}
	tell_converted(run->r->id, v2m_mono_ms() - begun, &result);
	ret = v2m_fault("committed", err);
	if (ret == 0)
		remove_old(run, old, &mp3);
out:
	v2m_room_close(&run->room);
	close(out);
	return ret;
}

/* Has the job failed for good?  Yes if the media program says that the file is
 * bad, or if the sandbox forbade something, as it would do so again.  All else
 * is trouble of the service, which passes or is repaired: a folder that cannot
 * be written to, a disk that fails. */
static bool
is_final(const struct v2m_err *why)
{
	return why->code == V2M_DATA || why->code == V2M_NOINPUT ||
	    why->code == V2M_PROTOCOL || v2m_media_is_forbidden(why);
}

/* Record how the run ended.  If the store is away, wait: no other worker can
 * claim the job now, and a lease that runs out would count against the job. */
static int
record_failure(struct run *run, const struct v2m_err *why)
{
	bool own_fault = why->code == V2M_FAILED || why->code == V2M_BUG ||
	    v2m_err_is_damage(why);
	struct v2m_store *store = run->s->store;
	unsigned tries = 0;
	struct v2m_err err;
	int moved;

	do {
		if (run->handed_back)
			moved = v2m_job_hand_back(store, run->r, &err);
		else if (is_final(why))
			moved = v2m_job_fail(store, run->r, why, &err);
		else
			moved = v2m_job_postpone(store, run->r, why, own_fault,
			    run->s->conf, &err);
	} while (moved < 0 && wait_for_store(run, run->r->id, &err,
	    &tries));
	return moved;
}

/* The run failed: decide what happens to the job and its message. */
static void
settle_failure(struct run *run, const struct v2m_err *why,
    struct v2m_outcome *o)
{
	struct v2m_record *r = run->r;
	int moved = run->lost ? 0 : record_failure(run, why);

	o->err = *why;
	if (moved == 1 && r->state == V2M_JOB_FAILED) {
		v2m_convert_log_failed(run->task, r);
		v2m_convert_conclude(run->s, run->task, r, o);
	} else if (moved == 1 && run->handed_back) {
		v2m_event(r->id, "handed-back", NULL);
		o->err.code = V2M_OK;	/* it is not a failure to be stopped */
		v2m_convert_again(o, 0);
	} else if (moved == 1) {
		v2m_convert_again(o, r->due - v2m_wall_ms());
	} else if (moved == 0) {
		o->err.code = V2M_OK;	/* the other worker reports it */
		v2m_convert_again(o, 0);
	} else {
		v2m_convert_again(o, run->lease_ms);
	}
}

void
v2m_convert_run(struct v2m_loop *loop, struct v2m_services *s,
    const struct v2m_task *task, struct v2m_record *r,
    struct v2m_outcome *o)
{
	struct run run = { .loop = loop, .s = s, .task = task, .r = r,
	    .room.stored = -1 };
	struct v2m_err why;

	run.lease_ms = v2m_conf_number(s->conf, "lease");
	run.renewed_at = v2m_mono_ms();
	run.shown = -1;
	v2m_debug("%s: claimed, fence %" PRId64, r->id, r->fence);
	run.line = v2m_board_add(r->name);
	if (convert_claimed(&run, &why) < 0)
		settle_failure(&run, &why, o);
	else
		v2m_convert_conclude(s, task, r, o);
	v2m_board_remove(run.line);
}
