/* The child's reports, which are not trusted, as it reads hostile files. */

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "media/frame.h"
#include "media/private.h"

#define CHAPTERS_MAX 255
#define COVER_MAX (5 << 20)
#define SAMPLES_MAX (INT64_C(48000) * 3600 * 24 * 366)

static bool
between(int64_t n, int64_t min, int64_t max)
{
	return n >= min && n <= max;
}

/* Copy a text that has its NUL within its field; what follows the NUL is
 * ignored. */
static bool
text(char *dst, size_t dst_size, const char *src, size_t src_size)
{
	if (memchr(src, '\0', src_size) == NULL)
		return false;
	v2m_text_copy(dst, dst_size, src);
	return true;
}
#define TEXT(dst, src) text(dst, sizeof(dst), src, sizeof(src))

static bool
take_source(struct v2m_reports *r, const struct v2m_wire_report *w)
{
	struct v2m_media_result *to = r->result;

	if (r->source || !TEXT(to->format, w->u.source.format) ||
	    !TEXT(to->codec, w->u.source.codec) ||
	    !between(w->u.source.rate_hz, 0, INT_MAX) ||
	    !between(w->u.source.channels, 0, INT_MAX) ||
	    !between(w->u.source.claimed_ms, -1, INT64_MAX / 1000000))
		return false;
	to->source_rate_hz = w->u.source.rate_hz;
	to->source_channels = w->u.source.channels;
	to->claimed_ms = w->u.source.claimed_ms;
	r->source = true;
	return true;
}

static bool
take_tag(struct v2m_reports *r, const struct v2m_wire_report *w)
{
	struct v2m_media_result *to = r->result;
	const unsigned max = sizeof to->tags / sizeof to->tags[0];

	char *value;

	if (to->ntags == max || w->u.tag.key[0] == '\0' ||
	    !TEXT(to->tags[to->ntags].key, w->u.tag.key) ||
	    !TEXT(to->tags[to->ntags].value, w->u.tag.value))
		return false;
	value = to->tags[to->ntags].value;
	if (v2m_tag_has_lines(to->tags[to->ntags].key))
		v2m_text_copy_lines(value, V2M_MEDIA_TEXT, w->u.tag.value);
	to->ntags++;
	return true;
}

static bool
take_warning(struct v2m_reports *r, const struct v2m_wire_report *w)
{
	struct v2m_media_result *to = r->result;

	if (w->u.warning.note != 0) {
		if (to->nnotes == V2M_MEDIA_NOTES ||
		    !TEXT(to->notes[to->nnotes], w->u.warning.text))
			return false;
		to->nnotes++;
		return true;
	}
	if (to->nwarnings == V2M_MEDIA_WARNINGS ||
	    !TEXT(to->warnings[to->nwarnings], w->u.warning.text))
		return false;
	to->nwarnings++;
	return true;
}

static bool
take_up(struct v2m_reports *r, const struct v2m_wire_report *w)
{
	struct v2m_media_sandbox *to = &r->result->sandbox;

	if (r->kind != V2M_WIRE_SANDBOX ||
	    !TEXT(to->why_not, w->u.up.why_not) ||
	    !between(w->u.up.landlock, 0, INT_MAX))
		return false;
	to->landlock = w->u.up.landlock;
	to->memory = w->u.up.memory != 0;
	to->filter = w->u.up.filter != 0;
	return true;
}

/* -300 to 100 dB, or silence. */
static bool
take_level(double *to, int32_t hundredths)
{
	*to = hundredths == V2M_WIRE_SILENCE ? -HUGE_VAL : hundredths / 100.0;
	return hundredths == V2M_WIRE_SILENCE ||
	    between(hundredths, -30000, 10000);
}

static bool
take_loudness(struct v2m_media_loudness *to, const struct v2m_wire_report *w)
{
	to->measured = w->u.done.measured != 0;
	return take_level(&to->lufs, w->u.done.lufs) &&
	    take_level(&to->peak_dbtp, w->u.done.peak_dbtp) &&
	    take_level(&to->gain_db, w->u.done.gain_db) &&
	    isfinite(to->gain_db);
}

