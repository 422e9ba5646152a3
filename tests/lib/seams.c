/* seams - compare an MP3 of ours with one that a single LAME encodes
 *
 * usage: seams MP3 PCM RATE CHANNELS V2|192
 *
 * PCM: interleaved 32-bit floats.  Prints in one line: the number of frames;
 * how many of them differ in side information or main data (except for
 * main_data_begin, bitrate and padding); the bytes of LAME's frames and of
 * ours; and by how many dB the signal-to-noise ratio of our worst frame, among
 * those that differ and three on either side, is below LAME's.  Exit status: 0,
 * or 1 with a message.
 */

#include <lame/lame.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/coded.h"

#define BLOCK 4608
#define DELAY 1105		/* of encoder and decoder */
#define AROUND 3

struct stream {
	uint8_t *bytes;
	size_t len;
	struct coded_row row;
	float *pcm[2];		/* decoded */
	long samples;
};

static int rate, channels, samples_per_frame;
static float *source[2];
static long nsource;

static void
die(const char *what)
{
	fprintf(stderr, "seams: %s\n", what);
	exit(1);
}

static void *
need(void *p)
{
	if (p == NULL)
		die("out of memory");
	return p;
}

static uint8_t *
read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes;

	if (f == NULL || fseek(f, 0, SEEK_END) < 0)
		die("cannot read a file");
	*len = (size_t)ftell(f);
	rewind(f);
	bytes = need(malloc(*len + 1));
	if (fread(bytes, 1, *len, f) != *len)
		die("cannot read a file");
	fclose(f);
	return bytes;
}

static void
read_source(const char *path)
{
	size_t len;
	uint8_t *bytes = read_file(path, &len);
	float v;

	nsource = (long)(len / sizeof v) / channels;
	for (int c = 0; c < channels; c++) {
		source[c] = need(malloc((size_t)(nsource + 1) * sizeof v));
		for (long i = 0; i < nsource; i++) {
			memcpy(&v, bytes + (size_t)(i * channels + c) *
			    sizeof v, sizeof v);
			source[c][i] = v * 32768;
		}
	}
	free(bytes);
}

static lame_t
make_lame(const char *how)
{
	lame_t lame = need(lame_init());

	lame_set_in_samplerate(lame, rate);
	lame_set_out_samplerate(lame, rate);
	lame_set_num_channels(lame, channels);
	lame_set_mode(lame, channels == 1 ? MONO : JOINT_STEREO);
	lame_set_bWriteVbrTag(lame, 0);
	if (how[0] == 'V') {
		lame_set_VBR(lame, vbr_default);
		lame_set_VBR_quality(lame, (float)atoi(how + 1));
	} else {
		lame_set_brate(lame, atoi(how));
	}
	if (lame_init_params(lame) < 0)
		die("LAME refuses");
	return lame;
}

static void
encode(struct stream *s, const char *how)
{
	lame_t lame = make_lame(how);
	size_t room = (size_t)nsource * 5 / 4 + 1024 * 1024;

	s->bytes = need(malloc(room));
	for (long at = 0; at < nsource; at += BLOCK) {
		int n = nsource - at < BLOCK ? (int)(nsource - at) : BLOCK;

		s->len += (size_t)lame_encode_buffer_float(lame,
		    source[0] + at, source[channels - 1] + at, n,
		    s->bytes + s->len, (int)(room - s->len));
	}
	s->len += (size_t)lame_encode_flush(lame, s->bytes + s->len,
	    (int)(room - s->len));
	lame_close(lame);
}

/* Skip the ID3 tag and the Xing frame. */
static void
skip_tags(struct stream *s)
{
	const uint8_t *p = s->bytes;
	struct v2m_frame f;
	size_t skip = 0;

	if (s->len > 10 && memcmp(p, "ID3", 3) == 0)
		skip = 10 + ((size_t)p[6] << 21 | (size_t)p[7] << 14 |
		    (size_t)p[8] << 7 | p[9]);
	if (skip + 4 > s->len || !v2m_frame_parse(&f, p + skip))
		die("no frames");
	skip += (size_t)f.bytes;
	s->len -= skip;
	memmove(s->bytes, s->bytes + skip, s->len);
}

