#include "media/helper/encode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 4608			/* samples at a time: four frames */
/* LAME's own bound on what comes of them, and what one frame may have left. */
#define BYTES (BLOCK * 5 / 4 + 7200 + V2M_FRAME_MAX)
#define LEVEL_MOST 4.0f			/* times full scale */
#define DECODER_DELAY 529

static int
set_up(lame_t lame, const struct encode_settings *s)
{
	lame_set_in_samplerate(lame, s->rate_hz);
	lame_set_out_samplerate(lame, s->rate_hz);
	lame_set_num_channels(lame, s->channels);
	lame_set_mode(lame, s->channels == 1 ? MONO : JOINT_STEREO);
	lame_set_bWriteVbrTag(lame, 0);
	lame_set_write_id3tag_automatic(lame, 0);
	if (s->bitrate_kbps > 0) {
		lame_set_VBR(lame, vbr_off);
		lame_set_brate(lame, s->bitrate_kbps);
	} else {
		lame_set_VBR(lame, vbr_default);
		lame_set_VBR_quality(lame, (float)s->quality);
	}
	return lame_init_params(lame);
}

int
encode_open(struct encoder *e, const struct encode_settings *s,
    encode_sink *sink, void *arg, struct v2m_err *err)
{
	memset(e, 0, sizeof *e);
	e->channels = s->channels;
	e->sink = sink;
	e->arg = arg;
	e->lame = lame_init();
	e->bytes = malloc(BYTES);
	e->block[0] = malloc(2 * BLOCK * sizeof(float));
	if (e->lame == NULL || e->bytes == NULL || e->block[0] == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	e->block[1] = e->block[0] + BLOCK;
	if (set_up(e->lame, s) < 0 ||
	    lame_get_out_samplerate(e->lame) != s->rate_hz)
		return v2m_err_set(err, V2M_BUG, "LAME refuses %d Hz, V%d, "
		    "%d kbit/s", s->rate_hz, s->quality, s->bitrate_kbps);
	return 0;
}

void
encode_close(struct encoder *e)
{
	if (e->lame != NULL)
		lame_close(e->lame);
	free(e->bytes);
	free(e->block[0]);
	memset(e, 0, sizeof *e);
}

int
encode_delay(const struct encoder *e)
{
	return lame_get_encoder_delay(e->lame) + DECODER_DELAY;
}

/* To LAME's scale.  It calls abort() on what is no number and on what is far
 * too loud. */
static void
scale(struct encoder *e, const float *from, float *to, int n)
{
	for (int i = 0; i < n; i++) {
		float v = from[i];

		if (!(fabsf(v) <= LEVEL_MOST)) {
			e->bent++;
			v = isfinite(v) ? copysignf(LEVEL_MOST, v) : 0;
		}
		to[i] = v * 32768;
	}
}

/* Hand on the whole frames of what LAME gave. */
static int
hand_on(struct encoder *e, int got, struct v2m_err *err)
{
	size_t at = 0;
	struct v2m_frame f;

	if (got < 0)
		return v2m_err_set(err, V2M_FAILED, "LAME failed (%d)", got);
	e->len += (size_t)got;
	while (e->len - at >= V2M_FRAME_HEADER) {
		if (!v2m_frame_parse(&f, e->bytes + at))
			return v2m_err_set(err, V2M_BUG,
			    "LAME made what is no frame");
		if (e->len - at < (size_t)f.bytes)
			break;
		if (e->sink(e->arg, e->bytes + at, &f, err) < 0)
			return -1;
		at += (size_t)f.bytes;
	}
	e->len -= at;
	memmove(e->bytes, e->bytes + at, e->len);
	return 0;
}

int
encode_samples(struct encoder *e, const float *const planes[2], int n,
    struct v2m_err *err)
{
	for (int at = 0, part; at < n; at += part) {
		part = n - at < BLOCK ? n - at : BLOCK;
		scale(e, planes[0] + at, e->block[0], part);
		if (e->channels == 2)
			scale(e, planes[1] + at, e->block[1], part);
		e->samples += part;
		if (hand_on(e, lame_encode_buffer_float(e->lame, e->block[0],
		    e->block[e->channels - 1], part, e->bytes + e->len,
		    (int)(BYTES - e->len)), err) < 0)
			return -1;
	}
	return 0;
}

int
encode_finish(struct encoder *e, struct v2m_err *err)
{
	if (hand_on(e, lame_encode_flush(e->lame, e->bytes + e->len,
	    (int)(BYTES - e->len)), err) < 0)
		return -1;
	if (e->len > 0)
		return v2m_err_set(err, V2M_BUG, "LAME cut its last frame");
	return 0;
}
