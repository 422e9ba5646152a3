#include "base/conf_private.h"

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

size_t
v2m_conf_must_index(const char *key)
{
	size_t i = v2m_conf_index(key);

	if (i == V2M_CONF_MAX)
		abort();
	return i;
}

/* Replace STATE/, with which a path may begin, or the part of a URL behind its
 * scheme, by the state folder. */
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

/* What other formats of configurations have and this one has not. */
static const char *
other_format(const char *value)
{
	size_t n = strlen(value);

	if (n > 1 && strchr("\"'", value[0]) != NULL &&
	    value[n - 1] == value[0])
		return ": write it without quotes";
	if (strstr(value, " #") != NULL)
		return ": a comment needs a line of its own";
	return "";
}

int
v2m_conf_set(struct v2m_conf *conf, size_t i, const char *value,
    const char *where, const char *origin, struct v2m_err *err)
{
	char *expanded = expand(value, conf->state, err);
	char hint[V2M_SUGGEST_HINT];
	const char *wrong;

	if (expanded == NULL)
		return -1;
	wrong = v2m_conf_check_value(&v2m_conf_keys[i], expanded);
	if (wrong != NULL) {
		v2m_err_set(err, V2M_CONFIG, "%s: %s: '%s' %s%s%s", where,
		    v2m_conf_keys[i].name, value, wrong, other_format(value),
		    v2m_conf_suggest(&v2m_conf_keys[i], value, hint));
		free(expanded);
		return -1;
	}
	free(conf->values[i]);
	conf->values[i] = expanded;
	conf->origin[i] = origin;
	return 0;
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
	return v2m_conf_check_value(
	    &v2m_conf_keys[v2m_conf_must_index(key)], value);
}

const char *
v2m_conf_text(const struct v2m_conf *conf, const char *key)
{
	return conf->values[v2m_conf_must_index(key)];
}

int64_t
v2m_conf_number(const struct v2m_conf *conf, const char *key)
{
	size_t i = v2m_conf_must_index(key);
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

int64_t
v2m_conf_limit(const struct v2m_conf *conf, const char *key)
{
	int64_t n = v2m_conf_number(conf, key);

	return n == 0 || n > V2M_CONF_NO_LIMIT ? V2M_CONF_NO_LIMIT : n;
}

bool
v2m_conf_bool(const struct v2m_conf *conf, const char *key)
{
	return strcmp(conf->values[v2m_conf_must_index(key)], "yes") == 0;
}

bool
v2m_conf_is_set(const struct v2m_conf *conf, const char *key)
{
	return strcmp(conf->origin[v2m_conf_must_index(key)], "default") != 0;
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
