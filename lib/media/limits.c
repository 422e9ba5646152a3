/* Limits of a job, as they are sent to the child and as the parent counts
 * them. */

#include "media/private.h"

#define GB INT64_C(1000000000)
#define HOUR_MS (INT64_C(3600) * 1000)
#define MOST_MS (HOUR_MS * 24 * 366)
#define CHECK_CPU_MS 2000		/* for a check of an upload */
#define CHECK_MS 10000
#define CHECK_BYTES (INT64_C(64) << 20)

void
v2m_limits_default(struct v2m_media_limits *limits)
{
	*limits = (struct v2m_media_limits){
		.sandbox = V2M_SANDBOX_YES,
		.memory_bytes = INT64_C(512) << 20,
		.cpu_ms = 10 * 60 * 1000, .time_ms = HOUR_MS,
	};
}

static int64_t
at_most(int64_t n, int64_t most)
{
	return n > 0 && n < most ? n : most;
}

void
v2m_limits_narrow(struct v2m_media_limits *limits, enum v2m_wire_kind kind)
{
	switch (kind) {
	case V2M_WIRE_PROBE:
		limits->once = true;
		limits->cpu_ms = at_most(limits->cpu_ms, CHECK_CPU_MS);
		limits->time_ms = at_most(limits->time_ms, CHECK_MS);
		limits->read_bytes = CHECK_BYTES;
		break;
	case V2M_WIRE_SANDBOX:
		limits->once = true;
		limits->time_ms = V2M_MEDIA_START_MS;
		break;
	default:
		break;
	}
}

static int64_t
scale(int64_t ms, int64_t length, int64_t sound_ms)
{
	double all = (double)ms * (1 + (double)length / GB +
	    (double)sound_ms / HOUR_MS);

	return all < (double)MOST_MS ? (int64_t)all : MOST_MS;
}

void
v2m_limits_fill(struct v2m_wire_limits *w,
    const struct v2m_media_limits *limits, int64_t length)
{
	*w = (struct v2m_wire_limits){
		.sandbox = limits->sandbox,
		.memory_bytes = limits->memory_bytes,
		.cpu_ms = limits->once ? limits->cpu_ms :
		    scale(limits->cpu_ms, length, 0),
		.cpu_ms_per_hour = limits->once ? 0 : limits->cpu_ms,
		.read_bytes = limits->read_bytes,
	};
}

int64_t
v2m_limits_time_ms(const struct v2m_media_limits *limits, int64_t length,
    int64_t sound_ms)
{
	return limits->once ? limits->time_ms :
	    scale(limits->time_ms, length, sound_ms);
}
