/* Which clients have to wait before the next password, and how long. */
#include "auth/throttle.h"

#include <pthread.h>
#include <stdlib.h>

#include "tap.h"

#define ANN "ann@example.org"
#define BOB "bob@example.org"
#define HERE "192.0.2.1"
#define THERE "192.0.2.2"

static struct v2m_throttle *
make(size_t entries)
{
	struct v2m_throttle *t = v2m_throttle_new(entries, NULL);

	if (t == NULL)
		abort();
	return t;
}

/* How many failures until a wait is required? */
static int
tries(struct v2m_throttle *t, const char *account, const char *address,
    int64_t now)
{
	int n = 0;

	while (v2m_throttle_begin(t, account, address, now) == 0)
		n++;
	return n;
}

static void
growth(void)
{
	struct v2m_throttle *t = make(0);
	int64_t now = 1000000, wait, last = 0;
	bool grows = true;
	int i;

	ok(tries(t, ANN, HERE, now) == 6, "five are free, the sixth pauses");
	ok(v2m_throttle_begin(t, ANN, HERE, now) == 1000, "for a second");
	ok(v2m_throttle_begin(t, " Ann@Example.ORG ", HERE, now) == 1000,
	    "in any spelling");
	ok(v2m_throttle_begin(t, ANN, HERE, now + 400) == 600,
	    "that passes");
	ok(v2m_throttle_begin(t, ANN, THERE, now) == 0 &&
	    v2m_throttle_begin(t, BOB, HERE, now) == 0,
	    "and not for others");
	for (i = 0; i < 8; i++) {
		wait = v2m_throttle_begin(t, ANN, HERE, now);
		grows &= wait > last;
		last = wait;
		now += wait;
		grows &= v2m_throttle_begin(t, ANN, HERE, now) == 0;
	}
	ok(grows && last == 128000, "pauses double");
	for (i = 0; i < 20; i++) {
		now += v2m_throttle_begin(t, ANN, HERE, now);
		v2m_throttle_begin(t, ANN, HERE, now);
	}
	wait = v2m_throttle_begin(t, ANN, HERE, now);
	ok(wait > 60000 && wait <= 15 * 60000, "up to a quarter of an hour");
	now += 86400000;
	ok(tries(t, ANN, HERE, now) == 6, "all is forgotten after a day");
	v2m_throttle_free(t);
}

static void
success(void)
{
	struct v2m_throttle *t = make(0);
	int i, passed = 0;

	for (i = 0; i < 100; i++) {
		passed += v2m_throttle_begin(t, ANN, HERE, 5) == 0;
		v2m_throttle_succeeded(t, ANN, HERE, 5);
	}
	ok(passed == 100, "who is right never waits");
	tries(t, BOB, HERE, 5);
	ok(v2m_throttle_begin(t, ANN, HERE, 5) == 0, "nor for others");
	v2m_throttle_undo(t, ANN, HERE, 5);
	ok(tries(t, ANN, HERE, 5) == 6, "what nobody judged does not count");
	v2m_throttle_free(t);
}

static void
crowds(void)
{
	struct v2m_throttle *t = make(0);
	char text[64];
	int i, n = 0;

	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof text, "user%d@example.org", i);
		n += v2m_throttle_begin(t, text, HERE, 5) == 0;
	}
	ok(n == 31, "one address has thirty accounts to try");
	ok(v2m_throttle_begin(t, ANN, THERE, 5) == 0, "another is free");
	v2m_throttle_succeeded(t, ANN, THERE, 5);
	for (i = n = 0; i < 100; i++) {
		snprintf(text, sizeof text, "198.51.100.%d", i);
		n += v2m_throttle_begin(t, ANN, text, 5) == 0;
	}
	ok(n == 21, "one account is tried from twenty addresses");
	ok(v2m_throttle_begin(t, ANN, "203.0.113.9", 5) <= 5000,
	    "and its owner waits seconds at most");
	ok(v2m_throttle_begin(t, ANN, THERE, 5) == 0,
	    "not at all where he logged in before");
	ok(v2m_throttle_begin(t, BOB, "2001:db8::1", 5) == 0,
	    "an IPv6 client begins");
	for (i = n = 0; i < 10; i++) {
		snprintf(text, sizeof text, "2001:db8::1:%x", i);
		n += v2m_throttle_begin(t, BOB, text, 5) == 0;
	}
	ok(n == 5, "counts by its network");
	v2m_throttle_free(t);
}

static void
full(void)
{
	struct v2m_throttle *t = make(16);
	char text[64];
	int i, n = 0;

	tries(t, ANN, HERE, 5);
	for (i = 0; i < 15; i++) {
		snprintf(text, sizeof text, "user%d@example.org", i);
		n += v2m_throttle_begin(t, text, HERE, 5) == 0;
	}
	ok(n == 15 && v2m_throttle_begin(t, ANN, HERE, 5) > 0,
	    "a table that is just full");
	for (i = 0; i < 10000; i++) {
		snprintf(text, sizeof text, "2001:db8:%x::", i);
		v2m_throttle_begin(t, BOB, text, 5 + i * 5000);
	}
	ok(v2m_throttle_begin(t, ANN, HERE, 5) == 0,
	    "what was used least recently goes");
	v2m_throttle_free(t);
	t = make(1);
	ok(tries(t, ANN, HERE, 5) == 6 && v2m_throttle_begin(t, BOB, HERE, 5)
	    == 0 && v2m_throttle_begin(t, ANN, THERE, 5) == 0,
	    "a table of one");
	v2m_throttle_free(t);
}

static void *
hammer(void *arg)
{
	char text[64];
	int i;

	for (i = 0; i < 20000; i++) {
		snprintf(text, sizeof text, "user%d@example.org", i % 97);
		if (v2m_throttle_begin(arg, text, HERE, i * 100) == 0 &&
		    i % 3 == 0)
			v2m_throttle_succeeded(arg, text, HERE, i * 100);
	}
	return NULL;
}

static void
threads(void)
{
	struct v2m_throttle *t = make(50);
	pthread_t thread[4];
	int i, started = 0;

	for (i = 0; i < 4; i++)
		started += pthread_create(&thread[i], NULL, hammer, t) == 0;
	for (i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	ok(started == 4, "threads that share one");
	v2m_throttle_free(t);
}

int
main(void)
{
	growth();
	success();
	crowds();
	full();
	threads();
	v2m_throttle_free(NULL);
	return tap_done();
}
