/* log_json.h - a line of the log as a JSON object: for log.c alone.
 *
 * {"time":"2026-11-21T08:30:00Z","program":"v2m-notify","level":"info",...},
 * and then "message" with words for people, or "job", "event" and a member for
 * each pair of the event.  All values are text, but whole numbers where the
 * pair has nothing else.
 */
#ifndef V2M_BASE_LOG_JSON_H
#define V2M_BASE_LOG_JSON_H

#include <stdarg.h>
#include <stddef.h>

#include "base/journal.h"

/* Each writes one line, without a line feed, cut to nothing where it does not
 * fit or there is no memory; returns its length. */
size_t v2m_log_json_message(char *line, size_t size, const char *program,
    enum v2m_priority priority, const char *message);

/* fmt gives pairs, KEY=%d or KEY="%s", between blanks; or NULL. */
size_t v2m_log_json_event(char *line, size_t size, const char *program,
    enum v2m_priority priority, const char *job, const char *event,
    const char *fmt, va_list ap) __attribute__((format(printf, 7, 0)));

#endif
