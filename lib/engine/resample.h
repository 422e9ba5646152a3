/* resample.h - from whatever a decoder puts out to one or two channels of
 * floats at one of LAME's rates (downmix.h).
 *
 * Where nothing is to be changed nothing is: the samples pass through.  What
 * comes out is counted: round(in * rate / source rate), to the sample.
 */
#ifndef ENGINE_RESAMPLE_H
#define ENGINE_RESAMPLE_H

#include <libavutil/frame.h>
#include <libswresample/swresample.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Gets n samples of each channel, borrowed. */
typedef int resample_sink(void *arg, const float *const planes[2], int n,
    struct v2m_err *err);

struct resample {
	int rate_hz, channels;		/* what comes out */
	resample_sink *sink;
	void *arg;
	/* What goes in at present. */
	struct SwrContext *swr;		/* NULL: passes through */
	bool open;
	bool mixes;			/* more than two channels */
	int in_rate_hz, in_format;
	AVChannelLayout in_layout;
	int64_t in, out;		/* samples since it was opened */
	float *buf[2];
};

int resample_init(struct resample *r, int rate_hz, int channels,
    resample_sink *sink, void *arg, struct v2m_err *err);
void resample_release(struct resample *r);

/* The source may change its rate, format or channels at any frame. */
int resample_frame(struct resample *r, const AVFrame *frame,
    struct v2m_err *err);

/* n samples of silence, at the source's rate; once a frame has come, or with
 * one that is about to. */
int resample_silence(struct resample *r, const AVFrame *like, int64_t n,
    struct v2m_err *err);

/* What goes in next is from elsewhere: what is still inside is dropped. */
void resample_restart(struct resample *r);

/* What is still inside. */
int resample_finish(struct resample *r, struct v2m_err *err);

#endif
