#include "flow/job_message.h"

#include <jansson.h>
#include <string.h>

static int
get_id(json_t *object, const char *key, bool may_be_null,
    char id[V2M_ID_SIZE], struct v2m_err *err)
{
	json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	id[0] = '\0';
	if (may_be_null && (value == NULL || json_is_null(value)))
		return 0;
	if (text == NULL || !v2m_id_valid(text))
		return v2m_err_set(err, V2M_PROTOCOL, "message: %s is not an "
		    "ID",
		    key);
	memcpy(id, text, V2M_ID_SIZE);
	return 0;
}

static int
get_options(json_t *object, struct v2m_job_message *m, struct v2m_err *err)
{
	json_t *options = json_object_get(object, "options");
	size_t n;

	m->options[0] = '\0';
	if (options == NULL || json_is_null(options))
		return 0;
	if (!json_is_object(options))
		return v2m_err_set(err, V2M_PROTOCOL,
		    "message: options are not an object");
	n = json_dumpb(options, m->options, sizeof m->options - 1,
	    JSON_COMPACT | JSON_SORT_KEYS);
	if (n >= sizeof m->options)
		return v2m_err_set(err, V2M_PROTOCOL,
		    "message: options are too long");
	m->options[n] = '\0';
	return 0;
}

int
v2m_job_message_parse(struct v2m_job_message *m, const char *body,
    size_t length, struct v2m_err *err)
{
	json_t *object = json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL);
	const char *username;
	int ret = -1;

	memset(m, 0, sizeof *m);
	if (!json_is_object(object)) {
		v2m_err_set(err, V2M_PROTOCOL, "message: not a JSON object");
		goto out;
	}
	if (get_id(object, "video_fid", false, m->video, err) < 0 ||
	    get_id(object, "mp3_fid", true, m->mp3, err) < 0 ||
	    get_options(object, m, err) < 0)
		goto out;
	username = json_string_value(json_object_get(object, "username"));
	if (username == NULL) {
		v2m_err_set(err, V2M_PROTOCOL, "message: username is missing");
		goto out;
	}
	if (!v2m_text_email(m->username, username))
		m->username[0] = '\0';
	ret = 0;
out:
	json_decref(object);
	return ret;
}

static int
set_members(json_t *object, const struct v2m_record *r)
{
	json_t *options = json_loads(r->options, 0, NULL);
	bool done = r->state == V2M_JOB_DONE && r->mp3[0] != '\0';

	if (json_is_object(options) && json_object_size(options) > 0)
		json_object_set(object, "options", options);
	json_decref(options);
	return json_object_set_new(object, "video_fid",
	    json_string(r->id)) < 0 ||
	    json_object_set_new(object, "mp3_fid",
	    done ? json_string(r->mp3) : json_null()) < 0 ||
	    json_object_set_new(object, "username",
	    json_string(r->owner)) < 0 ? -1 : 0;
}

char *
v2m_job_message_format(const struct v2m_record *r, const char *base,
    size_t base_length, struct v2m_err *err)
{
	json_t *object = base == NULL ? NULL : json_loadb(base, base_length,
	    0, NULL);
	char *body = NULL;

	if (!json_is_object(object)) {
		json_decref(object);
		object = json_object();
	}
	if (object != NULL && set_members(object, r) == 0)
		body = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (body == NULL)
		v2m_err_set(err, V2M_TEMP, "out of memory for a message");
	return body;
}
