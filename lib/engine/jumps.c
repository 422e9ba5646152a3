#include "engine/jumps.h"

#include "base/text.h"
#include "engine/report.h"

#define DRIFT_S 0.5
#define TOLD 6			/* one by one; the rest in one line */

void
jumps_tell(struct jumps *j, int64_t at, int64_t samples, int rate_hz)
{
	double by = (double)samples / rate_hz;
	char place[32];

	/* Clocks drift: a small step back loses no sound and is no news. */
	if (by < 0 && by > -DRIFT_S)
		return;
	if (++j->n > TOLD)
		return;
	v2m_text_duration(place, at * 1000 / rate_hz);
	report_warning("time stamps jump %s by %.10g s at %s: "
	    "the sound goes on without a gap", by < 0 ? "back" : "forward",
	    by < 0 ? -by : by, place);
}

void
jumps_tell_rest(const struct jumps *j)
{
	if (j->n > TOLD)
		report_warning("%u further jumps of the time stamps",
		    j->n - TOLD);
}
