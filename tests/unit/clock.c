/* Times as text, and back. */
#include "base/clock.h"

#include "tap.h"

static void
parses(const char *text, int64_t wanted)
{
	int64_t got = v2m_wall_parse(text);

	okf(got == wanted, "%s: %lld", text == NULL ? "no text" : text,
	    (long long)got);
}

int
main(void)
{
	char text[32];

	is(v2m_wall_text(text, 1763713800123), "2025-11-21T08:30:00Z",
	    "a moment as text");
	parses("2025-11-21T08:30:00Z", 1763713800000);
	parses("2025-11-21T08:30:00.123Z", 1763713800000);
	parses("2024-02-29T23:59:59Z", 1709251199000);
	parses("1970-01-01T00:00:00Z", 0);
	parses("1969-12-31T23:59:59Z", 0);
	parses("2025-11-21T08:30:00", 0);
	parses("2025-11-21T08:30:00+01:00", 0);
	parses("2025-11-21T08:30:00Zz", 0);
	parses("2025-11-21T25:30:00Z", 0);
	parses("2025-11-21 08:30:00Z", 0);
	parses("yesterday", 0);
	parses("", 0);
	parses(NULL, 0);
	return tap_done();
}
