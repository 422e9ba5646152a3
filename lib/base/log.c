#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
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
}

static void
emit(char *line, size_t size)
{
	size_t n;
	ssize_t put;

	v2m_text_clean(line);
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

static void __attribute__((format(printf, 1, 0)))
say(const char *fmt, va_list ap)
{
	char line[1200];
	int sys = errno;
	int n = snprintf(line, sizeof line, "%s: ", program);

	vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
	emit(line, sizeof line);
	errno = sys;
}

void
v2m_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void
v2m_info(const char *fmt, ...)
{
	va_list ap;

	if (verbosity < 0)
		return;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void
v2m_debug(const char *fmt, ...)
{
	va_list ap;

	if (verbosity < 1)
		return;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

static void __attribute__((format(printf, 3, 0)))
log_pairs(const char *job, const char *event, const char *fmt, va_list ap)
{
	char line[1200], when[32];
	int sys = errno, n;

	v2m_wall_text(when, v2m_wall_ms());
	n = snprintf(line, sizeof line, "%s %s%s%sevent=%s%s", when,
	    job == NULL ? "" : "job=", job == NULL ? "" : job,
	    job == NULL ? "" : " ", event, fmt == NULL ? "" : " ");
	if (fmt != NULL)
		vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
	emit(line, sizeof line);
	errno = sys;
}

void
v2m_event(const char *job, const char *event, const char *fmt, ...)
{
	va_list ap;

	if (verbosity < event_level)
		return;
	va_start(ap, fmt);
	log_pairs(job, event, fmt, ap);
	va_end(ap);
}

void
v2m_event_always(const char *job, const char *event, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_pairs(job, event, fmt, ap);
	va_end(ap);
}

void
v2m_log_terse(void)
{
	event_level = 1;
}
