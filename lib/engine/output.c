#include "engine/output.h"

#include "base/text.h"
#include "engine/kind.h"
#include "engine/report.h"

void
output_tell_source(const struct demux *demux, int rate_hz, int channels)
{
	int64_t claim = claim_us(&demux->claim);
	char codec[KIND_SIZE];

	report_source(demux->fmt->iformat->name,
	    kind_name(codec, demux->sound),
	    rate_hz > 0 ? rate_hz : 0, channels > 0 ? channels : 0,
	    claim < 0 ? -1 : claim / 1000);
}

void
output_tell_longest(const struct v2m_wire_job *job)
{
	char most[32];

	report_warning("longer than %s: the rest is left out",
	    v2m_text_duration(most, job->max_duration_s * 1000));
}
