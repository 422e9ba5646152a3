#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/id.h"

static int64_t
now_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
v2m_wall_ms(void)
{
	return now_ms(CLOCK_REALTIME);
}

int64_t
v2m_mono_ms(void)
{
	return now_ms(CLOCK_MONOTONIC);
}

int64_t
v2m_boot_ms(void)
{
	return now_ms(CLOCK_BOOTTIME);
}

char *
v2m_wall_text(char dst[32], int64_t wall_ms)
{
	time_t t = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(dst, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(dst, 32, "unknown");
	return dst;
}

int64_t
v2m_wall_parse(const char *text)
{
	struct tm tm = { .tm_sec = 0 };
	const char *rest = text == NULL ? NULL :
	    strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	time_t t;

	if (rest != NULL && *rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (rest == NULL || strcmp(rest, "Z") != 0)
		return 0;
	t = timegm(&tm);
	return t <= 0 ? 0 : (int64_t)t * 1000;
}

int64_t
v2m_backoff_ms(int64_t base_ms, int64_t most_ms, unsigned n)
{
	int64_t pause = base_ms;
	uint32_t noise;

	while (n-- > 0 && pause < most_ms)
		pause *= 2;
	if (pause > most_ms)
		pause = most_ms;
	v2m_random(&noise, sizeof noise);
	return pause - pause / 4 * (noise % 1024) / 1024;
}
