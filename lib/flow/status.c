#include "flow/status.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

const char *
v2m_status_word(const struct v2m_record *r)
{
	switch ((enum v2m_state)r->state) {
	case V2M_JOB_RUNNING:
		return "converting";
	case V2M_JOB_DONE:
		if (r->mp3[0] == '\0')
			return "expired";
		return r->warnings[0] == '\0' ? "done" : "warnings";
	case V2M_JOB_CANCELLED:
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

/* Is the failure not one of the video or its settings, but of the service? */
static bool
is_trouble_of_service(const struct v2m_record *r)
{
	return r->failure == V2M_TEMP || r->failure == V2M_UNAVAILABLE ||
	    r->failure == V2M_IO || r->failure == V2M_CANTCREATE ||
	    r->failure == V2M_DENIED || r->failure == V2M_CONFIG;
}

void
v2m_status_hide(struct v2m_record *r)
{
	if (r->reason[0] == '\0' || !is_trouble_of_service(r))
		return;
	v2m_text_copy(r->reason, sizeof r->reason,
	    r->state == V2M_JOB_FAILED ? "given up: a fault of the service" :
	    "a fault of the service: it is tried again");
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
	if (r->state == V2M_JOB_RUNNING && r->progress >= 0)
		json_object_set_new(o, "percent", json_integer(r->progress));
	if (r->state == V2M_JOB_DONE) {
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
	if (r->state == V2M_JOB_QUEUED) {
		add_time(o, "queued", r->queued_at);
		add_time(o, "due", r->due);
	}
	add_time(o, "finished", r->done_at);
	add_text(o, "told", v2m_told_word((enum v2m_told)r->told));
	add_time(o, "fetched", r->fetched_at);
	return o;
}

void
v2m_status_add_inner(json_t *o, const struct v2m_record *r)
{
	json_object_set_new(o, "via", json_string(v2m_via_word(
	    (enum v2m_via)r->via)));
	json_object_set_new(o, "generation", json_integer(r->generation));
	json_object_set_new(o, "lost", json_integer(r->lost));
	json_object_set_new(o, "tries", json_integer(r->tries));
	json_object_set_new(o, "runs", json_integer(r->fence));
	json_object_set_new(o, "announced",
	    json_boolean(r->end_published_at != 0));
	if (r->state == V2M_JOB_RUNNING)
		add_time(o, "lease_until", r->until);
	add_text(o, "told_reason", r->notify_reason);
}

/* What to say if the notice did not reach the owner; else NULL. */
static const char *
notice_remark(const struct v2m_record *r)
{
	if (r->told == V2M_TOLD_FAILED)
		return "its notice could not be delivered";
	return r->told == V2M_TOLD_MAYBE ?
	    "its notice may not have been delivered" : NULL;
}

void
v2m_status_remark(char *dst, size_t size, const struct v2m_record *r)
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
	n = strlen(dst);
	if (n < size && notice_remark(r) != NULL)
		snprintf(dst + n, size - n, "%s%s", n == 0 ? "" : "; ",
		    notice_remark(r));
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
	bool done = r->state == V2M_JOB_DONE;
	char text[1024];

	fprintf(out, "%s\t%s", r->id, v2m_status_word(r));
	number_or_dash(out, done ? 100 : r->progress, done ||
	    (r->state == V2M_JOB_RUNNING && r->progress >= 0));
	fprintf(out, "\t%s", r->name[0] == '\0' ? "-" : r->name);
	number_or_dash(out, r->length, r->length > 0);
	number_or_dash(out, r->mp3_length, done);
	number_or_dash(out, r->duration_ms, done);
	number_or_dash(out, (now_ms - r->created_at) / 1000,
	    r->created_at != 0);
	v2m_status_remark(text, sizeof text, r);
	fprintf(out, "\t%s", text[0] == '\0' ? "-" : text);
}
