#include "engine/id3.h"

#include <ctype.h>
#include <libavutil/avstring.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "media/lang.h"

#define FRONT_COVER_TYPE 3	/* of APIC */
#define NO_OFFSET 0xffffffffu	/* CHAP: times only, no byte offsets */

enum { LATIN1 = 0, UTF16 = 1, UTF8 = 3 };	/* text encodings of ID3v2 */

struct writer {
	AVIOContext *to;
	int version;		/* 3 or 4 */
	const char *lang;	/* of comments and lyrics */
};

static const struct {
	const char *key, frame[5];
} text_frames[] = {
	{ "title", "TIT2" }, { "artist", "TPE1" }, { "album", "TALB" },
	{ "album_artist", "TPE2" }, { "composer", "TCOM" },
	{ "performer", "TPE3" }, { "genre", "TCON" }, { "track", "TRCK" },
	{ "disc", "TPOS" }, { "copyright", "TCOP" }, { "publisher", "TPUB" },
	{ "isrc", "TSRC" }, { "bpm", "TBPM" }, { "compilation", "TCMP" },
};

static void
put_synchsafe(AVIOContext *to, unsigned n)
{
	for (int shift = 21; shift >= 0; shift -= 7)
		avio_w8(to, (int)(n >> shift & 0x7f));
}

/* Write the ten-byte header of a frame with n bytes of content. */
static void
put_head(struct writer *w, const char *name, unsigned n)
{
	avio_write(w->to, (const unsigned char *)name, 4);
	if (w->version == 4)
		put_synchsafe(w->to, n);
	else
		avio_wb32(w->to, n);
	avio_wb16(w->to, 0);
}

static bool
is_ascii(const char *text)
{
	while (*text != '\0')
		if ((unsigned char)*text++ >= 0x80)
			return false;
	return true;
}

/* The encoding for the two texts of a frame. */
static int
coding(const struct writer *w, const char *a, const char *b)
{
	if (is_ascii(a) && is_ascii(b))
		return LATIN1;
	return w->version == 4 ? UTF8 : UTF16;
}

static void
put_utf16(AVIOContext *to, const char *text)
{
	const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);
	int32_t c;

	avio_wl16(to, 0xfeff);
	while (at < end && av_utf8_decode(&c, &at, end,
	    AV_UTF8_FLAG_ACCEPT_NON_CHARACTERS) >= 0) {
		if (c >= 0x10000) {
			c -= 0x10000;
			avio_wl16(to, 0xd800 | (unsigned)c >> 10);
			c = 0xdc00 | (c & 0x3ff);
		}
		avio_wl16(to, (unsigned)c);
	}
}

static void
put_text(AVIOContext *to, int coding, const char *text)
{
	if (coding == UTF16)
		put_utf16(to, text);
	else
		avio_write(to, (const unsigned char *)text, (int)strlen(text));
}

/* Write a text that is followed by another one. */
static void
put_text_end(AVIOContext *to, int coding, const char *text)
{
	put_text(to, coding, text);
	avio_w8(to, 0);
	if (coding == UTF16)
		avio_w8(to, 0);
}

/* Write a frame to a buffer first, as its size precedes it. */
static int
begin_frame(AVIOContext **body)
{
	return avio_open_dyn_buf(body);
}

static void
end_frame(struct writer *w, const char *name, AVIOContext *body)
{
	uint8_t *bytes;
	int n = avio_close_dyn_buf(body, &bytes);

	put_head(w, name, (unsigned)n);
	avio_write(w->to, bytes, n);
	av_free(bytes);
}

static int
put_text_frame(struct writer *w, const char *name, const char *text)
{
	int code = coding(w, text, "");
	AVIOContext *body;

	if (begin_frame(&body) < 0)
		return AVERROR(ENOMEM);
	avio_w8(body, code);
	put_text(body, code, text);
	end_frame(w, name, body);
	return 0;
}

/* A frame with a description and a text: COMM, USLT, or TXXX (lang NULL). */
static int
put_named(struct writer *w, const char *name, const char *lang,
    const char *what, const char *text)
{
	int code = coding(w, what, text);
	AVIOContext *body;

	if (begin_frame(&body) < 0)
		return AVERROR(ENOMEM);
	avio_w8(body, code);
	if (lang != NULL)
		avio_write(body, (const unsigned char *)lang, 3);
	put_text_end(body, code, what);
	put_text(body, code, text);
	end_frame(w, name, body);
	return 0;
}

static bool
are_digits(const char *s, int n)
{
	while (n-- > 0)
		if (!isdigit((unsigned char)*s++))
			return false;
	return true;
}

/* "2024-05-06": 2.3 has the year and the day in frames of their own. */
static int
put_date(struct writer *w, const char *date)
{
	char year[5], day[5];
	int e;

	if (!are_digits(date, 4) || isdigit((unsigned char)date[4]))
		return put_named(w, "TXXX", NULL, "date", date);
	if (w->version == 4)
		return put_text_frame(w, "TDRC", date);
	snprintf(year, sizeof year, "%.4s", date);
	e = put_text_frame(w, "TYER", year);
	if (e < 0 || date[4] != '-' || !are_digits(date + 5, 2) ||
	    date[7] != '-' || !are_digits(date + 8, 2))
		return e;
	snprintf(day, sizeof day, "%.2s%.2s", date + 8, date + 5);
	return put_text_frame(w, "TDAT", day);
}

