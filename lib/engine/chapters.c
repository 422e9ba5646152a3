#include "engine/chapters.h"

#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LATEST_MS (INT64_C(0xffffffff) - 1)	/* ID3v2 has 32 bits */
#define FAR (INT64_C(1) << 60)

/* A chapter's time on the job's time in ms; FAR or -FAR for nonsense. */
static int64_t
ms_of(int64_t stamp, AVRational base, int64_t origin_us)
{
	const AVRational us = { 1, AV_TIME_BASE };
	int64_t at;

	if (stamp == AV_NOPTS_VALUE || base.num <= 0 || base.den <= 0)
		return FAR;
	at = av_rescale_q(stamp, base, us);
	if (at > FAR / 2 || at < -FAR / 2)
		return at > 0 ? FAR : -FAR;
	at -= origin_us;
	return (at + (at < 0 ? -500 : 500)) / 1000;
}

/* No chapter begins there or later. */
static int64_t
last_of(const struct v2m_settings *s, int64_t end_us)
{
	int64_t last = s->to_ms > 0 ? s->to_ms : s->from_ms + LATEST_MS;

	return end_us > 0 && end_us / 1000 < last ? end_us / 1000 : last;
}

/* false: nothing of it lies within the cut. */
static bool
place(struct chapter *c, const AVChapter *from, int64_t origin_us,
    int64_t last, const struct v2m_settings *s)
{
	int64_t start = ms_of(from->start, from->time_base, origin_us);
	int64_t end = ms_of(from->end, from->time_base, origin_us);

	if (start == FAR || start == -FAR)
		return false;
	if (end <= start)	/* nobody knew */
		end = start + 1;
	if (end <= s->from_ms || start >= last)
		return false;
	last = s->to_ms > 0 ? s->to_ms : s->from_ms + LATEST_MS;
	start = start < s->from_ms ? s->from_ms : start;
	end = end > last ? last : end;
	c->start_ms = start - s->from_ms;
	c->end_ms = end - s->from_ms;
	return true;
}

void
chapters_collect(struct front *f, const AVFormatContext *fmt,
    int64_t origin_us, int64_t end_us, const struct v2m_settings *s)
{
	int64_t last_ms = last_of(s, end_us);
	unsigned left_out = 0;

	if (fmt->nb_chapters == 0)
		return;
	f->chapters = calloc(FRONT_CHAPTERS, sizeof *f->chapters);
	if (f->chapters == NULL)
		return;
	for (unsigned i = 0; i < fmt->nb_chapters; i++) {
		const AVChapter *from = fmt->chapters[i];
		const AVDictionaryEntry *title;
		struct chapter c = { .title = "" };

		if (!place(&c, from, origin_us, last_ms, s))
			continue;
		if (f->nchapters == FRONT_CHAPTERS) {
			left_out++;
			continue;
		}
		title = av_dict_get(from->metadata, "title", NULL, 0);
		if (title != NULL)
			v2m_text_copy(c.title, sizeof c.title, title->value);
		f->chapters[f->nchapters++] = c;
	}
	if (left_out > 0)
		report_warning("%u chapters left out: an MP3 has at most %d",
		    left_out, FRONT_CHAPTERS);
}

static int
add(AVFormatContext *to, const struct chapter *c, int number)
{
	AVChapter *new = av_mallocz(sizeof *new);

	if (new == NULL)
		return AVERROR(ENOMEM);
	new->id = number;
	new->time_base = (AVRational){ 1, 1000 };
	new->start = c->start_ms;
	new->end = c->end_ms;
	if ((c->title[0] != '\0' &&
	    av_dict_set(&new->metadata, "title", c->title, 0) < 0) ||
	    av_dynarray_add_nofree(&to->chapters, (int *)&to->nb_chapters,
	    new) < 0) {
		av_dict_free(&new->metadata);
		av_free(new);
		return AVERROR(ENOMEM);
	}
	return 0;
}

int
chapters_add(const struct front *f, AVFormatContext *to)
{
	for (int i = 0; i < f->nchapters; i++)
		if (add(to, &f->chapters[i], i) < 0)
			return AVERROR(ENOMEM);
	return 0;
}
