#include "media/settings.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/frame.h"

#define QUALITY 2

void
v2m_settings_init(struct v2m_settings *s)
{
	*s = (struct v2m_settings){ .quality = QUALITY };
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
		    "'%s' is no quality: V0 (best) to V9", text);
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
		return v2m_err_set(err, V2M_USAGE, "'%s' is no bitrate of an "
		    "MP3: 8k 16k 24k 32k 40k 48k 56k 64k 80k 96k 112k 128k "
		    "144k 160k 192k 224k 256k 320k", text);
	s->bitrate_kbps = (int)kbps;
	return 0;
}

void
v2m_settings_format(const struct v2m_settings *s,
    char text[V2M_SETTINGS_TEXT])
{
	char bitrate[32] = "", mono[32] = "", quality[32] = "";
	const char *parts[] = { bitrate, mono, quality };
	size_t at = 0;

	if (s->bitrate_kbps != 0)
		snprintf(bitrate, sizeof bitrate, "\"bitrate\":%d",
		    s->bitrate_kbps);
	if (s->mono)
		snprintf(mono, sizeof mono, "\"mono\":true");
	if (s->quality != QUALITY && s->bitrate_kbps == 0)
		snprintf(quality, sizeof quality, "\"quality\":%d",
		    s->quality);
	text[at++] = '{';
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (parts[i][0] != '\0')
			at += (size_t)snprintf(text + at,
			    V2M_SETTINGS_TEXT - at, "%s%s",
			    at > 1 ? "," : "", parts[i]);
	text[at++] = '}';
	text[at] = '\0';
}

static int
parse_key(struct v2m_settings *s, const char *key, const json_t *value,
    struct v2m_err *err)
{
	json_int_t n = json_is_integer(value) ? json_integer_value(value) : -1;

	if (strcmp(key, "quality") == 0 && n >= 0 && n <= 9)
		s->quality = (int)n;
	else if (strcmp(key, "bitrate") == 0 && n > 0 && n <= 320 &&
	    v2m_frame_bitrate_valid((int)n))
		s->bitrate_kbps = (int)n;
	else if (strcmp(key, "mono") == 0 && json_is_boolean(value))
		s->mono = json_is_true(value);
	else
		return v2m_err_set(err, V2M_PROTOCOL,
		    "conversion settings with an unknown or wrong '%s'", key);
	return 0;
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
		    "conversion settings that are no JSON object");
		goto out;
	}
	json_object_foreach(root, key, value)
		if (parse_key(&new, key, value, err) < 0)
			goto out;
	*s = new;
	ret = 0;
out:
	json_decref(root);
	return ret;
}
