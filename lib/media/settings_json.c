/* The settings as JSON. */

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "media/frame.h"
#include "media/settings.h"

static const char *const copy_words[] = { NULL, "no", "yes", "only" };

static void
set(json_t *o, bool said, const char *key, json_t *value)
{
	if (said)
		json_object_set_new(o, key, value);
	else
		json_decref(value);
}

static json_t *
langs_json(const struct v2m_settings *s)
{
	json_t *list = json_array();

	for (int i = 0; i < V2M_SETTINGS_LANGS && s->langs[i][0] != '\0'; i++)
		json_array_append_new(list, json_string(s->langs[i]));
	return list;
}

/* A number; "1+2" or "1,2" for two tracks. */
static json_t *
track_json(const struct v2m_settings *s)
{
	return s->with == 0 ? json_integer(s->track) :
	    json_sprintf("%d%c%d", s->track, s->mix ? ',' : '+', s->with);
}

static json_t *
tags_json(const struct v2m_settings *s)
{
	json_t *tags = json_object();

	for (int i = 0; i < s->ntags; i++)
		json_object_set_new(tags, s->tags[i].key,
		    json_string(s->tags[i].value));
	return tags;
}

void
v2m_settings_format(const struct v2m_settings *s,
    char text[V2M_SETTINGS_TEXT])
{
	json_t *o = json_object();
	size_t n;

	set(o, s->bitrate_kbps != 0, "bitrate", json_integer(s->bitrate_kbps));
	set(o, s->copy != V2M_COPY_UNSAID, "copy",
	    json_string(copy_words[s->copy]));
	set(o, s->from_ms != 0, "from_ms", json_integer(s->from_ms));
	set(o, s->id3 == 4, "id3", json_string("2.4"));
	set(o, s->langs[0][0] != '\0', "lang", langs_json(s));
	set(o, s->lang_strict, "lang_strict", json_true());
	set(o, s->loudness != 0, "loudness", json_integer(s->loudness));
	set(o, s->mono, "mono", json_true());
	set(o, s->quality != V2M_QUALITY && s->bitrate_kbps == 0, "quality",
	    json_integer(s->quality));
	set(o, s->ntags > 0, "tags", tags_json(s));
	set(o, s->to_ms != 0, "to_ms", json_integer(s->to_ms));
	set(o, s->track != 0, "track", track_json(s));
	n = json_dumpb(o, text, V2M_SETTINGS_TEXT - 1,
	    JSON_COMPACT | JSON_SORT_KEYS);
	text[n < V2M_SETTINGS_TEXT ? n : 0] = '\0';
	json_decref(o);
}

static bool
take_track(struct v2m_settings *s, const json_t *value)
{
	json_int_t n = json_integer_value(value);
	const char *text = json_string_value(value);

	if (text != NULL)
		return v2m_settings_track(s, text, NULL) == 0 && s->with != 0;
	s->track = (int)n;
	return n > 0 && n <= 999;
}

static bool
take_langs(struct v2m_settings *s, const json_t *value)
{
	size_t i, k, n = json_array_size(value);

	if (n == 0 || n > V2M_SETTINGS_LANGS)
		return false;
	memset(s->langs, 0, sizeof s->langs);
	for (i = 0; i < n; i++) {
		const char *lang = json_string_value(json_array_get(value, i));

		if (lang == NULL || strlen(lang) >= sizeof s->langs[i] ||
		    !v2m_lang_valid(lang))
			return false;
		for (k = 0; lang[k] != '\0'; k++)
			s->langs[i][k] = (char)tolower((unsigned char)lang[k]);
	}
	return true;
}

static bool
take_tags(struct v2m_settings *s, json_t *value)
{
	const char *key;
	json_t *tag;

	if (!json_is_object(value))
		return false;
	json_object_foreach(value, key, tag)
		if (!json_is_string(tag) ||
		    json_string_length(tag) != strlen(json_string_value(tag)) ||
		    v2m_settings_set_tag(s, key, json_string_value(tag),
		    NULL) < 0)
			return false;
	return true;
}

static bool
take_time(int64_t *ms, const json_t *value)
{
	*ms = json_integer_value(value);
	return json_is_integer(value) && *ms >= 0 &&
	    *ms <= V2M_SETTINGS_TIME_MOST;
}

static bool
take_loudness(struct v2m_settings *s, json_int_t n)
{
	if (n != 0 && (n < V2M_SETTINGS_LOUDNESS_LEAST ||
	    n > V2M_SETTINGS_LOUDNESS_MOST))
		return false;
	s->loudness = (int)n;
	return true;
}

static bool
take_copy(struct v2m_settings *s, const char *word)
{
	return word != NULL && *word != '\0' &&
	    v2m_settings_copy(s, word, NULL) == 0;
}

static bool
take_id3(struct v2m_settings *s, const char *version)
{
	return version != NULL && v2m_settings_id3(s, version, NULL) == 0;
}

static bool
is_flag(const char *key, const char *name, const json_t *value, bool *flag)
{
	if (strcmp(key, name) != 0 || !json_is_boolean(value))
		return false;
	*flag = json_is_true(value);
	return true;
}

static bool
take_member(struct v2m_settings *s, const char *key, json_t *value)
{
	json_int_t n = json_is_integer(value) ? json_integer_value(value) : -1;

	if (strcmp(key, "quality") == 0 && n >= 0 && n <= 9)
		s->quality = (int)n;
	else if (strcmp(key, "bitrate") == 0 && n > 0 && n <= 320 &&
	    v2m_frame_bitrate_valid((int)n))
		s->bitrate_kbps = (int)n;
	else if (strcmp(key, "track") == 0)
		return take_track(s, value);
	else if (strcmp(key, "loudness") == 0 && json_is_integer(value))
		return take_loudness(s, n);
	else if (strcmp(key, "from_ms") == 0)
		return take_time(&s->from_ms, value);
	else if (strcmp(key, "to_ms") == 0)
		return take_time(&s->to_ms, value);
	else if (strcmp(key, "copy") == 0)
		return take_copy(s, json_string_value(value));
	else if (strcmp(key, "id3") == 0)
		return take_id3(s, json_string_value(value));
	else if (strcmp(key, "lang") == 0)
		return take_langs(s, value);
	else if (strcmp(key, "tags") == 0)
		return take_tags(s, value);
	else
		return is_flag(key, "mono", value, &s->mono) ||
		    is_flag(key, "lang_strict", value, &s->lang_strict);
	return true;
}

int
v2m_settings_parse(struct v2m_settings *s, const char *text,
    struct v2m_err *err)
{
	struct v2m_settings new;
	json_t *root = NULL, *value;
	const char *key;
	int ret = -1;

	v2m_settings_init(&new);
	if (text == NULL || *text == '\0') {
		*s = new;
		return 0;
	}
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(root)) {
		v2m_err_set(err, V2M_PROTOCOL,
		    "the conversion settings are not a JSON object");
		goto out;
	}
	json_object_foreach(root, key, value)
		if (!take_member(&new, key, value)) {
			v2m_err_set(err, V2M_PROTOCOL, "conversion settings "
			    "with an unknown or wrong '%s'", key);
			goto out;
		}
	/* With a constant bitrate, quality has no meaning. */
	if (new.bitrate_kbps != 0)
		new.quality = V2M_QUALITY;
	if (v2m_settings_check(&new, err) < 0) {
		if (err != NULL)
			err->code = V2M_PROTOCOL;
		goto out;
	}
	*s = new;
	ret = 0;
out:
	json_decref(root);
	return ret;
}
