/* tap.h - the Test Anything Protocol, as much of it as a unit test needs.  Why
 * a check failed goes to stderr, which prove shows. */
#ifndef V2M_TESTS_TAP_H
#define V2M_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failures;

static inline bool
tap_ok(bool good, const char *what, const char *file, int line)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tap_count, what);
	if (!good) {
		fprintf(stderr, "# %s:%d: not ok %d - %s\n", file, line,
		    tap_count, what);
		tap_failures++;
	}
	fflush(stdout);
	return good;
}

static inline bool __attribute__((format(printf, 4, 5)))
tap_okf(bool good, const char *file, int line, const char *fmt, ...)
{
	char what[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof what, fmt, args);
	va_end(args);
	return tap_ok(good, what, file, line);
}

static inline bool
tap_is(const char *got, const char *wanted, const char *what,
    const char *file, int line)
{
	bool same = got != NULL && wanted != NULL && strcmp(got, wanted) == 0;

	tap_ok(same, what, file, line);
	if (!same)
		fprintf(stderr, "#   got: %s\n#   wanted: %s\n",
		    got == NULL ? "(null)" : got,
		    wanted == NULL ? "(null)" : wanted);
	return same;
}

#define ok(good, what) tap_ok((good), (what), __FILE__, __LINE__)
/* The same with a name made by printf(3). */
#define okf(good, ...) tap_okf((good), __FILE__, __LINE__, __VA_ARGS__)
#define is(got, wanted, what) \
	tap_is((got), (wanted), (what), __FILE__, __LINE__)

/* End the test as failed: the rest would make no sense. */
#define give_up(...) (okf(false, __VA_ARGS__), exit(1))

/* Print the plan.  Returns main's exit status. */
static inline int
tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failures == 0 ? 0 : 1;
}

#endif
