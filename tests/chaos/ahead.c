/* ahead - preloaded, it sets the clock of a process ahead, by $AHEAD seconds,
 * when that has run for $AHEAD_AFTER seconds (at once unless it is set)
 *
 *	cc -shared -fPIC -o ahead.so ahead.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static time_t began_s;

static long
number(const char *name)
{
	const char *set = getenv(name);

	return set == NULL ? 0 : atol(set);
}

static int
real_time(clockid_t clock, struct timespec *ts)
{
	int (*real)(clockid_t, struct timespec *) =
	    (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT,
	    "clock_gettime");

	return real(clock, ts);
}

__attribute__((constructor)) static void
begin(void)
{
	struct timespec now;

	real_time(CLOCK_MONOTONIC, &now);
	began_s = now.tv_sec;
}

static long
ahead_s(void)
{
	struct timespec now;

	real_time(CLOCK_MONOTONIC, &now);
	return now.tv_sec - began_s < number("AHEAD_AFTER") ? 0 :
	    number("AHEAD");
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	int ret = real_time(clock, ts);

	if (ret == 0 && clock == CLOCK_REALTIME)
		ts->tv_sec += ahead_s();
	return ret;
}

time_t
time(time_t *t)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (t != NULL)
		*t = ts.tv_sec;
	return ts.tv_sec;
}
