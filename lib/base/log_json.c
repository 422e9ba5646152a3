#include "base/log_json.h"

#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

/* Separates two pairs.  It is in no value, as values are cleaned. */
#define END '\x1f'

static const char *
level_of(enum v2m_priority priority)
{
	switch (priority) {
	case V2M_PRIORITY_WARNING:
		return "warning";
	case V2M_PRIORITY_NOTICE:
		return "notice";
	case V2M_PRIORITY_DEBUG:
		return "debug";
	default:
		return "info";
	}
}

static json_t *
begin(const char *program, enum v2m_priority priority)
{
	char when[32];

	v2m_wall_text(when, v2m_wall_ms());
	return json_pack("{s:s, s:s, s:s}", "time", when, "program", program,
	    "level", level_of(priority));
}

/* Takes o over. */
static size_t
finish(json_t *o, char *line, size_t size)
{
	char *text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
	size_t n = text == NULL ? 0 : strlen(text);

	line[0] = '\0';
	if (n >= size)
		n = 0;
	if (n > 0)
		memcpy(line, text, n + 1);
	free(text);
	json_decref(o);
	return n;
}

size_t
v2m_log_json_message(char *line, size_t size, const char *program,
    enum v2m_priority priority, const char *message)
{
	json_t *o = begin(program, priority);
	char text[1200];

	v2m_text_copy(text, sizeof text, message);
	if (o != NULL)
		json_object_set_new(o, "message", json_string(text));
	return finish(o, line, size);
}

/* --- events --- */

/* A value may contain blanks and quotes; so where a pair ends is decided by the
 * format, before the values are filled in.  In the format, replace the blanks
 * between pairs by END, and drop the quotes. */
static bool
mark_ends(char *marked, size_t size, const char *fmt)
{
	bool quoted = false;
	size_t n = 0;

	for (; *fmt != '\0' && n + 1 < size; fmt++)
		if (*fmt == '"')
			quoted = !quoted;
		else
			marked[n++] = *fmt == ' ' && !quoted ? END : *fmt;
	marked[n] = '\0';
	return *fmt == '\0';
}

static bool
is_whole_number(const char *s)
{
	size_t n = strlen(s), i = s[0] == '-';

	if (n == i || n > 15)
		return false;
	while (s[i] != '\0' && isdigit((unsigned char)s[i]))
		i++;
	return s[i] == '\0';
}

static void
add_pair(json_t *o, char *pair)
{
	char *value = strchr(pair, '=');

	if (value == NULL)
		return;
	*value++ = '\0';
	v2m_text_clean(value);
	/* A pair must not replace the members that describe the line. */
	if (json_object_get(o, pair) == NULL)
		json_object_set_new(o, pair, is_whole_number(value) ?
		    json_integer(strtoll(value, NULL, 10)) :
		    json_string(value));
}

static void __attribute__((format(printf, 2, 0)))
add_pairs(json_t *o, const char *fmt, va_list ap)
{
	char marked[256], text[1200], *pair, *end;

	if (!mark_ends(marked, sizeof marked, fmt))
		return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	vsnprintf(text, sizeof text, marked, ap);
#pragma GCC diagnostic pop
	for (pair = text; pair != NULL; pair = end) {
		end = strchr(pair, END);
		if (end != NULL)
			*end++ = '\0';
		add_pair(o, pair);
	}
}

size_t
v2m_log_json_event(char *line, size_t size, const char *program,
    enum v2m_priority priority, const char *job, const char *event,
    const char *fmt, va_list ap)
{
	json_t *o = begin(program, priority);

	if (o != NULL && job != NULL)
		json_object_set_new(o, "job", json_string(job));
	if (o != NULL)
		json_object_set_new(o, "event", json_string(event));
	if (o != NULL && fmt != NULL)
		add_pairs(o, fmt, ap);
	return finish(o, line, size);
}
