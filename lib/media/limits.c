/* What a job may take: as the child is told, as we count. */

#include "media/private.h"

#define GIB (INT64_C(1) << 30)
#define HOUR_MS (INT64_C(3600) * 1000)
#define MOST_MS (HOUR_MS * 24 * 366)

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
