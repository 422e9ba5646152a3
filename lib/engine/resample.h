/* resample.h - convert a decoder's frames to one or two channels of floats at
 * one of LAME's sample rates (downmix.h).
 *
 * If nothing has to be converted, samples pass unchanged.  The number of
 * samples that come out is exact: round(in * rate / source rate).
 */
#ifndef ENGINE_RESAMPLE_H
#define ENGINE_RESAMPLE_H

#include <libavutil/frame.h>
#include <libswresample/swresample.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Gets n samples of each channel, borrowed; with one channel both planes are
 * the same.  -1 with err ends the job. */
typedef int resample_sink(void *arg, const float *const planes[2], int n,
    struct v2m_err *err);

struct resample {
	int rate_hz, channels;		/* of the output */
	resample_sink *sink;
	void *arg;
	/* The current input: */
	struct SwrContext *swr;		/* NULL: samples pass unchanged */
	bool open;
	bool mixes;			/* more than two channels */
	int in_rate_hz, in_format;
	AVChannelLayout in_layout;
	int64_t in, out;		/* samples since the input changed */
	float *buf[2];
};

int resample_init(struct resample *r, int rate_hz, int channels,
    resample_sink *sink, void *arg, struct v2m_err *err);
void resample_release(struct resample *r);

/* Convert a frame.  Rate, format and channels may change with any frame.
 * V2M_DATA: it cannot be converted; V2M_FAILED: the resampler failed; V2M_TEMP;
 * or the sink's error. */
int resample_frame(struct resample *r, const AVFrame *frame,
    struct v2m_err *err);

/* Add n samples of silence at the source's rate; like: a frame of the source,
 * for its format.  Errors as resample_frame(). */
int resample_silence(struct resample *r, const AVFrame *like, int64_t n,
    struct v2m_err *err);

/* After a seek: drop what is still in the resampler. */
void resample_restart(struct resample *r);

/* Flush what is still in the resampler.  Errors as resample_frame(). */
int resample_finish(struct resample *r, struct v2m_err *err);

#endif
