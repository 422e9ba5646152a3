/* report.h - the messages of a child to its parent (media/wire.h).
 *
 * A process has one job, so there is one reporter without a handle.  If the
 * parent is gone that is not an error: SIGKILL follows.  Not thread-safe,
 * except for report_forbidden().
 */
#ifndef ENGINE_REPORT_H
#define ENGINE_REPORT_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "media/wire.h"

/* From report_hold() on, messages are kept, except for progress and failures;
 * report_release() sends them, report_forget() drops them.  Kept are 64 at
 * most, enough for source, tags and warnings. */
void report_hold(void);
void report_release(void);
void report_forget(void);

/* Do not send source and tags again: those sent are right. */
void report_seal(void);

/* Sent only if it is higher than before. */
void report_percent(int percent);

void report_source(const char *format, const char *codec, int rate_hz,
    int channels, int64_t claimed_ms);
void report_tag(const char *key, const char *value);

/* flags: V2M_TRACK_... */
void report_track(int number, const AVStream *st, const char *language,
    const char *title, unsigned flags);

/* Only the first V2M_MEDIA_WARNINGS are sent; all are counted. */
void report_warning(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* The same for what does not change the exit status; only the first
 * V2M_MEDIA_NOTES are sent. */
void report_note(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* Report which parts of the sandbox work, and end the job.  landlock: its
 * version, or 0; why_not: why there is no seccomp filter, or NULL. */
void report_up(int landlock, bool memory, const char *why_not);

struct report_done {
	int rate_hz, channels;
	int64_t samples, filled_samples, frames, bytes, damaged_packets;
	int chapters;
	enum v2m_cover cover;
	int64_t cover_bytes;
	bool copied;		/* copied, not encoded */
	struct report_loudness {
		bool measured;
		double lufs, peak_dbtp;	/* -HUGE_VAL: silence */
		double gain_db;
	} loudness;
	struct report_downmix {
		bool mixed;
		double peak_dbfs;	/* -HUGE_VAL: silence */
		double gain_db;		/* applied because of that peak */
	} downmix;
};

void report_done(const struct report_done *done);
/* torn: try again with `resets` (struct encode_settings).  lacks: what the
 * sandbox could not start. */
void report_failed(const struct v2m_err *err, bool torn,
    enum v2m_wire_lacks lacks);

/* Report a forbidden system call, which ends the child.  Async-signal-safe. */
void report_forbidden(const char *call);

#endif
