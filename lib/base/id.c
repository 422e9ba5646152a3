#include "base/id.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint8_t machine[3];
static uint32_t counter;
static pid_t owner;		/* the process of machine and counter */

void
v2m_random(void *buf, unsigned n)
{
	/* Reads of up to 256 bytes are complete once the kernel's pool is
	 * ready.  Without random numbers nothing is safe. */
	if (getrandom(buf, n, 0) != (ssize_t)n)
		abort();
}

void
v2m_id_new(char id[V2M_ID_SIZE])
{
	uint8_t raw[12];
	struct timespec now;
	uint32_t seconds, part, n;

	clock_gettime(CLOCK_REALTIME, &now);
	seconds = (uint32_t)now.tv_sec;
	part = (uint32_t)(((uint64_t)now.tv_nsec << 16) / 1000000000);
	pthread_mutex_lock(&lock);
	if (owner != getpid()) {
		owner = getpid();
		v2m_random(machine, sizeof machine);
		v2m_random(&counter, sizeof counter);
	}
	n = counter++;
	memcpy(raw + 6, machine, sizeof machine);
	pthread_mutex_unlock(&lock);
	raw[0] = (uint8_t)(seconds >> 24);
	raw[1] = (uint8_t)(seconds >> 16);
	raw[2] = (uint8_t)(seconds >> 8);
	raw[3] = (uint8_t)seconds;
	raw[4] = (uint8_t)(part >> 8);
	raw[5] = (uint8_t)part;
	raw[9] = (uint8_t)(n >> 16);
	raw[10] = (uint8_t)(n >> 8);
	raw[11] = (uint8_t)n;
	v2m_text_hex(id, raw, sizeof raw);
}

bool
v2m_id_valid(const char *s)
{
	return strspn(s, "0123456789abcdef") == V2M_ID_SIZE - 1 &&
	    s[V2M_ID_SIZE - 1] == '\0';
}

int
v2m_id_check(const char *s, struct v2m_err *err)
{
	return v2m_id_valid(s) ? 0 : v2m_err_set(err, V2M_NOINPUT,
	    "not an ID (24 hexadecimal digits, as v2m-upload prints them)");
}

int64_t
v2m_id_time_ms(const char *id)
{
	char seconds[9];

	memcpy(seconds, id, 8);
	seconds[8] = '\0';
	return (int64_t)strtoul(seconds, NULL, 16) * 1000;
}
