/* libFuzzer target: container and decoder, tracks, tags, chapters and cover of
 * any bytes, as in a child.  tests/flow/fuzz-demux.t runs it for a limited
 * time; by hand: tests/fuzz/run demux FOLDER -max_total_time=3600 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/codecs.h"
#include "engine/decode.h"
#include "engine/demux.h"
#include "engine/front.h"
#include "engine/input.h"
#include "engine/tracks.h"

#define PACKETS_MOST 2000	/* a few KiB may be hours of sound */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *__asan_default_options(void);

/* An input takes a millisecond, of which a fifth was spent on fresh memory:
 * reuse freed memory soon. */
const char *
__asan_default_options(void)
{
	return "quarantine_size_mb=8";
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	codecs_init();
	return 0;
}

static int
take(void *arg, AVFrame *frame, int64_t whole, struct v2m_err *err)
{
	int64_t *samples = arg;

	(void)err;
	if (frame->nb_samples < 0 || frame->nb_samples > whole)
		abort();
	*samples += frame->nb_samples;
	return 0;
}

static void
decode(struct demux *d, struct decoder *dec, AVPacket *pkt)
{
	struct v2m_err err;
	int64_t samples = 0;

	for (int i = 0; i < PACKETS_MOST && demux_next(d, pkt, &err) > 0;
	    i++) {
		int ret = decode_packet(dec, pkt, take, &samples, &err);

		av_packet_unref(pkt);
		if (ret != 0)
			return;
	}
	decode_packet(dec, NULL, take, &samples, &err);
}

static void
look(struct input *in)
{
	struct front front;
	AVPacket *pkt = av_packet_alloc();
	struct v2m_settings settings;
	struct decoder dec;
	struct demux d;
	struct v2m_err err;

	memset(&dec, 0, sizeof dec);
	v2m_settings_init(&settings);
	v2m_settings_lang(&settings, "de,en", &err);
	settings.from_ms = 20;
	settings.to_ms = 3600000;
	if (demux_open(&d, in, "sbc", &settings, &err) == 0) {
		tracks_tell(d.fmt);
		front_collect(&front, &d, &settings);
		front_release(&front);
		if (decode_open(&dec, d.sound, d.codec, &err) == 0)
			decode(&d, &dec, pkt);
		decode_close(&dec);
	}
	demux_close(&d);
	av_packet_free(&pkt);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	struct input *in;
	struct v2m_err err;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return -1;
	in = input_open(fd, false, (int64_t)size, &err);
	if (in != NULL)
		look(in);
	input_free(in);
	close(fd);
	return 0;
}
