/* What a job may take: as configured, as the child is told, as we count. */

#include <string.h>

#include "media/private.h"

#define GIB (INT64_C(1) << 30)
#define HOUR_MS (INT64_C(3600) * 1000)
#define MOST_MS (HOUR_MS * 24 * 366)
#define MEMORY_LEAST (INT64_C(16) << 20)	/* with less, LAME crashes */

void
v2m_limits_default(struct v2m_media_limits *limits)
{
	*limits = (struct v2m_media_limits){
		.walls = true, .memory_bytes = INT64_C(512) << 20,
		.cpu_ms = 10 * 60 * 1000, .time_ms = HOUR_MS,
	};
}

static int64_t
scale(int64_t ms, int64_t length, int64_t sound_ms)
{
	double all = (double)ms * (1 + (double)length / GIB +
	    (double)sound_ms / HOUR_MS);

	return all < (double)MOST_MS ? (int64_t)all : MOST_MS;
}

void
v2m_limits_fill(struct v2m_wire_limits *w,
    const struct v2m_media_limits *limits, int64_t length)
{
	*w = (struct v2m_wire_limits){
		.walls = limits->walls,
		.memory_bytes = limits->memory_bytes,
		.cpu_ms = scale(limits->cpu_ms, length, 0),
		.cpu_ms_per_hour = limits->cpu_ms,
	};
}

int64_t
v2m_limits_time_ms(const struct v2m_media_limits *limits, int64_t length,
    int64_t sound_ms)
{
	return scale(limits->time_ms, length, sound_ms);
}

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
