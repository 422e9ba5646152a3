#include "media/settings.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "base/text.h"
#include "media/frame.h"

#define TIME_MOST V2M_SETTINGS_TIME_MOST
#define TAGS_BYTES 1400		/* bytes of all tags in JSON */

/* Most have a frame of their own in ID3v2. */
static const char *const known_tags[] = {
	"title", "artist", "album", "album_artist", "composer", "performer",
	"genre", "date", "track", "disc", "comment", "description", "lyrics",
	"copyright", "publisher", "isrc", "bpm", "compilation", "language",
};

#define KNOWN (sizeof known_tags / sizeof known_tags[0])

_Static_assert(KNOWN <= V2M_SETTINGS_TAGS, "room for every tag");

const char *
v2m_tag_name(size_t i)
{
	return i < KNOWN ? known_tags[i] : NULL;
}

bool
v2m_tag_known(const char *key)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strcmp(known_tags[i], key) == 0)
			return true;
	return false;
}

bool
v2m_tag_has_lines(const char *key)
{
	return strcmp(key, "comment") == 0 ||
	    strcmp(key, "description") == 0 || strcmp(key, "lyrics") == 0;
}

void
v2m_settings_init(struct v2m_settings *s)
{
	memset(s, 0, sizeof *s);
	s->quality = V2M_QUALITY;
	s->id3 = V2M_ID3;
}

static const struct {
	const char *name;
	int quality;
	bool mono;
	int loudness;
} presets[] = {
	{ "music", 0, false, 0 },
	{ "speech", 6, true, 0 },
	{ "podcast", 4, false, -160 },
};

#define PRESETS (sizeof presets / sizeof presets[0])

static const char *
suggest_preset(const char *text, char hint[V2M_SUGGEST_HINT])
{
	struct v2m_suggest s;

	v2m_suggest_start(&s, text);
	for (size_t i = 0; i < PRESETS; i++)
		v2m_suggest_offer(&s, presets[i].name);
	return v2m_suggest_hint(&s, hint);
}

int
v2m_settings_preset(struct v2m_settings *s, const char *text,
    struct v2m_err *err)
{
	char hint[V2M_SUGGEST_HINT];

	for (size_t i = 0; i < PRESETS; i++) {
		if (strcmp(presets[i].name, text) != 0)
			continue;
		s->quality = presets[i].quality;
		s->bitrate_kbps = 0;
		s->mono = presets[i].mono;
		s->loudness = presets[i].loudness;
		return 0;
	}
	return v2m_err_set(err, V2M_USAGE, "unknown preset '%s'%s (music, "
	    "speech, podcast)", text, suggest_preset(text, hint));
}

int
v2m_settings_quality(struct v2m_settings *s, const char *text,
    struct v2m_err *err)
{
	const char *digit = text;

	if (*digit == 'V' || *digit == 'v')
		digit++;
	if (!isdigit((unsigned char)digit[0]) || digit[1] != '\0')
		return v2m_err_set(err, V2M_USAGE,
		    "'%s' is not a quality: V0 (best) to V9", text);
	s->quality = digit[0] - '0';
	return 0;
}

int
v2m_settings_bitrate(struct v2m_settings *s, const char *text,
    struct v2m_err *err)
{
	char *end;
	long kbps = 0;

	if (isdigit((unsigned char)text[0])) {
		kbps = strtol(text, &end, 10);
		if (*end == 'k' || *end == 'K')
			end++;
		if (*end != '\0' || kbps > 320)
			kbps = 0;
	}
	if (!v2m_frame_bitrate_valid((int)kbps))
		return v2m_err_set(err, V2M_USAGE, "'%s' is not an MP3 "
		    "bitrate: 8k 16k 24k 32k 40k 48k 56k 64k 80k 96k 112k "
		    "128k 144k 160k 192k 224k 256k 320k", text);
	s->bitrate_kbps = (int)kbps;
	return 0;
}

int
v2m_settings_copy(struct v2m_settings *s, const char *text,
    struct v2m_err *err)
{
	static const char *const words[] = { "", "no", "yes", "only" };

	for (int i = 0; i < 4; i++) {
		if (strcmp(words[i], text) != 0)
			continue;
		s->copy = i == 0 ? V2M_COPY_YES : (enum v2m_copy)i;
		return 0;
	}
	return v2m_err_set(err, V2M_USAGE,
	    "'%s' is not a value of --copy: yes, no or only", text);
}

/* Parse a decimal number with up to `places` decimal places, times 10^places.
 * false: it is invalid. */
