/* encode.h - floats in, MP3 frames out: LAME, set as ffmpeg sets it. */
#ifndef HELPER_ENCODE_H
#define HELPER_ENCODE_H

#include <lame/lame.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "media/frame.h"

/* Gets each frame, borrowed. */
typedef int encode_sink(void *arg, const uint8_t *frame,
    const struct v2m_frame *f, struct v2m_err *err);

struct encode_settings {
	int rate_hz, channels;
	int quality;		/* V scale */
	int bitrate_kbps;	/* 0: quality rules */
};

struct encoder {
	lame_t lame;
	int channels;
	encode_sink *sink;
	void *arg;
	int64_t samples;	/* taken in */
	int64_t bent;		/* of them silenced or cut to be safe */
	float *block[2];
	uint8_t *bytes;		/* what LAME gave, and what is left of it */
	size_t len;
};

int encode_open(struct encoder *e, const struct encode_settings *s,
    encode_sink *sink, void *arg, struct v2m_err *err);
void encode_close(struct encoder *e);

/* n samples of each channel, full scale 1.0. */
int encode_samples(struct encoder *e, const float *const planes[2], int n,
    struct v2m_err *err);
int encode_finish(struct encoder *e, struct v2m_err *err);

/* Samples that precede the first of ours when the MP3 is decoded: LAME's own
 * delay and a decoder's 529. */
int encode_delay(const struct encoder *e);

#endif
