/* The limits of a job grow with the input and with the sound made. */
#include "media/private.h"

#include <sched.h>

#include "media/cores.h"

#include "tap.h"

#define GB INT64_C(1000000000)
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static void
is_ms(int64_t got, int64_t wanted, const char *what)
{
	if (!ok(got == wanted, what))
		printf("#   got: %lld\n#   wanted: %lld\n", (long long)got,
		    (long long)wanted);
}

static int64_t
cpu_ms(const struct v2m_media_limits *limits, int64_t length)
{
	struct v2m_wire_limits w;

	v2m_limits_fill(&w, limits, length);
	return w.cpu_ms;
}

static void
conversions(void)
{
	struct v2m_media_limits l = { .cpu_ms = 10 * MINUTE, .time_ms = HOUR,
		.memory_bytes = 1 << 20 };
	struct v2m_wire_limits w;

	is_ms(cpu_ms(&l, 0), 10 * MINUTE, "the CPU time of an empty file");
	is_ms(cpu_ms(&l, GB), 20 * MINUTE, "a gigabyte more doubles it");
	is_ms(cpu_ms(&l, 3 * GB), 40 * MINUTE, "by length");
	v2m_limits_fill(&w, &l, GB);
	is_ms(w.cpu_ms_per_hour, 10 * MINUTE,
	    "and as much is earned by an hour of sound");
	is_ms(w.memory_bytes, 1 << 20, "the memory is the same");
	is_ms(v2m_limits_time_ms(&l, 0, 0), HOUR, "the time of an empty file");
	is_ms(v2m_limits_time_ms(&l, GB, 0), 2 * HOUR, "grows by length");
	is_ms(v2m_limits_time_ms(&l, 0, 30 * MINUTE), 90 * MINUTE,
	    "and by sound");
	is_ms(v2m_limits_time_ms(&l, 2 * GB, HOUR), 4 * HOUR, "and by both");
	l.cpu_ms = 0;
	is_ms(cpu_ms(&l, 5 * GB), 0, "without a limit there is none");
	is_ms(v2m_limits_time_ms(&l, INT64_MAX, INT64_MAX), HOUR * 24 * 366,
	    "nothing runs longer than a year");
}

static void
checks(void)
{
	struct v2m_media_limits l = { .cpu_ms = 10 * MINUTE, .time_ms = HOUR };
	struct v2m_wire_limits w;

	v2m_limits_narrow(&l, V2M_WIRE_PROBE);
	v2m_limits_fill(&w, &l, 100 * GB);
	ok(w.cpu_ms > 0 && w.cpu_ms <= 2000 && w.cpu_ms_per_hour == 0,
	    "a check at upload takes two seconds, however long the file");
	ok(v2m_limits_time_ms(&l, 100 * GB, 100 * HOUR) <= 10000,
	    "and ten by the clock");
	ok(w.read_bytes > 0 && w.read_bytes < GB, "and reads only so much");
	l = (struct v2m_media_limits){ .cpu_ms = 500, .time_ms = 900 };
	v2m_limits_narrow(&l, V2M_WIRE_PROBE);
	is_ms(cpu_ms(&l, GB), 500, "less where less is configured");
	is_ms(v2m_limits_time_ms(&l, GB, 0), 900, "of both");
}

/* There are as many threads as usable cores. */
static void
cores(void)
{
	cpu_set_t all, one;
	int first = 0;

	CPU_ZERO(&one);
	if (sched_getaffinity(0, sizeof all, &all) < 0)
		return;
	while (!CPU_ISSET(first, &all))
		first++;
	CPU_SET(first, &one);
	ok(v2m_cores() <= CPU_COUNT(&all), "no more cores than there are");
	ok(sched_setaffinity(0, sizeof one, &one) == 0 && v2m_cores() == 1,
	    "of those that are left one counts as one");
	sched_setaffinity(0, sizeof all, &all);
	ok(v2m_cores_memory(1 << 20) == 1, "a megabyte is for one thread");
	ok(v2m_cores_memory(INT64_C(1) << 30) > 1, "a gigabyte for more");
}

int
main(void)
{
	conversions();
	checks();
	cores();
	return tap_done();
}
