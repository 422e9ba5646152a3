/* Loads the sources in order: defaults, files, variables, options. */
#include "base/conf_private.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
		if (v2m_conf_set(conf, v2m_conf_must_index(o->key), o->value,
		    "option", "option", err) < 0)
			return -1;
	return 0;
}

static int
load_defaults(struct v2m_conf *conf, struct v2m_err *err)
{
	size_t i;

	for (i = 0; v2m_conf_keys[i].name != NULL; i++)
		if (v2m_conf_set(conf, i, v2m_conf_keys[i].fallback, "default",
		    "default", err) < 0)
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
	memset(conf, 0, sizeof *conf);
	conf->state = v2m_conf_state_folder(err);
	if (conf->state == NULL)
		return -1;
	if (load_defaults(conf, err) < 0 ||
	    v2m_conf_read_files(conf, reader, file, err) < 0 ||
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

static char *
whole_path(const char *path, struct v2m_err *err)
{
	char *whole = realpath(path, NULL);

	if (whole == NULL)
		v2m_err_sys(err, V2M_CONFIG, "'%s'", path);
	return whole;
}

int
v2m_conf_load_other(struct v2m_conf *conf, const char *from,
    struct v2m_err *err)
{
	struct stat st;
	bool folder;

	memset(conf, 0, sizeof *conf);
	if (stat(from, &st) < 0)
		return v2m_err_sys(err, V2M_CONFIG, "'%s'", from);
	folder = S_ISDIR(st.st_mode);
	conf->state = folder ? whole_path(from, err) :
	    v2m_conf_state_folder(err);
	if (conf->state != NULL && load_defaults(conf, err) == 0 &&
	    (folder || v2m_conf_read_files(conf, V2M_CONF_SERVICE, from,
	    err) == 0))
		return 0;
	v2m_conf_release(conf);
	return -1;
}
