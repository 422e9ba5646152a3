/* report.h - what a child tells its parent (lib/media/wire.h).
 *
 * One job, one process, so there is one reporter and no handle.  A parent
 * that is gone is not an error: SIGKILL is on its way.
 */
#ifndef ENGINE_REPORT_H
#define ENGINE_REPORT_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "media/wire.h"

/* From now on keep what is said of source and MP3, which are at most so many
 * messages, until it is said to be true, or forgotten. */
void report_hold(void);
void report_release(void);
void report_forget(void);

/* What was said of source and tags is right, and not to be said again. */
void report_seal(void);

/* Told only when it has changed. */
void report_percent(int percent);

void report_source(const char *format, const char *codec, int rate_hz,
    int channels, int64_t claimed_ms);
void report_tag(const char *key, const char *value);

/* flags: V2M_TRACK_... */
void report_track(int number, const AVStream *st, const char *language,
    const char *title, unsigned flags);

/* The first V2M_MEDIA_WARNINGS are told, the others counted. */
void report_warning(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* The same of what is not a reason for another exit status; the first
 * V2M_MEDIA_NOTES are told. */
void report_note(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* Which parts of the sandbox are up, and that this was the job.  landlock: its
 * version or 0; why_not: why there is no filter, or NULL. */
void report_up(int landlock, bool memory, const char *why_not);

struct report_done {
	int rate_hz, channels;
	int64_t samples, filled_samples, frames, bytes, damaged_packets;
	int chapters;
	enum v2m_cover cover;
	int64_t cover_bytes;
	bool copied;		/* not encoded */
	struct report_loudness {
		bool measured;
		double lufs, peak_dbtp;	/* -HUGE_VAL: silence */
		double gain_db;
	} loudness;
	struct report_downmix {
		bool mixed;
		double peak_dbfs;	/* -HUGE_VAL: silence */
		double gain_db;		/* because of that peak */
	} downmix;
};

void report_done(const struct report_done *done);
/* torn: it is worth another try, with segments that share no data. */
void report_failed(const struct v2m_err *err, bool torn,
    enum v2m_wire_lacks lacks);

/* This system call is forbidden and ends the child.  Async-signal-safe. */
void report_forbidden(const char *call);

#endif
