#include "engine/others.h"

#include <math.h>
#include <stdlib.h>

#include "engine/decode.h"
#include "engine/demux.h"
#include "engine/resample.h"
#include "engine/tracks.h"
#include "engine/sandbox.h"
#include "media/frame.h"

struct listener {
	struct decoder decoder;
	struct resample resample;
	bool open, useless, audible;
	int64_t us;		/* duration of sound decoded so far */
};

struct others {
	struct demux demux;
	struct listener *listeners;	/* one per stream */
	unsigned n;
	int chosen;
	int64_t earned_us;
};

static int
listen(void *arg, const float *const planes[2], int n, struct v2m_err *err)
{
	struct listener *l = arg;

	(void)err;
	for (int c = 0; c < 2; c++)
		for (int i = 0; i < n && !l->audible; i++)
			l->audible = fabsf(planes[c][i]) > OTHERS_AUDIBLE;
	return 0;
}

static int
note_sound(void *arg, AVFrame *f, int64_t whole, struct v2m_err *err)
{
	struct listener *l = arg;

	(void)whole;
	if (f->sample_rate <= 0 || f->nb_samples <= 0 ||
	    f->ch_layout.nb_channels <= 0)
		return 0;
	if (l->resample.buf[0] == NULL && resample_init(&l->resample,
	    v2m_frame_rate(f->sample_rate), 2, listen, l, err) < 0)
		return -1;
	l->us += (int64_t)f->nb_samples * 1000000 / f->sample_rate;
	return resample_frame(&l->resample, f, err);
}

/* The listener of stream i; NULL: it is not listened to. */
static struct listener *
listener_of(struct others *o, int i)
{
	AVStream *st = o->demux.fmt->streams[i];
	const AVCodec *codec;
	struct listener *l;

	if ((unsigned)i >= o->n || i == o->chosen || !tracks_usable(st))
		return NULL;
	l = &o->listeners[i];
	if (l->open || l->useless)
		return l->useless ? NULL : l;
	codec = avcodec_find_decoder(st->codecpar->codec_id);
	l->open = true;
	l->useless = decode_open(&l->decoder, st, codec, NULL) < 0;
	return l->useless ? NULL : l;
}

/* Decode a packet: can sound be heard? */
static bool
try_packet(struct others *o, const AVPacket *pkt)
{
	struct listener *l = listener_of(o, pkt->stream_index);
	int64_t before;

	if (l == NULL)
		return false;
	before = l->us;
	l->useless = decode_packet(&l->decoder, pkt, note_sound, l, NULL) < 0;
	o->earned_us += l->us - before;
	sandbox_earn(o->earned_us);
	return l->audible;
}

static int
find_sounding(struct others *o, AVPacket *pkt)
{
	struct v2m_err ignored;
	int found = -1;

	while (found < 0 && demux_read(&o->demux, pkt, &ignored) > 0) {
		if (try_packet(o, pkt))
			found = pkt->stream_index;
		av_packet_unref(pkt);
	}
	return found < 0 ? 0 : tracks_number(o->demux.fmt,
	    o->demux.fmt->streams[found]);
}

static void
release(struct others *o)
{
	for (unsigned i = 0; i < o->n; i++) {
		decode_close(&o->listeners[i].decoder);
		resample_release(&o->listeners[i].resample);
	}
	free(o->listeners);
	demux_close(&o->demux);
}

int
others_sounding(struct input *input, const char *hint, int chosen,
    int64_t earned_us)
{
	struct others o = { .chosen = chosen, .earned_us = earned_us };
	AVPacket *pkt = av_packet_alloc();
	struct v2m_err ignored;
	int number = 0;

	if (pkt != NULL && demux_look(&o.demux, input, hint, &ignored) == 0) {
		o.listeners = calloc(V2M_MEDIA_TRACKS, sizeof *o.listeners);
		o.n = o.listeners == NULL ? 0 : V2M_MEDIA_TRACKS;
		number = find_sounding(&o, pkt);
	}
	release(&o);
	av_packet_free(&pkt);
	return number;
}
