/* The engine's pure parts that parse frames and write them anew. */
#include "engine/bits.h"
#include "engine/side.h"
#include "engine/coded.h"
#include "engine/repack.h"

#include <stdio.h>

#include "tap.h"

#define FRAMES 3000

/* A kind of frame: the header's second byte, sample rate and channels. */
struct kind {
	const char *name;
	uint8_t version;	/* 0xfb, 0xf3, 0xe3 */
	uint8_t rate;		/* sample rate index */
	bool mono;
};

static const struct kind kinds[] = {
	{ "44.1 kHz stereo", 0xfb, 0, false },
	{ "48 kHz mono", 0xfb, 1, true },
	{ "32 kHz stereo", 0xfb, 2, false },
	{ "22.05 kHz mono", 0xf3, 0, true },
	{ "24 kHz stereo", 0xf3, 1, false },
	{ "16 kHz mono", 0xf3, 2, true },
	{ "11.025 kHz stereo", 0xe3, 0, false },
	{ "8 kHz mono", 0xe3, 2, true },
};

static struct coded_row before, after;
static struct coded_reader reader;
static int64_t total;
static int frames, smallest, largest, paddings, most_begin;
static bool torn;

static uint32_t
random_number(void)
{
	static uint32_t state = 1;

	state = state * 1664525 + 1013904223;
	return state >> 8;
}

static void
start(void)
{
	coded_row_release(&before);
	coded_row_release(&after);
	reader.len = 0;
	total = 0;
	frames = largest = paddings = most_begin = 0;
	smallest = V2M_FRAME_MAX;
	torn = false;
}

/* Parse the repacker's frames again. */
static int
sink(void *arg, const uint8_t *frame, const struct v2m_frame *f,
    struct v2m_err *err)
{
	int begin_at = side_begin(f, frame + V2M_FRAME_HEADER);
	struct v2m_frame again;

	(void)arg;
	if (!v2m_frame_parse(&again, frame) || again.bytes != f->bytes)
		torn = true;
	frames++;
	total += f->bytes;
	paddings += frame[2] >> 1 & 1;
	smallest = f->bytes < smallest ? f->bytes : smallest;
	largest = f->bytes > largest ? f->bytes : largest;
	most_begin = begin_at > most_begin ? begin_at : most_begin;
	return coded_read(&reader, frame, f, &after, err);
}

/* Side information for n bits of main data; the rest is noise. */
static void
make_side(uint8_t *side, const struct v2m_frame *f, int bits)
{
	int at = f->version == 1 ? 9 + (f->channels == 1 ? 5 : 3) +
	    4 * f->channels : 8 + f->channels;
	int blocks = f->channels * (f->version == 1 ? 2 : 1);
	int stride = f->version == 1 ? 59 : 63;

	for (int i = 0; i < f->side_bytes; i++)
		side[i] = (uint8_t)random_number();
	for (int i = 0; i < blocks; i++) {
		int part = bits < 4095 ? bits : 4095;

		bits_put(side, at + i * stride, 12, (uint32_t)part);
		bits -= part;
	}
	side_set_begin(f, side, 0);
}

/* Add a parsed frame with so many bits of main data to `before`. */
static void
make_frame(const struct kind *k, int bits)
{
	uint8_t bytes[V2M_FRAME_MAX + CODED_MOST], head[4] = {
		0xff, k->version, (uint8_t)(0xe0 | k->rate << 2),
		k->mono ? 0xc4 : 0x64
	};
	struct coded_reader past = { .len = CODED_BEGIN_MOST };
	struct v2m_frame f;
	int i, begin_at, bytes_all = (bits + 7) / 8;

	v2m_frame_parse(&f, head);
	memcpy(bytes, head, 4);
	make_side(bytes + 4, &f, bits);
	begin_at = bytes_all - (f.bytes - 4 - f.side_bytes);
	side_set_begin(&f, bytes + 4, begin_at > 0 ? begin_at : 0);
	for (i = 4 + f.side_bytes; i < f.bytes; i++)
		bytes[i] = (uint8_t)random_number();
	for (i = 0; i < CODED_BEGIN_MOST; i++)
		past.past[i] = (uint8_t)random_number();
	coded_read(&past, bytes, &f, &before, NULL);
}

