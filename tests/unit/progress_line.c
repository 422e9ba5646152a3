/* A line of progress fits its terminal. */
#include <string.h>

#include "base/progress_draw.h"
#include "tap.h"

/* At 45 %, 9 seconds after the start. */
static const char *
drawn(const char *label, bool bytes, int columns)
{
	const struct v2m_progress_part part = { .label = label,
		.done = 45000000, .total = 100000000, .elapsed_ms = 9000,
		.bytes = bytes };
	static char line[V2M_PROGRESS_LINE];

	v2m_progress_line(line, &part, columns);
	return line;
}

int
main(void)
{
	is(drawn("talk.mp4", false, 80),
	    "talk.mp4  [##########..............]  45%  0:11 left",
	    "a usual terminal");
	is(drawn("talk.mp4", false, 40),
	    "talk.mp4  [####.......]  45%  0:11 left",
	    "40 columns: a short bar");
	is(drawn("a longer name.mp4", false, 40),
	    "a longer  [####.......]  45%  0:11 left", "a name gives way, too");
	is(drawn("talk.mp4", true, 40),
	    "talk.mp4   45%  5.0 MB/s  0:11 left", "no room for a bar");
	ok(strlen(drawn("talk.mp4", true, 20)) < 20, "20 columns are enough");
	return tap_done();
}
