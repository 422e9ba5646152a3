#include "engine/peak.h"

#include <libavutil/samplefmt.h>
#include <math.h>

/* Return the largest absolute value of n samples. */
#define PEAK(type, zero, scale) do { \
	const type *v = plane; \
	float most = 0; \
	for (int i = 0; i < n; i++) { \
		float a = fabsf((float)v[i] - (zero)); \
		most = a > most ? a : most; \
	} \
	return most * (float)(scale); \
} while (0)

static float
plane_peak(const void *plane, int n, enum AVSampleFormat format)
{
	switch (av_get_packed_sample_fmt(format)) {
	case AV_SAMPLE_FMT_U8:
		PEAK(uint8_t, 128.0f, 1.0 / 128);
	case AV_SAMPLE_FMT_S16:
		PEAK(int16_t, 0.0f, 1.0 / 32768);
	case AV_SAMPLE_FMT_S32:
		PEAK(int32_t, 0.0f, 1.0 / 2147483648.0);
	case AV_SAMPLE_FMT_FLT:
		PEAK(float, 0.0f, 1.0);
	case AV_SAMPLE_FMT_DBL:
		PEAK(double, 0.0f, 1.0);
	default:
		return 0;
	}
}

float
peak_of(const AVFrame *f)
{
	int channels = f->ch_layout.nb_channels, n = f->nb_samples;
	float most = 0;

	if (!av_sample_fmt_is_planar(f->format))
		return plane_peak(f->extended_data[0], n * channels,
		    f->format);
	for (int i = 0; i < channels; i++)
		most = fmaxf(most, plane_peak(f->extended_data[i], n,
		    f->format));
	return most;
}