/* Repack all.  Returns 0 or 1 as repack_add(), or -1. */
static int
repack(int bitrate_kbps)
{
	struct repack *r = repack_new(bitrate_kbps, sink, NULL, NULL);
	struct coded c;
	int ret = 0;

	for (int i = 0; i < before.n && ret == 0; i++) {
		c = coded_row_get(&before, i);
		ret = repack_add(r, &c, NULL);
	}
	if (ret == 0)
		ret = repack_finish(r, NULL);
	repack_free(r);
	return ret;
}

static bool
same(void)
{
	struct coded a, b;

	if (before.n != after.n || torn)
		return false;
	for (int i = 0; i < before.n; i++) {
		a = coded_row_get(&before, i);
		b = coded_row_get(&after, i);
		if (!coded_equal(&a, &b))
			return false;
	}
	return true;
}

static int64_t
data_bytes(void)
{
	int64_t sum = 0;

	for (int i = 0; i < before.n; i++)
		sum += before.frames[i].bytes;
	return sum;
}

static int
area(const struct kind *k, int index)
{
	uint8_t head[4] = { 0xff, k->version,
	    (uint8_t)(index << 4 | k->rate << 2), k->mono ? 0xc4 : 0x64 };
	struct v2m_frame f;

	v2m_frame_parse(&f, head);
	return f.bytes - 4 - f.side_bytes;
}

/* Frames of all sizes, with some runs that need the reservoir. */
static void
variable(const struct kind *k)
{
	int top = k->version == 0xe3 ? 8 : 14, most = area(k, top);
	int begin_most = k->version == 0xfb ? 511 : 255, front;
	int64_t bound;

	start();
	for (int i = 0; i < FRAMES; i++) {
		int bits = (int)random_number() % (most * 8);

		if (i % 100 == 99)	/* after a nearly empty one */
			bits = (most + begin_most / 2) * 8 - 3;
		if (i % 100 == 98 || i % 100 == 97)
			bits = 5;
		if (i % 7 == 0)
			bits = (int)random_number() % 200;
		make_frame(k, bits);
	}
	okf(repack(0) == 0, "%s, variable: there is room", k->name);
	okf(same(), "%s, variable: the frames are the same", k->name);
	okf(most_begin <= begin_most, "%s, variable: the reservoir is within "
	    "its bounds", k->name);
	front = 4 + (k->version == 0xfb ? (k->mono ? 17 : 32) :
	    (k->mono ? 9 : 17));
	bound = data_bytes() + (int64_t)front * FRAMES;
	/* The smallest frame size may be more than the data needs. */
	okf(total >= bound && total < bound + (int64_t)area(k, 1) * FRAMES / 4,
	    "%s, variable: little is wasted (%lld of %lld)", k->name,
	    (long long)(total - bound), (long long)total);
}

static void
constant(const struct kind *k, int index)
{
	struct v2m_frame f;
	uint8_t head[4] = { 0xff, k->version,
	    (uint8_t)(index << 4 | k->rate << 2), k->mono ? 0xc4 : 0x64 };
	int64_t exact;

	v2m_frame_parse(&f, head);
	start();
	/* Never needs more than half the reservoir. */
	for (int i = 0; i < FRAMES; i++)
		make_frame(k, (f.bytes - 4 - f.side_bytes) * 8 * (i % 2 == 0 ?
		    9 : 11) / 10 - (i % 2 == 0 ? 11 : 0));
	okf(repack(f.bitrate_kbps) == 0, "%s, %d kbit/s: there is room",
	    k->name, f.bitrate_kbps);
	okf(same(), "%s, %d kbit/s: the frames are the same", k->name,
	    f.bitrate_kbps);
	exact = (int64_t)FRAMES * f.samples / 8 * 1000 * f.bitrate_kbps /
	    f.rate_hz;
	okf(total - exact <= 1 && exact - total <= 1 &&
	    largest - smallest <= 1, "%s, %d kbit/s: padded to the bitrate "
	    "(%lld, %lld)", k->name, f.bitrate_kbps, (long long)total,
	    (long long)exact);
}

