#include "base/conf_private.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

size_t
v2m_conf_index(const char *key)
{
	size_t i;

	for (i = 0; v2m_conf_keys[i].name != NULL; i++)
		if (strcmp(v2m_conf_keys[i].name, key) == 0)
			return i;
	return V2M_CONF_MAX;
}

static size_t
must_index(const char *key)
{
	size_t i = v2m_conf_index(key);

	if (i == V2M_CONF_MAX)
		abort();
	return i;
}

/* The values of URL and path keys may begin, behind the scheme, with STATE/:
 * the state folder, wherever that is. */
static char *
expand(const char *value, const char *state, struct v2m_err *err)
{
	const char *at = strstr(value, "STATE/");
	char *out;
	int n;

	if (at != NULL && (at == value || at[-1] == ':'))
		n = asprintf(&out, "%.*s%s%s", (int)(at - value), value,
		    state, at + strlen("STATE"));
	else
		n = asprintf(&out, "%s", value);
	if (n < 0) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	return out;
}

int
v2m_conf_set(struct v2m_conf *conf, size_t i, const char *value,
    const char *where, const char *origin, struct v2m_err *err)
{
	char *expanded = expand(value, conf->state, err);
	const char *wrong;

	if (expanded == NULL)
		return -1;
	wrong = v2m_conf_check_value(&v2m_conf_keys[i], expanded);
	if (wrong != NULL) {
		v2m_err_set(err, V2M_CONFIG, "%s: %s: '%s' %s", where,
		    v2m_conf_keys[i].name, value, wrong);
		free(expanded);
		return -1;
	}
	free(conf->values[i]);
	conf->values[i] = expanded;
	conf->origin[i] = origin;
	return 0;
}

static int
load_environment(struct v2m_conf *conf, struct v2m_err *err)
{
	char name[64];
	size_t i, c;

	for (i = 0; v2m_conf_keys[i].name != NULL; i++) {
		const char *value;

		snprintf(name, sizeof name, "V2M_%s", v2m_conf_keys[i].name);
		for (c = 0; name[c] != '\0'; c++)
			name[c] = (char)toupper((unsigned char)name[c]);
		value = getenv(name);
		if (value != NULL && v2m_conf_set(conf, i, value, name,
		    "environment", err) < 0)
			return -1;
	}
	return 0;
}

static int
load_overrides(struct v2m_conf *conf, const struct v2m_conf_override *o,
    struct v2m_err *err)
{
	for (; o != NULL && o->key != NULL; o++)
		if (v2m_conf_set(conf, must_index(o->key), o->value, "option",
		    "option", err) < 0)
			return -1;
	return 0;
}

int
v2m_conf_load(struct v2m_conf *conf, const char *file,
    const struct v2m_conf_override *overrides, struct v2m_err *err)
{
	return v2m_conf_load_for(conf, V2M_CONF_SERVICE, file, overrides, err);
}

int
v2m_conf_load_for(struct v2m_conf *conf, enum v2m_conf_reader reader,
    const char *file, const struct v2m_conf_override *overrides,
    struct v2m_err *err)
{
	size_t i;

	memset(conf, 0, sizeof *conf);
	conf->state = v2m_conf_state_folder(err);
	if (conf->state == NULL)
		return -1;
	for (i = 0; v2m_conf_keys[i].name != NULL; i++)
		if (v2m_conf_set(conf, i, v2m_conf_keys[i].fallback, "default",
		    "default", err) < 0)
			goto fail;
	if (v2m_conf_read_files(conf, reader, file, err) < 0 ||
	    load_environment(conf, err) < 0 ||
	    load_overrides(conf, overrides, err) < 0)
		goto fail;
	if (conf->passed_over != NULL && reader == V2M_CONF_CLIENT &&
	    v2m_conf_text(conf, "url")[0] == '\0') {
		v2m_conf_refuse(conf->passed_over, reader, err);
		goto fail;
	}
	return 0;
fail:
	v2m_conf_release(conf);
	return -1;
}

void
v2m_conf_release(struct v2m_conf *conf)
{
	size_t i;

	for (i = 0; i < V2M_CONF_MAX; i++)
		free(conf->values[i]);
	for (i = 0; i < 3; i++)
		free(conf->files[i]);
	free(conf->state);
	memset(conf, 0, sizeof *conf);
}

const char *
v2m_conf_complaint(const char *key, const char *value)
{
	return v2m_conf_check_value(&v2m_conf_keys[must_index(key)], value);
}

const char *
v2m_conf_text(const struct v2m_conf *conf, const char *key)
{
	return conf->values[must_index(key)];
}

int64_t
v2m_conf_number(const struct v2m_conf *conf, const char *key)
{
	size_t i = must_index(key);
	int64_t n = 0;

	switch (v2m_conf_keys[i].kind) {
	case V2M_CONF_DURATION:
		v2m_text_parse_duration(conf->values[i], &n);
		return n;
	case V2M_CONF_SIZE:
		v2m_text_parse_size(conf->values[i], &n);
		return n;
	case V2M_CONF_INT:
	case V2M_CONF_LIMIT:
		v2m_text_parse_int(conf->values[i], 0, INT_MAX, &n);
		return n;
	default:
		abort();
	}
}

bool
v2m_conf_bool(const struct v2m_conf *conf, const char *key)
{
	return strcmp(conf->values[must_index(key)], "yes") == 0;
}

bool
v2m_conf_is_set(const struct v2m_conf *conf, const char *key)
{
	return strcmp(conf->origin[must_index(key)], "default") != 0;
}

const char *
v2m_conf_rest(const struct v2m_conf *conf, const char *key, const char *scheme)
{
	const char *value = v2m_conf_text(conf, key);
	size_t n = strlen(scheme);

	if (strncmp(value, scheme, n) != 0 || value[n] != ':')
		return NULL;
	return value + n + 1;
}
