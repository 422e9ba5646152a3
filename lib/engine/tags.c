#include "engine/tags.h"

#include <ctype.h>
#include <libavutil/dict.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/format.h"
#include "engine/latin.h"
#include "engine/report.h"

#define VALUE_MOST 4096		/* bytes */
#define LINES_MOST (64 * 1024)	/* of lyrics and other texts with lines */
#define NAMES 9

/* Other names of our tags, best first, as far as libavformat does not translate
 * them: ID3v2, APEv2, Vorbis comments, Matroska, MP4, QuickTime, CAF and
 * Windows Media.  Case is ignored.  In Matroska, tags of the album hold for
 * each track. */
static const struct {
	const char *key, *names[NAMES];
} spellings[] = {
	{ "title", { "com.apple.quicktime.displayname" } },
	{ "artist", { "author", "album/artist" } },
	{ "album", { "album/title" } },
	{ "album_artist", { "albumartist", "album artist", "wm/albumartist",
	    "album/artist" } },
	{ "composer", { "wm/composer", "album/composer" } },
	{ "performer", { "lead_performer" } },
	{ "genre", { "wm/genre", "album/genre" } },
	{ "date", { "tdrc", "date_released", "date_recorded", "year",
	    "wm/year", "originaldate", "recorded date",
	    "album/date_released", "album/date_recorded" } },
	{ "track", { "tracknumber", "track number", "part_number",
	    "wm/tracknumber" } },
	{ "disc", { "discnumber", "disk", "wm/partofset" } },
	{ "description", { "synopsis", "summary", "wm/subtitledescription",
	    "com.apple.quicktime.information" } },
	{ "comment", { "comments" } },
	{ "lyrics", { "unsyncedlyrics", "unsynced lyrics", "wm/lyrics" } },
	{ "publisher", { "label", "organization", "wm/publisher",
	    "album/publisher", "album/label" } },
	{ "copyright", { "album/copyright" } },
	{ "isrc", { "tsrc", "trc", "wm/isrc" } },
	{ "bpm", { "tbpm", "tbp", "tempo", "tmpo", "wm/beatsperminute" } },
	{ "compilation", { "tcmp", "tcp", "cpil", "itunescompilation",
	    "wm/iscompilation" } },
};

/* Prefixes that libavformat adds: Matroska's target type, and QuickTime's
 * namespace. */
static const char *const prefixes[] = {
	"track/", "song/", "movie/", "episode/", "concert/",
	"com.apple.quicktime.",
};

/* Tags with the total number of tracks or discs. */
static const struct {
	const char *key, *names[NAMES];
} totals[] = {
	{ "track", { "tracktotal", "totaltracks", "total_tracks",
	    "total_parts", "album/total_parts" } },
	{ "disc", { "disctotal", "totaldiscs", "total_discs" } },
};

/* Does the format's specification require UTF-8? */
static bool
promises_utf8(const AVFormatContext *fmt)
{
	return format_is(fmt, "matroska,mov,ogg,flac,ape,wv,tta,tak,mpc,nut,"
	    "caf,flv");
}

void
tags_clean(char *dst, size_t size, const char *src,
    const AVFormatContext *fmt, bool lines)
{
	size_t n;

	latin_to_utf8(dst, size, src, !promises_utf8(fmt), lines);
	n = strlen(dst);
	while (n > 0 && (dst[n - 1] == ' ' || dst[n - 1] == '\n'))
		dst[--n] = '\0';
}

/* Search in the file's metadata, then in the stream's, where Ogg has them. */
static const char *
find_entry(const AVFormatContext *fmt, const AVStream *sound, const char *key,
    int flags)
{
	const AVDictionaryEntry *e = av_dict_get(fmt->metadata, key, NULL,
	    flags);

	if (e == NULL)
		e = av_dict_get(sound->metadata, key, NULL, flags);
	return e == NULL || e->value[0] == '\0' ? NULL : e->value;
}

/* Search with and without a prefix. */
static const char *
find_name(const AVFormatContext *fmt, const AVStream *sound, const char *name)
{
	const char *found = find_entry(fmt, sound, name, 0);
	char full[64];

	for (size_t i = 0; found == NULL &&
	    i < sizeof prefixes / sizeof prefixes[0]; i++) {
		snprintf(full, sizeof full, "%s%s", prefixes[i], name);
		found = find_entry(fmt, sound, full, 0);
	}
	return found;
}

