/* What the configuration says of jobs. */

#include <string.h>

#include "media/media.h"

#define MEMORY_LEAST (INT64_C(16) << 20)	/* with less, LAME crashes */

static int
without_walls(struct v2m_err *err)
{
	struct v2m_err why = *err;

	return v2m_err_set(err, V2M_CONFIG, "%s (sandbox = no in the "
	    "configuration does without)", why.msg);
}

int
v2m_media_configure(struct v2m_media *m, const struct v2m_conf *conf,
    bool no_sandbox, struct v2m_err *err)
{
	struct v2m_media_limits limits = {
		.walls = !no_sandbox && v2m_conf_bool(conf, "sandbox"),
		.memory_bytes = v2m_conf_number(conf, "media_memory"),
		.cpu_ms = v2m_conf_number(conf, "media_cpu"),
		.time_ms = v2m_conf_number(conf, "media_time"),
	};
	struct v2m_media_walls walls;

	if (limits.memory_bytes > 0 && limits.memory_bytes < MEMORY_LEAST)
		return v2m_err_set(err, V2M_CONFIG, "media_memory is less than "
		    "the 16M without which no file can be looked at");
	v2m_media_set_max_duration(m, v2m_conf_number(conf, "max_duration"));
	v2m_media_set_limits(m, &limits);
	if (!limits.walls || v2m_media_ask_walls(m, &walls, err) == 0)
		return 0;
	if (err != NULL && strncmp(err->msg, "cannot put up", 13) == 0)
		return without_walls(err);
	return -1;
}