static bool
take_downmix(struct v2m_media_downmix *to, const struct v2m_wire_report *w)
{
	to->mixed = w->u.done.mixed != 0;
	return take_level(&to->peak_dbfs, w->u.done.mix_peak_dbfs) &&
	    take_level(&to->gain_db, w->u.done.mix_gain_db) &&
	    isfinite(to->gain_db);
}

static bool
take_track(struct v2m_reports *r, const struct v2m_wire_report *w)
{
	struct v2m_media_track *to;

	if (r->tracks == NULL || r->tracks->n == V2M_MEDIA_TRACKS ||
	    w->u.track.number != r->tracks->n + 1)
		return false;
	to = &r->tracks->tracks[r->tracks->n];
	if (!TEXT(to->codec, w->u.track.codec) ||
	    !TEXT(to->language, w->u.track.language) ||
	    !TEXT(to->title, w->u.track.title) ||
	    !between(w->u.track.rate_hz, 0, INT_MAX) ||
	    !between(w->u.track.channels, 0, INT_MAX))
		return false;
	to->rate_hz = w->u.track.rate_hz;
	to->channels = w->u.track.channels;
	to->flags = w->u.track.flags;
	r->tracks->n++;
	return true;
}

static bool
take_done(struct v2m_reports *r, const struct v2m_wire_report *w)
{
	struct v2m_media_result *to = r->result;
	int rate = w->u.done.rate_hz;

	if (!(r->source || r->kind == V2M_WIRE_SANDBOX ||
	    r->kind == V2M_WIRE_TRACKS) ||
	    w->u.done.warnings < to->nwarnings ||
	    !between(w->u.done.warnings, 0, INT_MAX) ||
	    !between(w->u.done.damaged_packets, 0, INT64_MAX))
		return false;
	if (!take_loudness(&to->loudness, w) ||
	    !take_downmix(&to->downmix, w))
		return false;
	to->copied = w->u.done.copied != 0;
	to->nwarnings = w->u.done.warnings;
	to->damaged_packets = w->u.done.damaged_packets;
	r->done = true;
	if (r->kind != V2M_WIRE_CONVERT)
		return true;
	if (rate <= 0 || v2m_frame_rate(rate) != rate ||
	    !between(w->u.done.channels, 1, 2) ||
	    !between(w->u.done.samples, 1, SAMPLES_MAX) ||
	    !between(w->u.done.filled_samples, 0, w->u.done.samples) ||
	    !between(w->u.done.chapters, 0, CHAPTERS_MAX) ||
	    !between(w->u.done.cover, V2M_COVER_NONE, V2M_COVER_PNG) ||
	    !between(w->u.done.cover_bytes, 0, COVER_MAX) ||
	    (w->u.done.cover == V2M_COVER_NONE) !=
	    (w->u.done.cover_bytes == 0) ||
	    !between(w->u.done.frames, 1, SAMPLES_MAX) ||
	    !between(w->u.done.bytes, 1, INT64_MAX))
		return false;
	to->rate_hz = rate;
	to->channels = w->u.done.channels;
	to->samples = w->u.done.samples;
	to->filled_samples = w->u.done.filled_samples;
	to->source_samples = to->samples - to->filled_samples;
	to->frames = w->u.done.frames;
	to->bytes = w->u.done.bytes;
	to->chapters = w->u.done.chapters;
	to->cover = (enum v2m_cover)w->u.done.cover;
	to->cover_bytes = w->u.done.cover_bytes;
	to->duration_ms = (to->samples * 1000 + rate / 2) / rate;
	return true;
}