static const char *
find_any(const AVFormatContext *fmt, const AVStream *sound,
    const char *const names[NAMES])
{
	const char *found = NULL;

	for (int i = 0; found == NULL && i < NAMES && names[i] != NULL; i++)
		found = find_name(fmt, sound, names[i]);
	return found;
}

static const char *
find_tag(const AVFormatContext *fmt, const AVStream *sound, const char *key)
{
	const char *found = find_name(fmt, sound, key);

	for (size_t i = 0; found == NULL &&
	    i < sizeof spellings / sizeof spellings[0]; i++)
		if (strcmp(spellings[i].key, key) == 0)
			found = find_any(fmt, sound, spellings[i].names);
	/* libavformat adds the language of ID3v2 to this name. */
	if (found == NULL && strcmp(key, "lyrics") == 0)
		found = find_entry(fmt, sound, "lyrics-",
		    AV_DICT_IGNORE_SUFFIX);
	return found;
}

/* "3" and "12" become "3/12". */
static void
add_total(char *value, size_t size, const AVFormatContext *fmt,
    const AVStream *sound, const char *key)
{
	size_t at = strlen(value);

	for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++) {
		const char *all = strcmp(totals[i].key, key) == 0 ?
		    find_any(fmt, sound, totals[i].names) : NULL;

		if (all == NULL || strchr(value, '/') != NULL ||
		    value[strspn(value, "0123456789")] != '\0' ||
		    all[strspn(all, "0123456789")] != '\0')
			continue;
		snprintf(value + at, size - at, "/%.9s", all);
	}
}

/* "2024-05-06T12:34:56Z" becomes the date, as far as it is valid. */
static void
shorten_date(char *date)
{
	static const char form[] = "0000-00-00";
	size_t n = 0;

	for (; form[n] != '\0'; n++)
		if (form[n] == '0' ? !isdigit((unsigned char)date[n]) :
		    date[n] != form[n])
			break;
	if (n >= 4 && !isdigit((unsigned char)date[4]))
		date[n >= 10 ? 10 : n >= 7 ? 7 : 4] = '\0';
}

/* ID3v2 has whole numbers only. */
static void
round_bpm(char *bpm, size_t size)
{
	char *end;
	double n = strtod(bpm, &end);

	if (end == bpm || !(n >= 1 && n < 10000))
		*bpm = '\0';
	else
		snprintf(bpm, size, "%ld", lround(n));
}

static void
settle_flag(char *flag)
{
	bool yes = strcmp(flag, "1") == 0 || strcasecmp(flag, "true") == 0 ||
	    strcasecmp(flag, "yes") == 0;

	flag[0] = yes ? '1' : '\0';
	flag[1] = '\0';
}

/* The file's value of a tag in ID3v2's form; "": none. */
static void
take_value(char *value, size_t size, const AVFormatContext *fmt,
    const AVStream *sound, const char *key)
{
	const char *found = find_tag(fmt, sound, key);

	tags_clean(value, size, found == NULL ? "" : found, fmt,
	    v2m_tag_has_lines(key));
	if (*value == '\0')
		return;
	add_total(value, size, fmt, sound, key);
	if (strcmp(key, "date") == 0)
		shorten_date(value);
	else if (strcmp(key, "bpm") == 0)
		round_bpm(value, size);
	else if (strcmp(key, "compilation") == 0)
		settle_flag(value);
	else if (strcmp(key, "language") == 0 && strcmp(value, "und") == 0)
		*value = '\0';
}

/* The value that the settings give for a tag; NULL: none. */
static const char *
asked_for(const struct v2m_settings *s, const char *key)
{
	for (int i = 0; i < s->ntags; i++)
		if (strcmp(s->tags[i].key, key) == 0)
			return s->tags[i].value;
	return NULL;
}

/* libavformat's "encoder" and "creation_time" are about the video file, not
 * about its content. */
AVDictionary *
tags_collect(const AVFormatContext *fmt, const AVStream *sound,
    const struct v2m_settings *s)
{
	AVDictionary *tags = NULL;
	char *room = malloc(LINES_MOST);
	const char *key;

	for (size_t i = 0; room != NULL && (key = v2m_tag_name(i)) != NULL;
	    i++) {
		const char *value = asked_for(s, key);

		if (value == NULL) {
			take_value(room, v2m_tag_has_lines(key) ? LINES_MOST :
			    VALUE_MOST, fmt, sound, key);
			value = room;
		}
		if (*value != '\0' && av_dict_set(&tags, key, value, 0) >= 0)
			report_tag(key, value);
	}
	free(room);
	return tags;
}
