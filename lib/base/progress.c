#include "base/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define FIRST_MS 500
#define EVERY_MS 100

static struct {
	bool on, drawn, bytes;
	char label[64];
	int64_t total, begun_ms, drawn_ms;
} bar;

static void
print_text(const char *s)
{
	ssize_t n = write(STDERR_FILENO, s, strlen(s));

	(void)n;	/* a bar that cannot be drawn is not missed */
}

static void
erase(void)
{
	if (bar.drawn)
		print_text("\r\033[K");
	bar.drawn = false;
}

static bool
in_foreground(void)
{
	pid_t group = tcgetpgrp(STDERR_FILENO);

	return group < 0 || group == getpgrp();
}

void
v2m_progress_begin(const char *label, int64_t total, bool bytes, bool quiet)
{
	const char *term = getenv("TERM");

	memset(&bar, 0, sizeof bar);
	bar.on = !quiet && isatty(STDERR_FILENO) && in_foreground() &&
	    (term == NULL || strcmp(term, "dumb") != 0);
	bar.bytes = bytes;
	bar.total = total;
	bar.begun_ms = v2m_mono_ms();
	v2m_text_copy(bar.label, sizeof bar.label, label);
	v2m_log_before = bar.on ? erase : NULL;
}

static int
columns(void)
{
	struct winsize w;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col < 20)
		return 80;
	return w.ws_col;
}

/* "  4.1 MiB/s  0:12 left", as far as it is known. */
static void
describe_speed(char *dst, size_t size, int64_t done, int64_t elapsed_ms)
{
	char rate[32], left[32];
	size_t n = 0;

	dst[0] = '\0';
	if (bar.bytes && elapsed_ms > 0)
		n = (size_t)snprintf(dst, size, "  %s/s", v2m_text_size(rate,
		    (int64_t)((double)done * 1000 / (double)elapsed_ms)));
	if (bar.total > 0 && done > 0)
		snprintf(dst + n, size - n, "  %s left",
		    v2m_text_duration(left, (int64_t)((double)elapsed_ms *
		    (double)(bar.total - done) / (double)done)));
}

static void
draw(int64_t done, int64_t now)
{
	char line[512], blocks[64], tail[80], amount[32];
	int width = 24, filled = 0, n;

	describe_speed(tail, sizeof tail, done, now - bar.begun_ms);
	if (bar.total > 0) {
		filled = (int)((double)done / (double)bar.total * width);
		memset(blocks, '#', (size_t)filled);
		memset(blocks + filled, '.', (size_t)(width - filled));
		blocks[width] = '\0';
		n = snprintf(line, sizeof line, "%s  [%s] %3d%%%s", bar.label,
		    blocks, (int)((double)done / (double)bar.total * 100),
		    tail);
	} else {
		n = snprintf(line, sizeof line, "%s  %s%s", bar.label,
		    bar.bytes ? v2m_text_size(amount, done) : "...", tail);
	}
	if (n >= columns())
		line[columns() - 1] = '\0';
	print_text("\r\033[K");
	print_text(line);
	bar.drawn = true;
	bar.drawn_ms = now;
}

void
v2m_progress_update(int64_t done)
{
	int64_t now;

	if (!bar.on)
		return;
	now = v2m_mono_ms();
	if (now - bar.begun_ms < FIRST_MS || now - bar.drawn_ms < EVERY_MS)
		return;
	if (bar.total > 0 && done > bar.total)
		done = bar.total;
	if (done < 0)
		done = 0;
	draw(done, now);
}

void
v2m_progress_end(void)
{
	erase();
	bar.on = false;
	v2m_log_before = NULL;
}
