/* ahead - preloaded, it sets the clock of a process an hour ahead
 *
 *	cc -shared -fPIC -o ahead.so ahead.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

#define AHEAD_S 3600

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	int (*real)(clockid_t, struct timespec *) =
	    (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT,
	    "clock_gettime");
	int ret = real(clock, ts);

	if (ret == 0 && clock == CLOCK_REALTIME)
		ts->tv_sec += AHEAD_S;
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
