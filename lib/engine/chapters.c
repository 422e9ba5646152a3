#include "engine/chapters.h"

#include <libavutil/mathematics.h>
#include <stdlib.h>

#include "engine/tags.h"

#define LATEST_MS (INT64_C(0xffffffff) - 1)	/* ID3v2: 32 bits; all ones:
						 * unused */
#define FAR (INT64_C(1) << 59)
#define UNKNOWN INT64_MIN
#define READ_MOST 10000		/* chapters read, at most */

/* A chapter's time in ms after time 0; UNKNOWN if it makes no sense. */
static int64_t
ms_of(int64_t stamp, AVRational base, int64_t origin_us)
{
	const AVRational us = { 1, AV_TIME_BASE };
	int64_t at;

	if (stamp == AV_NOPTS_VALUE || base.num <= 0 || base.den <= 0)
		return UNKNOWN;
	at = av_rescale_q(stamp, base, us);
	if (at > FAR || at < -FAR)
		return UNKNOWN;
	at -= origin_us;
	return (at + (at < 0 ? -500 : 500)) / 1000;
}

/* Chapters that begin at this time (ms) or later are left out. */
static int64_t
last_of(const struct v2m_settings *s, int64_t end_us)
{
	int64_t last = s->to_ms > 0 ? s->to_ms : s->from_ms + LATEST_MS;

	return end_us > 0 && end_us / 1000 < last ? end_us / 1000 : last;
}

/* Move a chapter to the MP3's time.  false: it lies outside the part that is
 * wanted. */
static bool
cut_chapter(struct chapter *c, int64_t last, const struct v2m_settings *s)
{
	if (c->end_ms <= s->from_ms || c->start_ms >= last)
		return false;
	last = s->to_ms > 0 ? s->to_ms : s->from_ms + LATEST_MS;
	if (c->start_ms < s->from_ms)
		c->start_ms = s->from_ms;
	if (c->end_ms > last)
		c->end_ms = last;
	c->start_ms -= s->from_ms;
	c->end_ms -= s->from_ms;
	return true;
}

static int
by_time(const void *a, const void *b)
{
	const struct chapter *x = a, *y = b;

	if (x->start_ms != y->start_ms)
		return x->start_ms < y->start_ms ? -1 : 1;
	/* qsort() is not stable. */
	return x->place < y->place ? -1 : 1;
}

/* A chapter without an end goes on to the next one, the last one to the end of
 * the sound. */
static void
close_gaps(struct chapter *c, int n, int64_t end_ms)
{
	for (int i = 0; i < n; i++) {
		if (c[i].end_ms != UNKNOWN)
			continue;
		c[i].end_ms = i + 1 < n ? c[i + 1].start_ms : end_ms;
		if (c[i].end_ms <= c[i].start_ms)
			c[i].end_ms = c[i].start_ms + 1;
	}
}

/* Read all chapters that have a start, sorted by it.  Returns how many. */
static int
read_all(struct chapter *all, int n, const AVFormatContext *fmt,
    int64_t origin_us)
{
	int found = 0;

	for (int i = 0; i < n; i++) {
		const AVChapter *from = fmt->chapters[i];
		const AVDictionaryEntry *title;
		struct chapter *c = &all[found];

		c->start_ms = ms_of(from->start, from->time_base, origin_us);
		c->end_ms = ms_of(from->end, from->time_base, origin_us);
		if (c->start_ms == UNKNOWN)
			continue;
		if (c->end_ms <= c->start_ms)
			c->end_ms = UNKNOWN;
		title = av_dict_get(from->metadata, "title", NULL, 0);
		tags_clean(c->title, sizeof c->title,
		    title == NULL ? "" : title->value, fmt, false);
		c->place = i;
		found++;
	}
	qsort(all, (size_t)found, sizeof *all, by_time);
	return found;
}

void
chapters_collect(struct front *f, const AVFormatContext *fmt,
    int64_t origin_us, int64_t end_us, const struct v2m_settings *s)
{
	int64_t last_ms = last_of(s, end_us);
	int n = fmt->nb_chapters > READ_MOST ? READ_MOST :
	    (int)fmt->nb_chapters, kept = 0;

	if (n == 0)
		return;
	f->chapters = calloc((size_t)n, sizeof *f->chapters);
	if (f->chapters == NULL)
		return;
	n = read_all(f->chapters, n, fmt, origin_us);
	close_gaps(f->chapters, n, last_ms);
	for (int i = 0; i < n; i++)
		if (cut_chapter(&f->chapters[i], last_ms, s))
			f->chapters[kept++] = f->chapters[i];
	f->nchapters = kept > FRONT_CHAPTERS ? FRONT_CHAPTERS : kept;
	if (kept > FRONT_CHAPTERS)
		report_warning("%d chapters left out: an MP3 has at most %d",
		    kept - FRONT_CHAPTERS, FRONT_CHAPTERS);
}
