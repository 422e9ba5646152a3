#include "engine/resample.h"

#include <libavutil/channel_layout.h>
#include <libavutil/mathematics.h>
#include <libavutil/samplefmt.h>
#include <stdlib.h>
#include <string.h>

#include "engine/downmix.h"

#define BLOCK 8192		/* samples per channel at a time */

int
resample_init(struct resample *r, int rate_hz, int channels,
    resample_sink *sink, void *arg, struct v2m_err *err)
{
	memset(r, 0, sizeof *r);
	r->rate_hz = rate_hz;
	r->channels = channels;
	r->sink = sink;
	r->arg = arg;
	r->buf[0] = calloc(2 * BLOCK, sizeof(float));
	if (r->buf[0] == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	r->buf[1] = r->buf[0] + BLOCK;
	return 0;
}

void
resample_release(struct resample *r)
{
	swr_free(&r->swr);
	av_channel_layout_uninit(&r->in_layout);
	free(r->buf[0]);
	r->buf[0] = r->buf[1] = NULL;
}

static int
put_planes(struct resample *r, float *const planes[2], int64_t n,
    struct v2m_err *err)
{
	const float *both[2] = { planes[0], planes[r->channels - 1] };

	if (n <= 0)
		return 0;
	r->out += n;
	return r->sink(r->arg, both, (int)n, err);
}

static int
put_zeros(struct resample *r, int64_t n, struct v2m_err *err)
{
	int ret = 0;

	memset(r->buf[0], 0, 2 * BLOCK * sizeof(float));
	for (; n > 0 && ret == 0; n -= BLOCK)
		ret = put_planes(r, r->buf, n < BLOCK ? n : BLOCK, err);
	return ret;
}

/* The matrix is given, so swr need not know the channels. */
static int
open_swr(struct resample *r, const AVFrame *f)
{
	double matrix[2 * DOWNMIX_MOST];
	AVChannelLayout to, from = {
		.order = AV_CHANNEL_ORDER_UNSPEC,
		.nb_channels = f->ch_layout.nb_channels
	};

	if (from.nb_channels > DOWNMIX_MOST)
		return -1;
	av_channel_layout_default(&to, r->channels);
	downmix_matrix(&f->ch_layout, r->channels, matrix);
	if (swr_alloc_set_opts2(&r->swr, &to, AV_SAMPLE_FMT_FLTP, r->rate_hz,
	    &from, f->format, f->sample_rate, 0, NULL) < 0 ||
	    swr_set_matrix(r->swr, matrix, from.nb_channels) < 0)
		return -1;
	return swr_init(r->swr);
}

static bool
passes(const struct resample *r, const AVFrame *f)
{
	uint64_t mask = r->channels == 1 ? AV_CH_LAYOUT_MONO :
	    AV_CH_LAYOUT_STEREO;

	return f->format == AV_SAMPLE_FMT_FLTP &&
	    f->sample_rate == r->rate_hz &&
	    f->ch_layout.nb_channels == r->channels &&
	    (f->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC ||
	    (f->ch_layout.order == AV_CHANNEL_ORDER_NATIVE &&
	    f->ch_layout.u.mask == mask));
}

static int
reopen(struct resample *r, const AVFrame *f, struct v2m_err *err)
{
	if (r->open && r->in_rate_hz == f->sample_rate &&
	    r->in_format == f->format &&
	    av_channel_layout_compare(&r->in_layout, &f->ch_layout) == 0)
		return 0;
	if (resample_finish(r, err) < 0)
		return -1;
	r->in_rate_hz = f->sample_rate;
	r->in_format = f->format;
	r->in = r->out = 0;
	if (av_channel_layout_copy(&r->in_layout, &f->ch_layout) < 0)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	swr_free(&r->swr);
	r->mixes = f->ch_layout.nb_channels > 2;
	if (!passes(r, f) && open_swr(r, f) < 0)
		return v2m_err_set(err, V2M_DATA, "its sound (%d channels at "
		    "%d Hz) cannot be converted", f->ch_layout.nb_channels,
		    f->sample_rate);
	r->open = true;
	return 0;
}

/* Feed n samples to swr, which may return more or fewer. */
static int
convert_samples(struct resample *r, const uint8_t **data, int n,
    struct v2m_err *err)
{
	for (;;) {
		int got = swr_convert(r->swr, (uint8_t **)r->buf, BLOCK, data,
		    n);

		if (got < 0)
			return v2m_err_set(err, V2M_FAILED,
			    "the resampler failed");
		if (put_planes(r, r->buf, got, err) < 0)
			return -1;
		if (got < BLOCK)
			return 0;
		data = NULL;	/* swr has buffered the input */
		n = 0;
	}
}

int
resample_frame(struct resample *r, const AVFrame *f, struct v2m_err *err)
{
	if (reopen(r, f, err) < 0)
		return -1;
	r->in += f->nb_samples;
	if (r->swr != NULL)
		return convert_samples(r, (const uint8_t **)f->extended_data,
		    f->nb_samples, err);
	return put_planes(r, (float **)f->extended_data, f->nb_samples, err);
}

int
resample_silence(struct resample *r, const AVFrame *like, int64_t n,
    struct v2m_err *err)
{
	uint8_t *data[DOWNMIX_MOST];
	int channels = like->ch_layout.nb_channels, ret = 0;

	if (reopen(r, like, err) < 0)
		return -1;
	r->in += n;
	if (r->swr == NULL)
		return put_zeros(r, n, err);
	if (av_samples_alloc(data, NULL, channels, BLOCK, like->format, 0) < 0)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	av_samples_set_silence(data, 0, BLOCK, channels, like->format);
	for (; n > 0 && ret == 0; n -= BLOCK)
		ret = convert_samples(r, (const uint8_t **)data,
		    n < BLOCK ? (int)n : BLOCK, err);
	av_freep(&data[0]);
	return ret;
}

void
resample_restart(struct resample *r)
{
	r->open = false;
}

int
resample_finish(struct resample *r, struct v2m_err *err)
{
	int64_t want;

	if (!r->open)
		return 0;
	r->open = false;
	want = av_rescale_rnd(r->in, r->rate_hz, r->in_rate_hz,
	    AV_ROUND_NEAR_INF);
	while (r->swr != NULL && r->out < want) {
		int64_t left = want - r->out;
		int got = swr_convert(r->swr, (uint8_t **)r->buf,
		    left < BLOCK ? (int)left : BLOCK, NULL, 0);

		if (got <= 0)
			break;
		if (put_planes(r, r->buf, got, err) < 0)
			return -1;
	}
	return put_zeros(r, want - r->out, err);
}
