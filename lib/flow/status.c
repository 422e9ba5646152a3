#include "flow/status.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

const char *
v2m_status_word(const struct v2m_record *r)
{
	switch ((enum v2m_state)r->state) {
	case V2M_RUNNING:
		return "converting";
	case V2M_DONE:
		if (r->mp3[0] == '\0')
			return "expired";
		return r->warnings[0] == '\0' ? "done" : "warnings";
	case V2M_CANCELLED:
		return "removed";
	default:
		return v2m_state_word((enum v2m_state)r->state);
	}
}

static void
add_time(json_t *o, const char *key, int64_t wall_ms)
{
	char text[32];

	if (wall_ms != 0)
		json_object_set_new(o, key,
		    json_string(v2m_wall_text(text, wall_ms)));
}

static void
add_text(json_t *o, const char *key, const char *text)
{
	if (text[0] != '\0')
		json_object_set_new(o, key, json_string(text));
}

static void
add_parsed(json_t *o, const char *key, const char *json)
{
	json_t *value = json_loads(json, 0, NULL);

	if (value != NULL)
		json_object_set_new(o, key, value);
}

json_t *
v2m_status_json(const struct v2m_record *r)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:I}", "id", r->id,
	    "state", v2m_state_word((enum v2m_state)r->state), "owner",
	    r->owner, "name", r->name, "length", (json_int_t)r->length);

	add_text(o, "sha256", r->sha256);
	add_parsed(o, "options", r->options);
	add_time(o, "created", r->created_at);
	if (r->state == V2M_RUNNING && r->progress >= 0)
		json_object_set_new(o, "percent", json_integer(r->progress));
	if (r->state == V2M_DONE) {
		add_text(o, "mp3", r->mp3);
		json_object_set_new(o, "mp3_length",
		    json_integer(r->mp3_length));
		add_text(o, "mp3_sha256", r->mp3_sha256);
		json_object_set_new(o, "duration_s",
		    json_real((double)r->duration_ms / 1000));
		add_parsed(o, "warnings", r->warnings);
	}
	add_text(o, "reason", r->reason);
	json_object_set_new(o, "attempts", json_integer(r->attempts));
	if (r->state == V2M_QUEUED)
		add_time(o, "due", r->due);
	add_time(o, "finished", r->done_at);
	add_text(o, "told", r->told);
	add_time(o, "fetched", r->fetched_at);
	return o;
}

/* Why it failed or pauses, or what was odd about it. */
static void
remark(char *dst, size_t size, const struct v2m_record *r)
{
	json_t *list = json_loads(r->warnings, 0, NULL);
	size_t i, n = 0;
	json_t *item;

	v2m_text_copy(dst, size, r->reason);
	json_array_foreach(list, i, item)
		if (n < size && json_is_string(item))
			n += (size_t)snprintf(dst + n, size - n, "%s%s",
			    i == 0 ? "" : "; ", json_string_value(item));
	json_decref(list);
}

static void
number_or_dash(FILE *out, int64_t n, bool known)
{
	if (known)
		fprintf(out, "\t%" PRId64, n);
	else
		fputs("\t-", out);
}

void
v2m_status_line(FILE *out, const struct v2m_record *r, int64_t now_ms)
{
	bool done = r->state == V2M_DONE;
	char text[1024];

	fprintf(out, "%s\t%s", r->id, v2m_status_word(r));
	number_or_dash(out, done ? 100 : r->progress, done ||
	    (r->state == V2M_RUNNING && r->progress >= 0));
	fprintf(out, "\t%s", r->name[0] == '\0' ? "-" : r->name);
	number_or_dash(out, r->length, r->length > 0);
	number_or_dash(out, r->mp3_length, done);
	number_or_dash(out, r->duration_ms, done);
	number_or_dash(out, (now_ms - r->created_at) / 1000,
	    r->created_at != 0);
	remark(text, sizeof text, r);
	fprintf(out, "\t%s", text[0] == '\0' ? "-" : text);
}

/* What a terminal is wide enough for, besides ID, state and some of a name. */
#define WIDTH_ALWAYS 44
#define WIDTH_TIMES 18
#define WIDTH_SIZES 22
#define WIDTH_NAME 16

static bool
has_times(int width)
{
	return width >= WIDTH_ALWAYS + WIDTH_TIMES + WIDTH_NAME;
}

static bool
has_sizes(int width)
{
	return width >= WIDTH_ALWAYS + WIDTH_TIMES + WIDTH_SIZES + WIDTH_NAME;
}

static int
name_width(int width)
{
	int left = width - WIDTH_ALWAYS - (has_times(width) ? WIDTH_TIMES : 0) -
	    (has_sizes(width) ? WIDTH_SIZES : 0);

	return left < WIDTH_NAME ? WIDTH_NAME : left;
}

/* The columns between the percentage and the name. */
static void
print_middle(FILE *out, int width, const char *video, const char *mp3,
    const char *length, const char *age)
{
	if (has_sizes(width))
		fprintf(out, " %10s %10s", video, mp3);
	if (has_times(width))
		fprintf(out, " %8s %8s", length, age);
}

void
v2m_status_heading(FILE *out, int width)
{
	fprintf(out, "%-24s  %-10s %5s", "ID", "STATE", "");
	print_middle(out, width, "VIDEO", "MP3", "LENGTH", "AGE");
	fputs("  NAME\n", out);
}

/* Bytes of the first n characters of UTF-8 text. */
static int
first_characters(const char *s, int n)
{
	int at = 0;

	while (s[at] != '\0' && n-- > 0)
		do
			at++;
		while (((unsigned char)s[at] & 0xc0) == 0x80);
	return at;
}

void
v2m_status_row(FILE *out, const struct v2m_record *r, int64_t now_ms,
    int width, bool colour)
{
	bool done = r->state == V2M_DONE, failed = r->state == V2M_FAILED_STATE;
	char percent[16] = "", video[32] = "-", mp3[32] = "-", length[32] = "-";
	char age[32], name[V2M_NAME_MAX + 1100], text[1024];
	const char *mark = !colour ? "" : failed ? "\033[31m" :
	    done && r->warnings[0] != '\0' ? "\033[33m" : "";

	if (r->state == V2M_RUNNING && r->progress >= 0)
		snprintf(percent, sizeof percent, "%d%%", (int)r->progress);
	if (r->length > 0)
		v2m_text_size(video, r->length);
	if (done) {
		v2m_text_size(mp3, r->mp3_length);
		v2m_text_duration(length, r->duration_ms);
	}
	remark(text, sizeof text, r);
	snprintf(name, sizeof name, "%s%s%s%s", r->name,
	    text[0] == '\0' ? "" : " (", text, text[0] == '\0' ? "" : ")");
	fprintf(out, "%-24s  %s%-10s%s %5s", r->id, mark, v2m_status_word(r),
	    mark[0] == '\0' ? "" : "\033[0m", percent);
	print_middle(out, width, video, mp3, length, v2m_text_age(age, now_ms -
	    r->created_at));
	fprintf(out, "  %.*s\n", first_characters(name, name_width(width)),
	    name);
}
