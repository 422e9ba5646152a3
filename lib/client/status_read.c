#include "client/status_read.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "media/settings.h"

_Static_assert(sizeof ((struct v2m_record *)0)->options >=
    V2M_SETTINGS_TEXT, "settings fit into a record");

#define MOST INT64_C(0xfffffffffffff)	/* a double holds it exactly */

static int64_t
number(const json_t *o, const char *key)
{
	const json_t *value = json_object_get(o, key);
	int64_t n = json_is_integer(value) ? json_integer_value(value) : 0;

	return n < 0 || n > MOST ? 0 : n;
}

static void
text(const json_t *o, const char *key, char *dst, size_t size)
{
	v2m_text_copy(dst, size, json_string_value(json_object_get(o, key)));
}

static int64_t
moment(const json_t *o, const char *key)
{
	return v2m_wall_parse(json_string_value(json_object_get(o, key)));
}

/* An ID or a digest: n hexadecimal digits; "": it is not there. */
static bool
digits(const json_t *o, const char *key, char *dst, size_t n)
{
	const char *s = json_string_value(json_object_get(o, key));

	dst[0] = '\0';
	if (s == NULL)
		return true;
	if (strlen(s) != n || strspn(s, "0123456789abcdef") != n)
		return false;
	memcpy(dst, s, n + 1);
	return true;
}

/* JSON in one line with sorted keys; "": there is none, or it is too long. */
static void
nested(const json_t *value, char *dst, size_t size)
{
	size_t n = value == NULL ? 0 : json_dumpb(value, dst, size,
	    JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);

	dst[n < size ? n : 0] = '\0';
}

/* A list of texts for people, without control characters. */
static void
warnings(const json_t *o, char *dst, size_t size)
{
	const json_t *list = json_object_get(o, "warnings"), *item;
	json_t *clean = json_array();
	char line[1024];
	size_t i;

	json_array_foreach(list, i, item)
		if (json_is_string(item))
			json_array_append_new(clean, json_string(v2m_text_copy(
			    line, sizeof line, json_string_value(item))));
	dst[0] = '\0';
	if (json_array_size(clean) > 0)
		nested(clean, dst, size);
	json_decref(clean);
}

/* The options in canonical form, by which equal jobs are found.  If a newer
 * gateway sends unknown ones, they are kept as they are. */
static void
options(const json_t *o, char *dst, size_t size)
{
	const json_t *value = json_object_get(o, "options");
	char *any = value == NULL ? NULL : json_dumps(value, JSON_COMPACT);
	struct v2m_settings settings;
	struct v2m_err ignored;

	if (any != NULL && json_is_object(value) &&
	    v2m_settings_parse(&settings, any, &ignored) == 0)
		v2m_settings_format(&settings, dst);
	else
		nested(value, dst, size);
	free(any);
}

static void
read_numbers(const json_t *o, struct v2m_record *r)
{
	const json_t *seconds = json_object_get(o, "duration_s");
	const json_t *percent = json_object_get(o, "percent");
	double s = json_is_number(seconds) ? json_number_value(seconds) : 0;

	r->length = number(o, "length");
	r->mp3_length = number(o, "mp3_length");
	r->attempts = number(o, "attempts");
	r->duration_ms = s > 0 && s < 1e9 ? (int64_t)(s * 1000 + 0.5) : 0;
	r->progress = percent == NULL ? -1 : number(o, "percent");
	if (r->progress > 100)
		r->progress = 100;
	r->created_at = moment(o, "created");
	r->queued_at = moment(o, "queued");
	r->due = moment(o, "due");
	r->done_at = moment(o, "finished");
	r->fetched_at = moment(o, "fetched");
}

int
v2m_status_read(const json_t *o, struct v2m_record *r, struct v2m_err *err)
{
	const char *word = json_string_value(json_object_get(o, "state"));
	const char *told = json_string_value(json_object_get(o, "told"));

	memset(r, 0, sizeof *r);
	r->state = word == NULL ? -1 : v2m_state_parse(word);
	if (r->state < 0 || !digits(o, "id", r->id, V2M_ID_SIZE - 1) ||
	    !digits(o, "mp3", r->mp3, V2M_ID_SIZE - 1) ||
	    !digits(o, "sha256", r->sha256, V2M_SHA256_HEX - 1) ||
	    !digits(o, "mp3_sha256", r->mp3_sha256, V2M_SHA256_HEX - 1) ||
	    r->id[0] == '\0')
		return v2m_err_set(err, V2M_UNAVAILABLE, "the answer is not "
		    "the state of a job");
	text(o, "owner", r->owner, sizeof r->owner);
	text(o, "name", r->name, sizeof r->name);
	text(o, "reason", r->reason, sizeof r->reason);
	if (told != NULL)
		r->told = v2m_told_parse(told);
	options(o, r->options, sizeof r->options);
	warnings(o, r->warnings, sizeof r->warnings);
	read_numbers(o, r);
	return 0;
}
