#include "engine/report.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "engine/kind.h"
#include "engine/work.h"

#define HELD_MOST 64		/* more than source, tags and warnings */

static unsigned nwarnings, nnotes;
static struct v2m_wire_report held[HELD_MOST];
static unsigned nheld, warnings_before, notes_before;
static bool holds, sealed;

static struct v2m_wire_report
blank(enum v2m_wire_what what)
{
	struct v2m_wire_report r;

	/* Padding too: no memory of this process may leak. */
	memset(&r, 0, sizeof r);
	r.magic = V2M_WIRE_REPORT;
	r.version = V2M_WIRE_VERSION;
	r.what = what;
	return r;
}

static void
send_report(const struct v2m_wire_report *r)
{
	(void)send(WORK_FD_REPORTS, r, sizeof *r, MSG_NOSIGNAL);
}

static void
tell(const struct v2m_wire_report *r)
{
	if (sealed && (r->what == V2M_WIRE_SOURCE || r->what == V2M_WIRE_TAG))
		return;
	if (!holds || r->what == V2M_WIRE_PROGRESS ||
	    r->what == V2M_WIRE_FAILED)
		send_report(r);
	else if (nheld < HELD_MOST)
		held[nheld++] = *r;
}

void
report_seal(void)
{
	sealed = true;
}

void
report_hold(void)
{
	holds = true;
	nheld = 0;
	warnings_before = nwarnings;
	notes_before = nnotes;
}

void
report_release(void)
{
	for (unsigned i = 0; i < nheld; i++)
		send_report(&held[i]);
	holds = false;
}

void
report_forget(void)
{
	nwarnings = warnings_before;
	nnotes = notes_before;
	holds = false;
}

void
report_percent(int percent)
{
	static int last = -1;
	struct v2m_wire_report r = blank(V2M_WIRE_PROGRESS);

	if (percent <= last || percent > 100)
		return;
	last = percent;
	r.u.progress.percent = percent;
	tell(&r);
}

void
report_source(const char *format, const char *codec, int rate_hz,
    int channels, int64_t claimed_ms)
{
	struct v2m_wire_report r = blank(V2M_WIRE_SOURCE);

	v2m_text_copy(r.u.source.format, sizeof r.u.source.format, format);
	v2m_text_copy(r.u.source.codec, sizeof r.u.source.codec, codec);
	r.u.source.rate_hz = rate_hz;
	r.u.source.channels = channels;
	r.u.source.claimed_ms = claimed_ms;
	tell(&r);
}

void
report_tag(const char *key, const char *value)
{
	struct v2m_wire_report r = blank(V2M_WIRE_TAG);

	v2m_text_copy(r.u.tag.key, sizeof r.u.tag.key, key);
	v2m_text_copy_lines(r.u.tag.value, sizeof r.u.tag.value, value);
	tell(&r);
}

void
report_track(int number, const AVStream *st, const char *language,
    const char *title, unsigned flags)
{
	const AVCodecParameters *p = st->codecpar;
	struct v2m_wire_report r = blank(V2M_WIRE_TRACK);

	r.u.track.number = number;
	r.u.track.rate_hz = p->sample_rate > 0 ? p->sample_rate : 0;
	r.u.track.channels = p->ch_layout.nb_channels > 0 ?
	    p->ch_layout.nb_channels : 0;
	r.u.track.flags = flags;
	kind_name(r.u.track.codec, st);
	v2m_text_copy(r.u.track.language, sizeof r.u.track.language, language);
	v2m_text_copy(r.u.track.title, sizeof r.u.track.title, title);
	tell(&r);
}

static void __attribute__((format(printf, 2, 0)))
tell_warning(bool note, const char *fmt, va_list args)
{
	struct v2m_wire_report r = blank(V2M_WIRE_WARNING);

	r.u.warning.note = note;
	vsnprintf(r.u.warning.text, sizeof r.u.warning.text, fmt, args);
	tell(&r);
}

void
report_warning(const char *fmt, ...)
{
	va_list args;

	if (nwarnings++ >= V2M_MEDIA_WARNINGS)
		return;
	va_start(args, fmt);
	tell_warning(false, fmt, args);
	va_end(args);
}

void
report_note(const char *fmt, ...)
{
	va_list args;

	if (nnotes++ >= V2M_MEDIA_NOTES)
		return;
	va_start(args, fmt);
	tell_warning(true, fmt, args);
	va_end(args);
}

void
report_up(int landlock, bool memory, const char *why_not)
{
	struct v2m_wire_report r = blank(V2M_WIRE_UP);

	r.u.up.landlock = landlock;
	r.u.up.memory = memory;
	r.u.up.filter = why_not == NULL;
	if (why_not != NULL)
		v2m_text_copy(r.u.up.why_not, sizeof r.u.up.why_not, why_not);
	tell(&r);
	r = blank(V2M_WIRE_DONE);
	tell(&r);
}

static int32_t
hundredths(double db)
{
	return isfinite(db) && fabs(db) < 10000 ? (int32_t)lround(db * 100) :
	    V2M_WIRE_SILENCE;
}

void
report_done(const struct report_done *done)
{
	struct v2m_wire_report r = blank(V2M_WIRE_DONE);

	r.u.done.rate_hz = done->rate_hz;
	r.u.done.channels = done->channels;
	r.u.done.samples = done->samples;
	r.u.done.filled_samples = done->filled_samples;
	r.u.done.damaged_packets = done->damaged_packets;
	r.u.done.frames = done->frames;
	r.u.done.bytes = done->bytes;
	r.u.done.chapters = done->chapters;
	r.u.done.cover = done->cover;
	r.u.done.cover_bytes = done->cover_bytes;
	r.u.done.warnings = nwarnings;
	r.u.done.copied = done->copied;
	r.u.done.measured = done->loudness.measured;
	r.u.done.lufs = hundredths(done->loudness.lufs);
	r.u.done.peak_dbtp = hundredths(done->loudness.peak_dbtp);
	r.u.done.gain_db = hundredths(done->loudness.gain_db);
	r.u.done.mixed = done->downmix.mixed;
	r.u.done.mix_peak_dbfs = hundredths(done->downmix.peak_dbfs);
	r.u.done.mix_gain_db = hundredths(done->downmix.gain_db);
	tell(&r);
}

void
report_failed(const struct v2m_err *err, bool torn,
    enum v2m_wire_lacks lacks)
{
	struct v2m_wire_report r = blank(V2M_WIRE_FAILED);

	r.u.failed.code = err->code;
	r.u.failed.torn = torn;
	r.u.failed.spent = err->code == V2M_FAILED && err->sys == ETIME;
	r.u.failed.lacks = lacks;
	v2m_text_copy(r.u.failed.text, sizeof r.u.failed.text, err->msg);
	tell(&r);
}

void
report_forbidden(const char *call)
{
	struct v2m_wire_report r = blank(V2M_WIRE_FORBIDDEN);

	for (size_t i = 0; i + 1 < sizeof r.u.forbidden.call &&
	    call[i] != '\0'; i++)
		r.u.forbidden.call[i] = call[i];
	send_report(&r);
}