static void
no_room(void)
{
	const struct kind *k = &kinds[0];

	start();
	make_frame(k, (area(k, 14) + 2) * 8);
	ok(repack(0) == 1, "a first frame larger than any: no room");
	start();
	for (int i = 0; i < 10; i++)
		make_frame(k, area(k, 9) * 8);
	make_frame(k, (area(k, 9) + 20) * 8);
	ok(repack(128) == 1, "constant, and no reservoir is left: no room");
	start();
	make_frame(k, 100);
	for (int i = 0; i < 200; i++)
		make_frame(k, (area(k, 14) + 3) * 8);
	ok(repack(0) == 0 && same(), "a long run that draws on the reservoir "
	    "is foreseen");
	start();
	make_frame(k, 100);
	for (int i = 0; i < 600; i++)
		make_frame(k, (area(k, 14) + 3) * 8);
	ok(repack(0) == 1, "one that it does not hold: no room");
	start();
	make_frame(&kinds[6], 1000);
	ok(repack(320) == -1, "a bitrate that the version has not");
}

static void
few(void)
{
	for (int n = 0; n <= 3; n++) {
		start();
		for (int i = 0; i < n; i++)
			make_frame(&kinds[4], 8 * i);
		okf(repack(0) == 0 && same() && frames == n,
		    "%d frames, nearly empty", n);
	}
	okf(smallest == 24, "the smallest that there are");
}

/* Incomplete frames are refused, without reading beyond them. */
static void
broken(void)
{
	uint8_t bytes[V2M_FRAME_MAX] = { 0xff, 0xfb, 0x10, 0x64 };
	struct v2m_frame f;
	struct v2m_err err;

	v2m_frame_parse(&f, bytes);
	start();
	side_set_begin(&f, bytes + 4, 1);
	ok(coded_read(&reader, bytes, &f, &after, &err) < 0 &&
	    err.code == V2M_DATA, "data from before the stream");
	make_side(bytes + 4, &f, (f.bytes - 4 - f.side_bytes) * 8 + 1);
	ok(coded_read(&reader, bytes, &f, &after, &err) < 0 &&
	    err.code == V2M_DATA, "more data than the frame has");
	make_side(bytes + 4, &f, (f.bytes - 4 - f.side_bytes) * 8);
	ok(coded_read(&reader, bytes, &f, &after, &err) == 0,
	    "as much as it has");
	ok(after.n == 1 && after.frames[0].bitrate == 1,
	    "only what is whole is kept");
	bytes[1] = 0xfa;	/* with a CRC, which shifts what follows */
	v2m_frame_parse(&f, bytes);
	memmove(bytes + 6, bytes + 4, sizeof bytes - 6);
	make_side(bytes + 6, &f, 80);
	ok(coded_read(&reader, bytes, &f, &after, &err) == 0 &&
	    after.frames[1].bytes == 10 && after.frames[1].head[1] == 0xfb,
	    "a CRC is left out");
}

static void
bit_fields(void)
{
	uint8_t bytes[8] = { 0 };

	bits_put(bytes, 5, 12, 0xabc);
	ok(bits_get(bytes, 5, 12) == 0xabc && bits_get(bytes, 0, 5) == 0 &&
	    bits_get(bytes, 17, 15) == 0, "12 bits across three bytes");
	bits_put(bytes, 8, 32, 0xdeadbeef);
	ok(bits_get(bytes, 8, 32) == 0xdeadbeef, "32 bits");
	bits_put(bytes, 9, 3, 0);
	ok(bits_get(bytes, 8, 8) == 0x8e, "zeros too");
}

int
main(void)
{
	bit_fields();
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		variable(&kinds[i]);
		for (int b = 1; b <= (kinds[i].version == 0xe3 ? 8 : 14); b++)
			if (area(&kinds[i], b) > 40)
				constant(&kinds[i], b);
	}
	no_room();
	few();
	broken();
	coded_row_release(&before);
	coded_row_release(&after);
	return tap_done();
}
