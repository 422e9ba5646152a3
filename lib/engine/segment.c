#include "engine/segment.h"

#include <stdlib.h>
#include <string.h>

/* LAME's limits for the output of a chunk and of a flush, and the rest of a
 * frame. */
#define BYTES (SEGMENT_CHUNK * 5 / 4 + 7200 + V2M_FRAME_MAX)

struct chunk *
chunk_new(int channels)
{
	struct chunk *c = malloc(sizeof *c + (size_t)channels *
	    SEGMENT_CHUNK * sizeof(float));

	if (c == NULL)
		return NULL;
	c->next = NULL;
	c->from = 0;
	c->n = 0;
	c->planes[0] = c->samples;
	c->planes[1] = c->samples + (channels - 1) * SEGMENT_CHUNK;
	return c;
}

void
chunks_add(struct chunks *c, struct chunk *chunk)
{
	chunk->next = NULL;
	if (c->first == NULL)
		c->first = chunk;
	else
		c->last->next = chunk;
	c->last = chunk;
}

struct chunk *
chunks_take(struct chunks *c)
{
	struct chunk *chunk = c->first;

	if (chunk != NULL)
		c->first = chunk->next;
	return chunk;
}

void
chunks_release(struct chunks *c)
{
	struct chunk *chunk;

	while ((chunk = chunks_take(c)) != NULL)
		free(chunk);
}

lame_t
segment_lame(const struct encode_settings *s, struct v2m_err *err)
{
	lame_t lame = lame_init();

	if (lame == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
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
	if (lame_init_params(lame) < 0 ||
	    lame_get_out_samplerate(lame) != s->rate_hz) {
		lame_close(lame);
		v2m_err_set(err, V2M_BUG, "LAME refuses %d Hz, V%d, "
		    "%d kbit/s", s->rate_hz, s->quality, s->bitrate_kbps);
		return NULL;
	}
	return lame;
}

void
segment_init(struct segment *s, const struct encode_settings *settings,
    int64_t base, int64_t first)
{
	memset(s, 0, sizeof *s);
	s->settings = settings;
	s->base = base;
	s->first = first;
	s->fed = base * v2m_frame_samples(settings->rate_hz);
}

static void
let_go_lame(struct segment *s)
{
	if (s->lame != NULL)
		lame_close(s->lame);
	s->lame = NULL;
	free(s->bytes);
	s->bytes = NULL;
	s->len = 0;
}

void
segment_release(struct segment *s)
{
	let_go_lame(s);
	coded_row_release(&s->coded);
}

static int
open_lame(struct segment *s, struct v2m_err *err)
{
	s->lame = segment_lame(s->settings, err);
	if (s->lame == NULL)
		return -1;
	s->bytes = malloc(BYTES);
	if (s->bytes == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	return 0;
}

/* Parse the whole frames of LAME's output. */
static int
take_encoded(struct segment *s, int got, struct v2m_err *err)
{
	size_t at = 0;
	struct v2m_frame f;

	if (got < 0)
		return v2m_err_set(err, V2M_FAILED, "LAME failed (%d)", got);
	s->len += (size_t)got;
	while (s->len - at >= V2M_FRAME_HEADER) {
		if (!v2m_frame_parse(&f, s->bytes + at))
			return v2m_err_set(err, V2M_BUG,
			    "LAME made an invalid frame");
		if (s->len - at < (size_t)f.bytes)
			break;
		if (coded_read(&s->reader, s->bytes + at, &f, &s->coded,
		    err) < 0)
			return -1;
		at += (size_t)f.bytes;
	}
	s->len -= at;
	memmove(s->bytes, s->bytes + at, s->len);
	return 0;
}

static int
feed(struct segment *s, const struct chunk *chunk, int64_t to,
    struct v2m_err *err)
{
	int64_t skip = s->fed - chunk->from, n = to - s->fed;

	if (n <= 0)
		return 0;
	s->fed = to;
	return take_encoded(s, lame_encode_buffer_float(s->lame,
	    chunk->planes[0] + skip, chunk->planes[1] + skip, (int)n,
	    s->bytes + s->len, (int)(BYTES - s->len)), err);
}

/* End the frames before the seam, so that later ones take no data from them. */
static int
reset(struct segment *s, struct v2m_err *err)
{
	s->reset = true;
	return take_encoded(s, lame_encode_flush_nogap(s->lame,
	    s->bytes + s->len, (int)(BYTES - s->len)), err);
}

int
segment_feed(struct segment *s, const struct chunk *chunk, int64_t to,
    struct v2m_err *err)
{
	int64_t seam = s->first * v2m_frame_samples(s->settings->rate_hz) +
	    SEGMENT_LEAD;

	if (to > chunk->from + chunk->n)
		to = chunk->from + chunk->n;
	if (to <= s->fed)
		return 0;
	if (s->fed < chunk->from)
		return v2m_err_set(err, V2M_BUG, "a segment lacks samples");
	if (s->lame == NULL && open_lame(s, err) < 0)
		return -1;
	if (s->settings->resets && !s->reset && s->base < s->first &&
	    to >= seam && (feed(s, chunk, seam, err) < 0 || reset(s, err) < 0))
		return -1;
	return feed(s, chunk, to, err);
}

int
segment_finish(struct segment *s, bool at_end, struct v2m_err *err)
{
	uint8_t *to;
	int room;

	if (s->lame == NULL && open_lame(s, err) < 0)
		return -1;
	to = s->bytes + s->len;
	room = (int)(BYTES - s->len);
	if (take_encoded(s, at_end ? lame_encode_flush(s->lame, to, room) :
	    lame_encode_flush_nogap(s->lame, to, room), err) < 0)
		return -1;
	if (s->len > 0)
		return v2m_err_set(err, V2M_BUG, "LAME cut its last frame");
	let_go_lame(s);
	return 0;
}

int64_t
segment_reached(const struct segment *s)
{
	return s->base + s->coded.n;
}