static bool
fixed_point(const char *text, int places, int64_t most, int64_t *n)
{
	bool point = false;

	*n = 0;
	if (!isdigit((unsigned char)*text))
		return false;
	for (; *text != '\0'; text++) {
		if (*text == '.' && !point) {
			point = true;
			continue;
		}
		if (!isdigit((unsigned char)*text) || (point && places == 0) ||
		    *n > most)
			return false;
		*n = *n * 10 + (*text - '0');
		places -= point;
	}
	while (places-- > 0 && *n <= most)
		*n *= 10;
	return *n <= most;
}

int
v2m_settings_loudness(struct v2m_settings *s, const char *text,
    struct v2m_err *err)
{
	int64_t n = 0;

	if (strcmp(text, "none") == 0) {
		s->loudness = 0;
		return 0;
	}
	if (text[0] != '-' || !fixed_point(text + 1, 1,
	    -V2M_SETTINGS_LOUDNESS_LEAST, &n) ||
	    -n > V2M_SETTINGS_LOUDNESS_MOST)
		return v2m_err_set(err, V2M_USAGE, "'%s' is not a loudness: "
		    "-50 to -5 (LUFS), such as -16, or none", text);
	s->loudness = (int)-n;
	return 0;
}

/* Parse up to three digits, not 0.  Returns what follows; NULL: invalid. */
static const char *
track_number(const char *text, int *n)
{
	const char *at = text;

	for (*n = 0; isdigit((unsigned char)*at) && at - text < 3; at++)
		*n = *n * 10 + (*at - '0');
	return *n > 0 ? at : NULL;
}

int
v2m_settings_track(struct v2m_settings *s, const char *text,
    struct v2m_err *err)
{
	int track, with = 0;
	const char *at = track_number(text, &track);
	bool mix = at != NULL && *at == ',';

	if (at != NULL && (*at == '+' || *at == ','))
		at = track_number(at + 1, &with);
	if (at == NULL || *at != '\0' || with == track)
		return v2m_err_set(err, V2M_USAGE, "'%s' is not a track: 2, "
		    "or 1+2 for a pair, or 1,2 to mix them", text);
	s->track = track;
	s->with = with;
	s->mix = mix;
	return 0;
}

int
v2m_settings_lang(struct v2m_settings *s, const char *text,
    struct v2m_err *err)
{
	char langs[V2M_SETTINGS_LANGS][V2M_LANG_SIZE];
	const char *at = text;
	size_t n;

	memset(langs, 0, sizeof langs);
	for (int i = 0;; i++) {
		n = strcspn(at, ",");
		if (i == V2M_SETTINGS_LANGS)
			return v2m_err_set(err, V2M_USAGE,
			    "'%s' has more than %d languages", text, i);
		for (size_t k = 0; k < n && k < V2M_LANG_SIZE - 1; k++)
			langs[i][k] = (char)tolower((unsigned char)at[k]);
		if (n >= V2M_LANG_SIZE || !v2m_lang_valid(langs[i]))
			return v2m_err_set(err, V2M_USAGE, "'%s' is not a "
			    "list of languages, such as de,en", text);
		at += n;
		if (*at++ == '\0')
			break;
	}
	memcpy(s->langs, langs, sizeof langs);
	return 0;
}

int
v2m_settings_time(int64_t *ms, const char *text, struct v2m_err *err)
{
	const char *at = text, *colon;
	int64_t whole = 0, part;
	int parts = 1;

	if (v2m_text_parse_duration(text, &part) && part <= TIME_MOST &&
	    strcmp(text, "never") != 0) {
		*ms = part;
		return 0;
	}
	/* Hours and minutes; after the last colon, seconds. */
	for (; (colon = strchr(at, ':')) != NULL; at = colon + 1, parts++) {
		char number[8];
		size_t n = (size_t)(colon - at);

		if (n >= sizeof number || parts == 3)
			goto fail;
		memcpy(number, at, n);
		number[n] = '\0';
		if (!fixed_point(number, 0, parts == 1 ? 9999999 : 59, &part))
			goto fail;
		whole = (whole + part) * 60;
	}
	if (!fixed_point(at, 3, parts == 1 ? TIME_MOST : 59999, &part) ||
	    whole > TIME_MOST / 1000 || whole * 1000 + part > TIME_MOST)
		goto fail;
	*ms = whole * 1000 + part;
	return 0;
fail:
	return v2m_err_set(err, V2M_USAGE, "'%s' is not a time: 90, 90.5, "
	    "1:30, 1:02:03.25 or 15min", text);
}

int
v2m_settings_id3(struct v2m_settings *s, const char *text,
    struct v2m_err *err)
{
	if (strcmp(text, "2.3") != 0 && strcmp(text, "2.4") != 0)
		return v2m_err_set(err, V2M_USAGE,
		    "'%s' is not an ID3 version that v2m writes: 2.3 or 2.4",
		    text);
	s->id3 = text[2] - '0';
	return 0;
}

