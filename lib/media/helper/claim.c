#include "media/helper/claim.h"

#include <libavutil/avutil.h>
#include <libavutil/mathematics.h>

#define FAR_US (INT64_C(366) * 24 * 3600 * AV_TIME_BASE)

void
claim_note(struct claim *c, const AVFormatContext *fmt,
    const struct shape *shape, int64_t length)
{
	c->sound_us = c->whole_us = -1;
	for (unsigned i = 0; i < fmt->nb_streams && i < CLAIM_STREAMS; i++) {
		c->header[i] = fmt->streams[i]->duration;
		c->nheader = i + 1;
	}
	if (shape->duration_us > 0)
		c->whole_us = shape->duration_us;
	else if (fmt->duration != AV_NOPTS_VALUE && fmt->duration > 0)
		c->whole_us = fmt->duration;
	if (shape->bytes > length && length > 0 && shape->duration_us < 0)
		c->cut = (double)shape->bytes / (double)length;
}

/* A claim of years is none. */
static int64_t
sane(double us)
{
	return us > 0 && us < (double)FAR_US ? (int64_t)us : -1;
}

/* What the track's own header says.  For a file that is cut, libavformat has
 * made the number of a WAV or AVI smaller in proportion, or left it out. */
static int64_t
own_claim(const struct claim *c, const AVStream *sound)
{
	int64_t own = (unsigned)sound->index < c->nheader ?
	    c->header[sound->index] : AV_NOPTS_VALUE;
	double us;

	if (own == AV_NOPTS_VALUE && c->cut > 0 && c->whole_us < 0)
		own = sound->duration;
	if (own == AV_NOPTS_VALUE || own <= 0)
		return -1;
	us = (double)own * av_q2d(sound->time_base) * AV_TIME_BASE;
	return sane(c->cut > 0 ? us * c->cut : us);
}

void
claim_settle(struct claim *c, const AVFormatContext *fmt,
    const AVStream *sound, int64_t origin_us)
{
	int64_t own, late = 0;

	if (c->whole_us < 0 && fmt->duration > 0 &&
	    fmt->duration_estimation_method == AVFMT_DURATION_FROM_STREAM)
		c->whole_us = fmt->duration;
	c->whole_us = sane((double)c->whole_us * (c->cut > 0 ? c->cut : 1));
	own = own_claim(c, sound);
	if (own < 0)
		return;
	if (sound->start_time != AV_NOPTS_VALUE)
		late = av_rescale_q(sound->start_time, sound->time_base,
		    AV_TIME_BASE_Q) - origin_us;
	if (late > -FAR_US && late < FAR_US)
		c->sound_us = sane((double)own + (double)late);
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
