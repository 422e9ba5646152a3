/* log_json.h - a line of the log as a JSON object.  For log.c only.
 *
 * {"time":"2026-11-21T08:30:00Z","program":"v2m-notify","level":"info",...},
 * and then "message", or "job", "event" and a member for each pair of the
 * event.  A value that is a whole number is a number; all others are strings.
 */
#ifndef V2M_BASE_LOG_JSON_H
#define V2M_BASE_LOG_JSON_H

#include <stdarg.h>
#include <stddef.h>

#include "base/journal.h"

/* Both write one line, without a line feed, and return its length.  If it does
 * not fit, or there is no memory, the line is empty. */
size_t v2m_log_json_message(char *line, size_t size, const char *program,
    enum v2m_priority priority, const char *message);

/* fmt gives pairs, KEY=%d or KEY="%s", separated by blanks; or NULL. */
size_t v2m_log_json_event(char *line, size_t size, const char *program,
    enum v2m_priority priority, const char *job, const char *event,
    const char *fmt, va_list ap) __attribute__((format(printf, 7, 0)));

#endif
