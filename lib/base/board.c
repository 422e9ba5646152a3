#include "base/board.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/progress_draw.h"
#include "base/text.h"

#define LINES 256
#define SHOWN 48

static struct {
	pthread_mutex_t lock;
	bool on;
	int total, ended, running;
	int drawn;				/* lines on the screen now */
	int64_t begun_ms, drawn_ms;
	char words[256];
	struct {
		bool used;
		int percent;
		int64_t begun_ms;
		char label[256];
	} lines[LINES];
} board = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* --- drawing: with the lock held --- */

static int
erase_text(char *to, size_t size)
{
	int n = board.drawn == 0 ? 0 : snprintf(to, size, "\r\033[%dA\033[J",
	    board.drawn);

	board.drawn = 0;
	return n;
}

static void
erase(void)
{
	char text[32] = "";

	if (erase_text(text, sizeof text) > 0)
		v2m_progress_print(text);
}

static void
erase_before_log(void)
{
	pthread_mutex_lock(&board.lock);
	erase();
	pthread_mutex_unlock(&board.lock);
}

static int
add_line(char *to, size_t size, int i, int columns)
{
	char line[V2M_PROGRESS_LINE];
	struct v2m_progress_part part = {
		.label = board.lines[i].label,
		.done = board.lines[i].percent,
		.total = board.lines[i].percent < 0 ? 0 : 100,
		.elapsed_ms = v2m_mono_ms() - board.lines[i].begun_ms,
	};

	v2m_progress_line(line, &part, columns);
	board.drawn++;
	return snprintf(to, size, "%s\n", line);
}

static void
draw(void)
{
	static char text[SHOWN * V2M_PROGRESS_LINE + 256];
	char words[sizeof board.words];
	int columns, rows, most, n;

	v2m_progress_screen(&columns, &rows);
	most = rows - 2 < SHOWN ? rows - 2 : SHOWN;
	n = erase_text(text, sizeof text);
	if (board.words[0] != '\0') {
		v2m_text_copy(words, columns < (int)sizeof words ?
		    (size_t)columns : sizeof words, board.words);
		n += snprintf(text + n, sizeof text - (size_t)n, "%s\n",
		    words);
		board.drawn++;
	}
	if (board.total > 0) {
		n += snprintf(text + n, sizeof text - (size_t)n, "%d of %d\n",
		    board.ended + board.running, board.total);
		board.drawn++;
	}
	for (int i = 0; i < LINES && board.drawn < most; i++)
		if (board.lines[i].used)
			n += add_line(text + n, sizeof text - (size_t)n, i,
			    columns);
	v2m_progress_print(text);
	board.drawn_ms = v2m_mono_ms();
}

/* --- the functions that any thread may call --- */

void
v2m_board_begin(int total, bool quiet)
{
	pthread_mutex_lock(&board.lock);
	memset(board.lines, 0, sizeof board.lines);
	board.on = v2m_progress_wanted(quiet);
	board.total = total;
	board.ended = board.running = board.drawn = 0;
	board.begun_ms = v2m_mono_ms();
	board.drawn_ms = 0;
	board.words[0] = '\0';
	pthread_mutex_unlock(&board.lock);
	v2m_log_before = board.on ? erase_before_log : NULL;
}

int
v2m_board_add(const char *label)
{
	int i = 0;

	pthread_mutex_lock(&board.lock);
	while (i < LINES && board.lines[i].used)
		i++;
	if (board.on && i < LINES) {
		board.lines[i].used = true;
		board.lines[i].percent = -1;
		board.lines[i].begun_ms = v2m_mono_ms();
		v2m_text_copy(board.lines[i].label,
		    sizeof board.lines[i].label, label);
		board.running++;
	} else {
		i = -1;
	}
	pthread_mutex_unlock(&board.lock);
	return i;
}

void
v2m_board_update(int line, int percent)
{
	int64_t now = v2m_mono_ms();

	if (line < 0)
		return;
	pthread_mutex_lock(&board.lock);
	board.lines[line].percent = percent;
	if (board.on && now - board.begun_ms >= V2M_PROGRESS_FIRST_MS &&
	    now - board.drawn_ms >= V2M_PROGRESS_EVERY_MS)
		draw();
	pthread_mutex_unlock(&board.lock);
}

void
v2m_board_remove(int line)
{
	pthread_mutex_lock(&board.lock);
	if (line >= 0) {
		board.lines[line].used = false;
		board.running--;
	}
	board.ended++;
	pthread_mutex_unlock(&board.lock);
}

void
v2m_board_say(const char *words)
{
	pthread_mutex_lock(&board.lock);
	v2m_text_copy(board.words, sizeof board.words, words);
	if (board.on)
		draw();
	pthread_mutex_unlock(&board.lock);
}

int
v2m_board_running(void)
{
	int n;

	pthread_mutex_lock(&board.lock);
	n = board.running;
	pthread_mutex_unlock(&board.lock);
	return n;
}

void
v2m_board_clear(void)
{
	erase_before_log();
}

void
v2m_board_end(void)
{
	pthread_mutex_lock(&board.lock);
	erase();
	board.on = false;
	pthread_mutex_unlock(&board.lock);
	v2m_log_before = NULL;
}