static void
take_apart(struct stream *s)
{
	struct coded_reader reader = { .len = 0 };
	struct v2m_frame f;
	struct v2m_err err;

	for (size_t at = 0; at + 4 <= s->len; at += (size_t)f.bytes) {
		if (!v2m_frame_parse(&f, s->bytes + at) ||
		    at + (size_t)f.bytes > s->len)
			die("frames out of step");
		if (f.samples != samples_per_frame || f.rate_hz != rate ||
		    f.channels != channels)
			die("frames of another kind");
		if (coded_read(&reader, s->bytes + at, &f, &s->row,
		    &err) < 0)
			die(err.msg);
	}
}

static void
decode(struct stream *s)
{
	long room = (long)(s->row.n + 2) * samples_per_frame;
	hip_t hip = need(hip_decode_init());
	short pcm[2][8192];
	struct v2m_frame f;
	int n;

	for (int c = 0; c < 2; c++)
		s->pcm[c] = need(calloc((size_t)room, sizeof(float)));
	for (size_t at = 0; at + 4 <= s->len; at += (size_t)f.bytes) {
		if (!v2m_frame_parse(&f, s->bytes + at))
			break;
		n = hip_decode1(hip, s->bytes + at, (size_t)f.bytes, pcm[0],
		    pcm[1]);
		if (n < 0)
			die("does not decode");
		for (int i = 0; i < n && s->samples < room; i++, s->samples++)
			for (int c = 0; c < channels; c++)
				s->pcm[c][s->samples] = pcm[c][i];
	}
	hip_decode_exit(hip);
}

/* The noise in dB of the samples that frame i decodes to. */
static double
noise_ratio(const struct stream *s, int i)
{
	double signal = 1, noise = 1;
	long at = (long)i * samples_per_frame;

	for (long n = at; n < at + samples_per_frame; n++) {
		if (n >= s->samples || n < DELAY || n - DELAY >= nsource)
			continue;
		for (int c = 0; c < channels; c++) {
			double want = source[c][n - DELAY];
			double is = s->pcm[c][n] - want;

			signal += want * want;
			noise += is * is;
		}
	}
	return 10 * log10(signal / noise);
}

int
main(int argc, char **argv)
{
	static struct stream lame, ours;
	int differ = 0;
	double worst = 0;

	if (argc != 6)
		die("usage: seams MP3 PCM RATE CHANNELS V2|192");
	rate = atoi(argv[3]);
	channels = atoi(argv[4]);
	samples_per_frame = rate >= 32000 ? 1152 : 576;
	read_source(argv[2]);
	encode(&lame, argv[5]);
	ours.bytes = read_file(argv[1], &ours.len);
	skip_tags(&ours);
	take_apart(&lame);
	take_apart(&ours);
	/* Our encoder leaves out a last frame without samples of the source. */
	if (ours.row.n != lame.row.n && ours.row.n != lame.row.n - 1)
		die("another number of frames");
	decode(&lame);
	decode(&ours);
	for (int i = 0; i < ours.row.n; i++) {
		struct coded a = coded_row_get(&lame.row, i);
		struct coded b = coded_row_get(&ours.row, i);

		if (coded_equal(&a, &b))
			continue;
		differ++;
		if (getenv("SEAMS_VERBOSE") != NULL)
			fprintf(stderr, "frame %d: %d bytes, not %d\n", i,
			    b.bytes, a.bytes);
		for (int k = i - AROUND; k <= i + AROUND + 1; k++) {
			double less = noise_ratio(&lame, k < 0 ? 0 : k) -
			    noise_ratio(&ours, k < 0 ? 0 : k);

			worst = less > worst ? less : worst;
		}
	}
	printf("frames %d differ %d lame %zu ours %zu worst %.2f\n",
	    ours.row.n, differ, lame.len, ours.len, worst);
	return 0;
}
