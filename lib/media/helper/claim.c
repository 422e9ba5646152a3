#include "media/helper/claim.h"

#include <libavutil/avutil.h>
#include <libavutil/mathematics.h>

#define FAR_US (INT64_C(366) * 24 * 3600 * AV_TIME_BASE)

void
claim_note(struct claim *c, const AVFormatContext *fmt)
{
	c->sound_us = c->whole_us = -1;
	for (unsigned i = 0; i < fmt->nb_streams && i < CLAIM_STREAMS; i++) {
		c->header[i] = fmt->streams[i]->duration;
		c->nheader = i + 1;
	}
	if (fmt->duration != AV_NOPTS_VALUE && fmt->duration > 0)
		c->whole_us = fmt->duration;
}

/* A claim of years is none. */
static int64_t
sane(int64_t us)
{
	return us > 0 && us < FAR_US ? us : -1;
}

void
claim_settle(struct claim *c, const AVFormatContext *fmt,
    const AVStream *sound, int64_t origin_us)
{
	int64_t own = (unsigned)sound->index < c->nheader ?
	    c->header[sound->index] : AV_NOPTS_VALUE;
	int64_t late = 0;

	if (c->whole_us < 0 && fmt->duration > 0 &&
	    fmt->duration_estimation_method == AVFMT_DURATION_FROM_STREAM)
		c->whole_us = fmt->duration;
	c->whole_us = sane(c->whole_us);
	if (own == AV_NOPTS_VALUE || own <= 0)
		return;
	if (sound->start_time != AV_NOPTS_VALUE)
		late = av_rescale_q(sound->start_time, sound->time_base,
		    AV_TIME_BASE_Q) - origin_us;
	own = sane(av_rescale_q(own, sound->time_base, AV_TIME_BASE_Q));
	if (own >= 0 && late > -FAR_US && late < FAR_US)
		c->sound_us = sane(own + late);
}

int64_t
claim_us(const struct claim *c)
{
	return c->sound_us >= 0 ? c->sound_us : c->whole_us;
}

bool
claim_needs_others(const struct claim *c)
{
	return c->sound_us < 0 && c->whole_us >= 0;
}

bool
claim_broken(const struct claim *c, int64_t sound_us, int64_t last_us,
    int64_t *claimed_us)
{
	int64_t reached = c->sound_us >= 0 || sound_us > last_us ?
	    sound_us : last_us;
	int64_t tolerated;

	*claimed_us = claim_us(c);
	tolerated = *claimed_us / 200;
	if (tolerated < AV_TIME_BASE)
		tolerated = AV_TIME_BASE;
	return *claimed_us >= 0 && *claimed_us - reached > tolerated;
}
