#include "base/progress.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/progress_draw.h"
#include "base/text.h"

static struct {
	bool on, drawn, bytes;
	char label[256];
	int64_t total, begun_ms, drawn_ms;
} bar;

static void
erase(void)
{
	if (bar.drawn)
		v2m_progress_print("\r\033[K");
	bar.drawn = false;
}

void
v2m_progress_begin(const char *label, int64_t total, bool bytes, bool quiet)
{
	memset(&bar, 0, sizeof bar);
	bar.on = v2m_progress_wanted(quiet);
	bar.bytes = bytes;
	bar.total = total;
	bar.begun_ms = v2m_mono_ms();
	v2m_text_copy(bar.label, sizeof bar.label, label);
	v2m_log_before = bar.on ? erase : NULL;
}

static void
draw(const char *text)
{
	char line[V2M_PROGRESS_LINE + 8];

	snprintf(line, sizeof line, "\r\033[K%s", text);
	v2m_progress_print(line);
	bar.drawn = true;
	bar.drawn_ms = v2m_mono_ms();
}

static bool
is_due(void)
{
	int64_t now = v2m_mono_ms();

	return bar.on && now - bar.begun_ms >= V2M_PROGRESS_FIRST_MS &&
	    now - bar.drawn_ms >= V2M_PROGRESS_EVERY_MS;
}

void
v2m_progress_update(int64_t done)
{
	char line[V2M_PROGRESS_LINE];
	struct v2m_progress_part part = { .label = bar.label, .done = done,
	    .total = bar.total, .bytes = bar.bytes };
	int columns, rows;

	if (!is_due())
		return;
	part.elapsed_ms = v2m_mono_ms() - bar.begun_ms;
	v2m_progress_screen(&columns, &rows);
	v2m_progress_line(line, &part, columns);
	draw(line);
}

void
v2m_progress_say(const char *words)
{
	char line[V2M_PROGRESS_LINE], text[V2M_PROGRESS_LINE];
	int columns, rows;

	if (!is_due())
		return;
	v2m_progress_screen(&columns, &rows);
	snprintf(line, sizeof line, "%s  %.200s", bar.label, words);
	v2m_text_copy(text, columns < (int)sizeof text ? (size_t)columns :
	    sizeof text, line);
	draw(text);
}

void
v2m_progress_end(void)
{
	erase();
	bar.on = false;
	v2m_log_before = NULL;
}
