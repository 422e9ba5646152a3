#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/journal.h"
#include "base/log_json.h"
#include "base/text.h"

static const char *program = "v2m";
static int verbosity;
static int event_level;	/* the verbosity from which events are shown */
static bool json;

void (*v2m_log_before)(void);

void
v2m_log_init(const char *name, int level)
{
	program = name;
	verbosity = level;
	v2m_journal_open(name);
}

/* line has n bytes, and space for one more. */
static void
put_line(char *line, size_t n)
{
	ssize_t put;

	line[n++] = '\n';
	if (v2m_log_before != NULL)
		v2m_log_before();
	/* If stderr cannot be written, there is no way to report that. */
	put = write(STDERR_FILENO, line, n);
	(void)put;
}

/* Write a line.  text is the part of it for the journal, which has the time and
 * the name of the program in fields. */
static void
emit(char *line, size_t size, const char *text, enum v2m_priority priority,
    const char *job, const char *event)
{
	size_t n;

	v2m_text_clean(line);
	if (v2m_journal_send(priority, job, event, text))
		return;
	n = strlen(line);
	put_line(line, n > size - 2 ? size - 2 : n);
}

static void __attribute__((format(printf, 2, 0)))
say(enum v2m_priority priority, const char *fmt, va_list ap)
{
	char line[1200], object[4096];
	int sys = errno;
	int n = snprintf(line, sizeof line, "%s: ", program);
	size_t got = 0;

	vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
	if (json && !v2m_journal_is_open())
		got = v2m_log_json_message(object, sizeof object - 1, program,
		    priority, line + n);
	if (got > 0)
		put_line(object, got);
	else
		emit(line, sizeof line, line + n, priority, NULL, NULL);
	errno = sys;
}

void
v2m_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(V2M_PRIORITY_WARNING, fmt, ap);
	va_end(ap);
}

void
v2m_info(const char *fmt, ...)
{
	va_list ap;

	if (verbosity < 0)
		return;
	va_start(ap, fmt);
	say(V2M_PRIORITY_INFO, fmt, ap);
	va_end(ap);
}

void
v2m_debug(const char *fmt, ...)
{
	va_list ap;

	if (verbosity < 1)
		return;
	va_start(ap, fmt);
	say(V2M_PRIORITY_DEBUG, fmt, ap);
	va_end(ap);
}

static void __attribute__((format(printf, 4, 0)))
log_object(enum v2m_priority priority, const char *job, const char *event,
    const char *fmt, va_list ap)
{
	char object[4096];
	int sys = errno;
	size_t n = v2m_log_json_event(object, sizeof object - 1, program,
	    priority, job, event, fmt, ap);

	if (n > 0)
		put_line(object, n);
	errno = sys;
}

static void __attribute__((format(printf, 4, 0)))
log_pairs(enum v2m_priority priority, const char *job, const char *event,
    const char *fmt, va_list ap)
{
	char line[1200], when[32];
	int sys = errno, n, text;

	if (json && !v2m_journal_is_open()) {
		log_object(priority, job, event, fmt, ap);
		return;
	}
	v2m_wall_text(when, v2m_wall_ms());
	text = snprintf(line, sizeof line, "%s ", when);
	n = text + snprintf(line + text, sizeof line - (size_t)text,
	    "%s%s%sevent=%s%s", job == NULL ? "" : "job=",
	    job == NULL ? "" : job, job == NULL ? "" : " ", event,
	    fmt == NULL ? "" : " ");
	if (fmt != NULL)
		vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
	emit(line, sizeof line, line + text, priority, job, event);
	errno = sys;
}

void
v2m_event(const char *job, const char *event, const char *fmt, ...)
{
	va_list ap;

	if (verbosity < event_level)
		return;
	va_start(ap, fmt);
	log_pairs(V2M_PRIORITY_INFO, job, event, fmt, ap);
	va_end(ap);
}

void
v2m_event_always(const char *job, const char *event, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_pairs(V2M_PRIORITY_NOTICE, job, event, fmt, ap);
	va_end(ap);
}

void
v2m_log_json(void)
{
	json = true;
}

void
v2m_log_terse(void)
{
	event_level = 1;
}
