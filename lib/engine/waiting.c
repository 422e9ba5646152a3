#include "engine/waiting.h"

#include <stdlib.h>
#include <string.h>

void
waiting_release(struct waiting *w)
{
	for (uint32_t i = 0; i < w->room; i++)
		av_frame_free(&w->ring[i].frame);
	free(w->ring);
	memset(w, 0, sizeof *w);
}

static struct waiting_piece *
piece(struct waiting *w, uint32_t i)
{
	return &w->ring[(w->first + i) & (w->room - 1)];
}

static int
grow_pieces(struct waiting *w, struct v2m_err *err)
{
	uint32_t room = w->room == 0 ? 4 : 2 * w->room;
	struct waiting_piece *ring = calloc(room, sizeof *ring);

	if (ring == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	for (uint32_t i = 0; i < w->room; i++)
		ring[i] = *piece(w, i);
	free(w->ring);
	w->ring = ring;
	w->room = room;
	w->first = 0;
	return 0;
}

static struct waiting_piece *
add_piece(struct waiting *w, int64_t packet, struct v2m_err *err)
{
	struct waiting_piece *p;

	if (w->n == w->room && grow_pieces(w, err) < 0)
		return NULL;
	p = piece(w, w->n);
	if (p->frame == NULL && (p->frame = av_frame_alloc()) == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	p->packet = packet;
	w->n++;
	return p;
}

int
waiting_frame(struct waiting *w, AVFrame *frame, int64_t packet,
    struct v2m_err *err)
{
	struct waiting_piece *p = add_piece(w, packet, err);

	if (p == NULL)
		return -1;
	p->silence = 0;
	p->rate_hz = frame->sample_rate;
	av_frame_move_ref(p->frame, frame);
	w->samples += p->frame->nb_samples;
	return 0;
}

int
waiting_silence(struct waiting *w, int64_t samples, int rate_hz,
    int64_t packet, struct v2m_err *err)
{
	struct waiting_piece *p = add_piece(w, packet, err);

	if (p == NULL)
		return -1;
	p->silence = samples;
	p->rate_hz = rate_hz;
	return 0;
}

struct waiting_piece *
waiting_first(struct waiting *w, int64_t packet)
{
	return w->n > 0 && piece(w, 0)->packet == packet ? piece(w, 0) : NULL;
}

void
waiting_drop_first(struct waiting *w)
{
	w->samples -= piece(w, 0)->frame->nb_samples;
	av_frame_unref(piece(w, 0)->frame);
	w->first = (w->first + 1) & (w->room - 1);
	w->n--;
}