static bool
take_failed(struct v2m_reports *r, const struct v2m_wire_report *w)
{
	char reason[V2M_MEDIA_TEXT];

	if (!TEXT(reason, w->u.failed.text) || reason[0] == '\0')
		return false;
	switch (w->u.failed.code) {
	case V2M_DATA:
	case V2M_FAILED:
	case V2M_IO:
	case V2M_TEMP:
	case V2M_BUG:
		break;
	default:
		return false;
	}
	v2m_err_set(&r->failure, (enum v2m_code)w->u.failed.code, "%s",
	    reason);
	if (w->u.failed.spent != 0)
		v2m_media_spent(&r->failure, reason);
	if (w->u.failed.lacks == V2M_WIRE_LACKS_FILTER)
		r->failure.sys = ENOSYS;
	else if (w->u.failed.lacks != V2M_WIRE_LACKS_NOTHING)
		r->failure.sys = ENOTSUP;
	r->failed = true;
	r->torn = w->u.failed.torn != 0;
	return true;
}

int
v2m_media_forbidden(const char *call, struct v2m_err *err)
{
	v2m_err_set(err, V2M_BUG, "the sandbox ended the decoder at a "
	    "forbidden system call (%s): a fault of v2m, or an attack", call);
	if (err != NULL)
		err->sys = EPERM;
	return -1;
}

bool
v2m_media_is_forbidden(const struct v2m_err *err)
{
	return err->code == V2M_BUG && err->sys == EPERM;
}

int
v2m_media_spent(struct v2m_err *err, const char *what)
{
	v2m_err_set(err, V2M_FAILED, "%s", what);
	if (err != NULL)
		err->sys = ETIME;
	return -1;
}

bool
v2m_media_is_spent(const struct v2m_err *err)
{
	return err->code == V2M_FAILED && err->sys == ETIME;
}

/* By the failure that the child told (take_failed()). */
int
v2m_media_tell_way_out(struct v2m_err *err)
{
	struct v2m_err why = { .code = V2M_OK };
	bool filter;

	if (err != NULL)
		why = *err;
	filter = why.sys == ENOSYS;
	if (why.code != V2M_TEMP || (!filter && why.sys != ENOTSUP))
		return -1;
	v2m_err_set(err, V2M_CONFIG, "%s (sandbox = %s in the configuration "
	    "does without%s)", why.msg, filter ? "partly" : "no",
	    filter ? " it" : "");
	err->sys = ENOSYS;
	return -1;
}

bool
v2m_media_lacks_sandbox(const struct v2m_err *err)
{
	return err->code == V2M_CONFIG && err->sys == ENOSYS;
}

static bool
take_forbidden(struct v2m_reports *r, const struct v2m_wire_report *w)
{
	char call[sizeof w->u.forbidden.call];

	if (!TEXT(call, w->u.forbidden.call) || call[0] == '\0')
		return false;
	v2m_media_forbidden(call, &r->failure);
	r->failed = true;
	return true;
}

static bool
take_report(struct v2m_reports *r, const struct v2m_wire_report *w)
{
	if (w->magic != V2M_WIRE_REPORT || w->version != V2M_WIRE_VERSION ||
	    w->zero != 0 || r->done || r->failed)
		return false;
	switch (w->what) {
	case V2M_WIRE_PROGRESS:
		if (!between(w->u.progress.percent, 0, 100))
			return false;
		r->percent = w->u.progress.percent;
		return true;
	case V2M_WIRE_SOURCE:
		return take_source(r, w);
	case V2M_WIRE_TAG:
		return take_tag(r, w);
	case V2M_WIRE_WARNING:
		return take_warning(r, w);
	case V2M_WIRE_UP:
		return take_up(r, w);
	case V2M_WIRE_TRACK:
		return take_track(r, w);
	case V2M_WIRE_DONE:
		return take_done(r, w);
	case V2M_WIRE_FAILED:
		return take_failed(r, w);
	case V2M_WIRE_FORBIDDEN:
		return take_forbidden(r, w);
	default:
		return false;
	}
}

int
v2m_reports_take(struct v2m_reports *r, const void *message, size_t n,
    struct v2m_err *err)
{
	struct v2m_wire_report w;

	if (n == sizeof w) {
		memcpy(&w, message, sizeof w);
		if (take_report(r, &w))
			return 0;
	}
	return v2m_err_set(err, V2M_BUG,
	    "the media program sent an invalid report");
}
