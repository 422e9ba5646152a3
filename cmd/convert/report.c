/* Reports the result of each file, for people and as JSON. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "base/log.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/text.h"
#include "media/frame.h"
#include "run.h"

static json_t *
tags_json(const struct v2m_media_result *r)
{
	json_t *tags = json_object();

	for (unsigned i = 0; i < r->ntags; i++)
		json_object_set_new(tags, r->tags[i].key,
		    json_string(r->tags[i].value));
	return tags;
}

static json_t *
warnings_json(const struct v2m_media_result *r)
{
	json_t *warnings = json_array();

	for (unsigned i = 0; i < r->nwarnings && i < V2M_MEDIA_WARNINGS; i++)
		json_array_append_new(warnings, json_string(r->warnings[i]));
	for (unsigned i = 0; i < r->nnotes; i++)
		json_array_append_new(warnings, json_string(r->notes[i]));
	return warnings;
}

/* In LUFS and dB; null for silence. */
static json_t *
level_json(double db)
{
	return isfinite(db) ? json_real(db) : json_null();
}

static json_t *
loudness_json(const struct v2m_media_loudness *l)
{
	if (!l->measured)
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "lufs", level_json(l->lufs),
	    "peak_dbtp", level_json(l->peak_dbtp),
	    "gain_db", level_json(l->gain_db));
}

static json_t *
downmix_json(const struct v2m_media_downmix *d)
{
	if (!d->mixed)
		return json_null();
	return json_pack("{s:o, s:o}", "peak_dbfs", level_json(d->peak_dbfs),
	    "gain_db", level_json(d->gain_db));
}

static json_t *
cover_json(const struct v2m_media_result *r)
{
	if (r->cover == V2M_COVER_NONE)
		return json_null();
	return json_pack("{s:s, s:I}", "type", r->cover == V2M_COVER_PNG ?
	    "image/png" : "image/jpeg", "bytes", (json_int_t)r->cover_bytes);
}

static void
print_json(const char *in, const char *out, const struct v2m_media_result *r)
{
	char clean_in[PATH_MAX], clean_out[PATH_MAX];
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:o, s:i, s:i, "
	    "s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o, s:o, s:o, s:i, s:o, "
	    "s:o, s:i, "
	    "s:I, s:I}",
	    "input", v2m_text_copy(clean_in, sizeof clean_in, in),
	    "output", v2m_text_copy(clean_out, sizeof clean_out, out),
	    "format", r->format, "codec", r->codec,
	    "source_rate", r->source_rate_hz,
	    "source_channels", r->source_channels,
	    "claimed_ms", r->claimed_ms < 0 ? json_null() :
	    json_integer(r->claimed_ms),
	    "rate", r->rate_hz, "channels", r->channels,
	    "samples", (json_int_t)r->samples,
	    "source_samples", (json_int_t)r->source_samples,
	    "filled_samples", (json_int_t)r->filled_samples,
	    "damaged_packets", (json_int_t)r->damaged_packets,
	    "frames", (json_int_t)r->frames, "bytes", (json_int_t)r->bytes,
	    "duration_ms", (json_int_t)r->duration_ms,
	    "copied", r->copied, "loudness", loudness_json(&r->loudness),
	    "downmix", downmix_json(&r->downmix),
	    "tags", tags_json(r), "chapters", r->chapters,
	    "cover", cover_json(r), "warnings", warnings_json(r),
	    "warning_count", (int)r->nwarnings,
	    "cpu_ms", (json_int_t)r->cpu_ms,
	    "peak_kib", (json_int_t)r->peak_kib);

	json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(o);
}

static void
mention(const struct run *run, const char *in,
    const struct v2m_media_result *r)
{
	int asked = run->settings.bitrate_kbps;

	for (unsigned i = 0; i < r->nwarnings && i < V2M_MEDIA_WARNINGS; i++)
		v2m_warn("%s: %s", in, r->warnings[i]);
	for (unsigned i = 0; i < r->nnotes; i++)
		v2m_info("%s: %s", in, r->notes[i]);
	if (r->nwarnings > V2M_MEDIA_WARNINGS)
		v2m_warn("%s: %u more warnings", in,
		    r->nwarnings - V2M_MEDIA_WARNINGS);
	if (asked > 0 && v2m_frame_bitrate(r->rate_hz, asked) != asked)
		v2m_info("%s: %dk, for an MP3 at %d Hz cannot have %dk", in,
		    v2m_frame_bitrate(r->rate_hz, asked), r->rate_hz, asked);
}

static void
report_skipped(struct run *run, const char *in, const struct target *t)
{
	char clean_in[PATH_MAX], clean_out[PATH_MAX];
	json_t *o;

	v2m_info("%s: '%s' is there, skipped", in, t->path);
	v2m_tally_done(&run->tally);
	if (!run->cli->json) {
		puts(t->path);
		return;
	}
	o = json_pack("{s:s, s:s, s:b}",
	    "input", v2m_text_copy(clean_in, sizeof clean_in, in),
	    "output", v2m_text_copy(clean_out, sizeof clean_out, t->path),
	    "skipped", true);
	v2m_cli_print_json(o);
}

static void
report_made(struct run *run, const char *in, const struct target *t,
    const struct v2m_media_result *r)
{
	mention(run, in, r);
	if (r->nwarnings > 0)
		v2m_tally_warned(&run->tally);
	else
		v2m_tally_done(&run->tally);
	if (run->cli->json)
		print_json(in, t->path, r);
	else if (t->path[0] != '\0')
		puts(t->path);
}

void
run_report(struct run *run, int i, const struct target *t,
    const struct v2m_media_result *r, const struct v2m_err *err)
{
	const char *in = run_input_name(run, i);

	if (run->n == 1)
		v2m_progress_end();
	if (err == NULL && t->skipped)
		report_skipped(run, in, t);
	else if (err == NULL)
		report_made(run, in, t, r);
	else if (v2m_stop_count() == 0)
		v2m_cli_failed(run->cli, &run->tally, in, err);
	fflush(stdout);
}
