#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/journal.h"
#include "base/text.h"

static const char *program = "v2m";
static int verbosity;
static int event_level;	/* from which on events are shown */

void (*v2m_log_before)(void);

void
v2m_log_init(const char *name, int level)
{
	program = name;
	verbosity = level;
	v2m_journal_open(name);
}

/* A line; text is what of it the journal shows, which has the time and the
 * program's name in fields. */
static void
emit(char *line, size_t size, const char *text, enum v2m_priority priority,
    const char *job, const char *event)
{
	size_t n;
	ssize_t put;

	v2m_text_clean(line);
	if (v2m_journal_send(priority, job, event, text))
		return;
	n = strlen(line);
	if (n > size - 2)
		n = size - 2;
	line[n++] = '\n';
	if (v2m_log_before != NULL)
		v2m_log_before();
	/* Nobody is left to tell where stderr itself cannot be written. */
	put = write(STDERR_FILENO, line, n);
	(void)put;
}

static void __attribute__((format(printf, 2, 0)))
say(enum v2m_priority priority, const char *fmt, va_list ap)
{
	char line[1200];
	int sys = errno;
	int n = snprintf(line, sizeof line, "%s: ", program);

	vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
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
log_pairs(enum v2m_priority priority, const char *job, const char *event,
    const char *fmt, va_list ap)
{
	char line[1200], when[32];
	int sys = errno, n, text;

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
v2m_log_terse(void)
{
	event_level = 1;
}