/* Its length as a JSON string. */
static size_t
json_length(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == '"' || *s == '\\' || *s == '\n' ? 2 : 1;
	return n;
}

static size_t
tags_length(const struct v2m_settings *s)
{
	size_t n = 0;

	for (int i = 0; i < s->ntags; i++)
		n += json_length(s->tags[i].value) + sizeof "\"\":\"\"," +
		    strlen(s->tags[i].key);
	return n;
}

static int
unknown_tag(const char *text, struct v2m_err *err)
{
	char key[V2M_SUGGEST_MAX], list[256], hint[V2M_SUGGEST_HINT];
	struct v2m_suggest s;
	size_t at = 0;

	snprintf(key, sizeof key, "%.*s", (int)strcspn(text, "="), text);
	v2m_suggest_start(&s, key);
	for (size_t i = 0; i < KNOWN; i++) {
		v2m_suggest_offer(&s, known_tags[i]);
		at += (size_t)snprintf(list + at, sizeof list - at, " %s",
		    known_tags[i]);
	}
	if (v2m_suggest_best(&s) != NULL)
		return v2m_err_set(err, V2M_USAGE, "unknown tag '%s'%s", key,
		    v2m_suggest_hint(&s, hint));
	return v2m_err_set(err, V2M_USAGE, "unknown tag '%s': use one of%s",
	    key, list);
}

int
v2m_settings_set_tag(struct v2m_settings *s, const char *key,
    const char *value, struct v2m_err *err)
{
	struct v2m_settings new = *s;
	bool is_text;
	int i = 0;

	if (!v2m_tag_known(key))
		return unknown_tag(key, err);
	while (i < new.ntags && strcmp(new.tags[i].key, key) != 0)
		i++;
	v2m_text_copy(new.tags[i].key, sizeof new.tags[i].key, key);
	is_text = v2m_text_tag(new.tags[i].value, sizeof new.tags[i].value,
	    value, v2m_tag_has_lines(key));
	new.ntags += i == new.ntags;
	if (strlen(value) >= sizeof new.tags[i].value)
		return v2m_err_set(err, V2M_USAGE, "the tag '%s' is longer "
		    "than %d bytes", key, V2M_SETTINGS_VALUE - 1);
	if (!is_text)
		return v2m_err_set(err, V2M_USAGE, "the tag '%s' is not UTF-8",
		    key);
	if (tags_length(&new) > TAGS_BYTES)
		return v2m_err_set(err, V2M_USAGE,
		    "the tags are longer than %d bytes", TAGS_BYTES);
	*s = new;
	return 0;
}

int
v2m_settings_tag(struct v2m_settings *s, const char *text,
    struct v2m_err *err)
{
	const char *value = strchr(text, '=');
	char key[sizeof s->tags[0].key] = "";

	if (value == NULL)
		return v2m_err_set(err, V2M_USAGE,
		    "'%s' is not a tag: write KEY=VALUE, such as artist=NAME",
		    text);
	if ((size_t)(value - text) >= sizeof key)
		return unknown_tag(text, err);
	for (size_t k = 0; text + k < value; k++)
		key[k] = (char)tolower((unsigned char)text[k]);
	if (!v2m_tag_known(key))
		return unknown_tag(text, err);
	return v2m_settings_set_tag(s, key, value + 1, err);
}

/* Do the settings ask for what a copy cannot have? */
static bool
needs_encoding(const struct v2m_settings *s)
{
	return s->bitrate_kbps != 0 || s->quality != V2M_QUALITY || s->mono ||
	    s->loudness != 0;
}

bool
v2m_settings_may_copy(const struct v2m_settings *s, bool configured)
{
	if (s->copy == V2M_COPY_UNSAID)
		return configured && !needs_encoding(s);
	return s->copy != V2M_COPY_NO;
}

int
v2m_settings_check(const struct v2m_settings *s, struct v2m_err *err)
{
	if (s->copy > V2M_COPY_NO && needs_encoding(s))
		return v2m_err_set(err, V2M_USAGE, "what is copied has its "
		    "own bitrate, channels and loudness: copy cannot be used "
		    "with quality, bitrate, mono, loudness or preset");
	if (s->track != 0 && s->langs[0][0] != '\0')
		return v2m_err_set(err, V2M_USAGE,
		    "track and lang cannot be used together");
	if (s->lang_strict && s->langs[0][0] == '\0')
		return v2m_err_set(err, V2M_USAGE,
		    "lang-strict needs lang");
	if (s->to_ms != 0 && s->to_ms <= s->from_ms)
		return v2m_err_set(err, V2M_USAGE,
		    "the end (to) has to be later than the beginning (from)");
	return 0;
}