/* As three letters of ISO 639-2, if there is a code; else the tag. */
static int
put_language(struct writer *w, const char *tag)
{
	char three[4];

	return put_text_frame(w, "TLAN",
	    v2m_lang_three(three, tag) ? three : tag);
}

/* Players show the comment without a description.  The container's description
 * becomes that if it has no comment. */
static int
put_description(struct writer *w, const AVDictionary *tags, const char *text)
{
	bool other = av_dict_get(tags, "comment", NULL, 0) != NULL;

	return put_named(w, "COMM", w->lang, other ? "description" : "", text);
}

static int
put_tag(struct writer *w, const AVDictionary *tags, const char *key,
    const char *value)
{
	if (strcmp(key, "date") == 0)
		return put_date(w, value);
	if (strcmp(key, "language") == 0)
		return put_language(w, value);
	if (strcmp(key, "comment") == 0)
		return put_named(w, "COMM", w->lang, "", value);
	if (strcmp(key, "description") == 0)
		return put_description(w, tags, value);
	if (strcmp(key, "lyrics") == 0)
		return put_named(w, "USLT", w->lang, "", value);
	for (size_t i = 0; i < sizeof text_frames / sizeof text_frames[0]; i++)
		if (strcmp(text_frames[i].key, key) == 0)
			return put_text_frame(w, text_frames[i].frame, value);
	return put_named(w, "TXXX", NULL, key, value);
}

static int
put_tags(struct writer *w, const AVDictionary *tags)
{
	const AVDictionaryEntry *t = NULL;
	char three[4];

	t = av_dict_get(tags, "language", NULL, 0);
	w->lang = t != NULL && v2m_lang_three(three, t->value) ? three : "XXX";
	t = NULL;
	while ((t = av_dict_get(tags, "", t, AV_DICT_IGNORE_SUFFIX)) != NULL)
		if (put_tag(w, tags, t->key, t->value) < 0)
			return AVERROR(ENOMEM);
	return 0;
}

/* CTOC: top-level and ordered, with n chapters. */
static int
put_contents(struct writer *w, int n)
{
	AVIOContext *body;
	char id[16];

	if (begin_frame(&body) < 0)
		return AVERROR(ENOMEM);
	avio_write(body, (const unsigned char *)"toc", 4);
	avio_w8(body, 3);
	avio_w8(body, n);
	for (int i = 0; i < n; i++) {
		int len = snprintf(id, sizeof id, "ch%d", i);

		avio_write(body, (unsigned char *)id, len + 1);
	}
	end_frame(w, "CTOC", body);
	return 0;
}

static int
put_chapter(struct writer *w, const struct chapter *c, int i)
{
	struct writer inner = *w;
	char id[16];
	int len = snprintf(id, sizeof id, "ch%d", i), e = 0;

	if (begin_frame(&inner.to) < 0)
		return AVERROR(ENOMEM);
	avio_write(inner.to, (unsigned char *)id, len + 1);
	avio_wb32(inner.to, (unsigned)c->start_ms);
	avio_wb32(inner.to, (unsigned)c->end_ms);
	avio_wb32(inner.to, NO_OFFSET);
	avio_wb32(inner.to, NO_OFFSET);
	if (c->title[0] != '\0')
		e = put_text_frame(&inner, "TIT2", c->title);
	end_frame(w, "CHAP", inner.to);
	return e;
}

static void
put_cover(struct writer *w, const struct front *f)
{
	const char *type = f->cover == V2M_COVER_PNG ? "image/png" :
	    "image/jpeg";
	int size = (int)strlen(type) + 1;

	put_head(w, "APIC", (unsigned)(1 + size + 2 + f->cover_length));
	avio_w8(w->to, LATIN1);
	avio_write(w->to, (const unsigned char *)type, size);
	avio_w8(w->to, FRONT_COVER_TYPE);
	avio_w8(w->to, 0);	/* no description */
	avio_write(w->to, f->cover_bytes, f->cover_length);
}

static int
put_frames(struct writer *w, const struct front *f)
{
	int e = put_tags(w, f->tags);

	if (e >= 0 && f->nchapters > 0)
		e = put_contents(w, f->nchapters);
	for (int i = 0; e >= 0 && i < f->nchapters; i++)
		e = put_chapter(w, &f->chapters[i], i);
	if (e >= 0 && f->cover_length > 0)
		put_cover(w, f);
	return e;
}

int
id3_write(AVIOContext *to, const struct front *f)
{
	struct writer w = { .version = f->id3 == 4 ? 4 : 3 };
	uint8_t *bytes;
	int e, n;

	if (begin_frame(&w.to) < 0)
		return AVERROR(ENOMEM);
	e = put_frames(&w, f);
	n = avio_close_dyn_buf(w.to, &bytes);
	if (e >= 0) {
		avio_write(to, (const unsigned char *)"ID3", 3);
		avio_w8(to, w.version);
		avio_wb16(to, 0);
		put_synchsafe(to, (unsigned)n);
		avio_write(to, bytes, n);
		e = to->error;
	}
	av_free(bytes);
	return e;
}
