#include "flow/figures.h"

#include <string.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/metrics.h"

#define INTERVAL_MS 60000

/* --- asking --- */

static int
ask_store(struct v2m_services *s, struct v2m_figures *f, struct v2m_err *err)
{
	const struct v2m_filter undelivered = { .state = -1,
	    .undelivered = true };

	if (v2m_store_now(s->store, &f->now_ms, err) < 0 ||
	    v2m_store_census(s->store, &f->census, err) < 0 ||
	    v2m_store_count(s->store, &undelivered, &f->undelivered, err) < 0)
		return -1;
	f->has_store = true;
	return 0;
}

static int
ask_queue(struct v2m_services *s, struct v2m_figures *f, struct v2m_err *err)
{
	if (v2m_queue_depth(s->queue, v2m_conf_text(s->conf, "queue_video"),
	    &f->video, err) < 0 ||
	    v2m_queue_depth(s->queue, v2m_conf_text(s->conf, "queue_mp3"),
	    &f->mp3, err) < 0 ||
	    v2m_queue_depth(s->queue, V2M_QUEUE_NOTIFY, &f->notification,
	    err) < 0)
		return -1;
	f->has_queue = true;
	return 0;
}

static double
free_bytes(const struct v2m_conf *conf)
{
	const char *dir = v2m_conf_rest(conf, v2m_store_objects_key(conf),
	    "dir");
	struct statvfs v;

	return dir == NULL || statvfs(dir, &v) < 0 ? -1 :
	    (double)v.f_bavail * (double)v.f_frsize;
}

int
v2m_figures_read(struct v2m_services *s, struct v2m_figures *f,
    struct v2m_err *err)
{
	int store, queue;

	memset(f, 0, sizeof *f);
	f->free_bytes = free_bytes(s->conf);
	store = ask_store(s, f, err);
	queue = ask_queue(s, f, err);
	return store == 0 && queue == 0 ? 0 : -1;
}

/* --- writing --- */

static void
single(FILE *out, const char *name, const char *help, const char *labels,
    double value)
{
	v2m_metrics_family(out, name, "gauge", help);
	v2m_metrics_line(out, name, labels, "", value);
}

static void
by_state(FILE *out, const char *name, const char *labels, int state,
    double value)
{
	char more[64];

	snprintf(more, sizeof more, "state=\"%s\"",
	    v2m_state_word((enum v2m_state)state));
	v2m_metrics_line(out, name, labels, more, value);
}

static double
age_s(const struct v2m_figures *f, int state)
{
	int64_t oldest = f->census.states[state].oldest_ms;

	return oldest == 0 ? 0 : (double)(f->now_ms - oldest) / 1000;
}

static void
write_jobs(FILE *out, const struct v2m_figures *f, const char *labels)
{
	const struct v2m_census *c = &f->census;
	int i;

	v2m_metrics_family(out, "v2m_jobs", "gauge",
	    "Jobs that have a record, by state.");
	for (i = 0; i < V2M_JOB_STATES; i++)
		by_state(out, "v2m_jobs", labels, i,
		    (double)c->states[i].jobs);
	v2m_metrics_family(out, "v2m_job_oldest_seconds", "gauge",
	    "Age of the oldest job that has not ended, by state.");
	for (i = 0; i < V2M_JOB_STATES; i++)
		if (i != V2M_JOB_DONE && i != V2M_JOB_FAILED &&
		    i != V2M_JOB_CANCELLED)
			by_state(out, "v2m_job_oldest_seconds", labels, i,
			    age_s(f, i));
}

static void
write_done(FILE *out, const struct v2m_figures *f, const char *labels)
{
	const struct v2m_census *c = &f->census;

	single(out, "v2m_conversions", "Jobs that are done and have a record.",
	    labels, (double)c->states[V2M_JOB_DONE].jobs);
	single(out, "v2m_conversion_seconds",
	    "Time from upload to MP3 of these, together.", labels,
	    (double)c->states[V2M_JOB_DONE].took_ms / 1000);
	single(out, "v2m_sound_seconds",
	    "Sound in the MP3s of these, together.", labels,
	    (double)c->states[V2M_JOB_DONE].sound_ms / 1000);
	single(out, "v2m_mp3_bytes", "Bytes of the MP3s of these, together.",
	    labels, (double)c->states[V2M_JOB_DONE].mp3_bytes);
	single(out, "v2m_notices_undelivered",
	    "Ends whose notice failed, or may not have arrived.", labels,
	    (double)f->undelivered);
}

static void
write_queues(FILE *out, const struct v2m_figures *f, const char *labels)
{
	v2m_metrics_family(out, "v2m_queue_depth", "gauge",
	    "Messages that no worker has taken.");
	v2m_metrics_line(out, "v2m_queue_depth", labels, "queue=\"video\"",
	    (double)f->video);
	v2m_metrics_line(out, "v2m_queue_depth", labels, "queue=\"mp3\"",
	    (double)f->mp3);
	v2m_metrics_line(out, "v2m_queue_depth", labels, "queue=\"notice\"",
	    (double)f->notification);
}

void
v2m_figures_write(FILE *out, const struct v2m_figures *f, const char *labels)
{
	v2m_metrics_family(out, "v2m_up", "gauge", "Does the service answer?");
	v2m_metrics_line(out, "v2m_up", labels, "service=\"store\"",
	    f->has_store);
	v2m_metrics_line(out, "v2m_up", labels, "service=\"queue\"",
	    f->has_queue);
	if (f->free_bytes >= 0)
		single(out, "v2m_store_free_bytes",
		    "Room that is left where videos and MP3s are.", labels,
		    f->free_bytes);
	if (f->has_store) {
		write_jobs(out, f, labels);
		write_done(out, f, labels);
	}
	if (f->has_queue)
		write_queues(out, f, labels);
}

/* --- kept for a file --- */

static struct v2m_figures kept;
static bool is_kept;

void
v2m_figures_turn(const struct v2m_conf *conf, int64_t *next)
{
	struct v2m_services s;
	struct v2m_err ignored;

	if (v2m_conf_text(conf, "metrics_file")[0] == '\0' ||
	    v2m_mono_ms() < *next)
		return;
	*next = v2m_mono_ms() + INTERVAL_MS;
	is_kept = true;
	if (v2m_services_open(&s, conf, true, &ignored) < 0) {
		memset(&kept, 0, sizeof kept);
		kept.free_bytes = -1;
		return;
	}
	v2m_figures_read(&s, &kept, &ignored);
	v2m_services_close(&s);
}

void
v2m_figures_kept(FILE *out, const char *labels)
{
	if (is_kept)
		v2m_figures_write(out, &kept, labels);
}
