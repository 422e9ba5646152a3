/* log.h - messages for people and events for logs, all on stderr.
 *
 * Each line is one write(2), so that the lines of many workers do not mix;
 * errno is not changed; control characters are replaced.  Messages look like
 * "v2m-upload: talk.mp4: no audio stream", events of workers like
 * "2026-11-21T08:30:00Z job=ID event=converted ms=8120 result=ok".  If stderr
 * is systemd's journal, job and event are fields there (base/journal.h).
 * Thread-safe once v2m_log_init() has returned.
 */
#ifndef V2M_BASE_LOG_H
#define V2M_BASE_LOG_H

#include "base/err.h"

/* program is borrowed for good.  verbosity: -1: errors only; 0: normal; 1 and
 * more: with debug messages. */
void v2m_log_init(const char *program, int verbosity);

void v2m_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void v2m_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void v2m_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A line of key=value pairs for an event in the life of a job.  job may be
 * NULL.  fmt gives further pairs, and may be NULL.  Shown from verbosity 0
 * on. */
void v2m_event(const char *job, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, shown always: for trouble. */
void v2m_event_always(const char *job, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* From now on each line is a JSON object (base/log_json.h); entries of the
 * journal stay as they are.  Call before any thread is made. */
void v2m_log_json(void);

/* From now on v2m_event() needs --verbose: for runs by cron and in pipes, which
 * are silent when all is well.  Call before any thread is made. */
void v2m_log_terse(void);

/* Called before each line; erases a progress bar.  Set by progress.c and
 * board.c; NULL: nothing. */
extern void (*v2m_log_before)(void);

#endif
