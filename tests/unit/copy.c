/* The engine's pure parts that find frames in packets and copy them. */
#include "engine/bits.h"
#include "engine/side.h"
#include "engine/coded.h"
#include "engine/repack.h"
#include "engine/gaps.h"
#include "engine/timeline.h"
#include "engine/framing.h"
#include "engine/copy.h"

#include <stdio.h>

#include "tap.h"

#define MOST 4096
#define EMPTY -1
#define DECODER_DELAY 529	/* of LAME's own decoder */
#define S INT64_C(1000000)

/* The frames that go in. */
static struct kind {
	uint8_t version, rate, bitrate;
	bool mono, crc;
	int samples, hz;
} kind;
static const struct kind plain = { 0xfb, 0, 9, false, false, 1152, 44100 };
static const struct kind low = { 0xf3, 0, 8, false, false, 576, 22050 };

static struct copy c;
static struct copy_cut cut;
static int64_t now_ns;
static int number;		/* number of the next frame */

/* What was copied. */
static struct coded_reader reader;
static struct coded_row row;
static int ids[MOST], nids, begun, delay, jumps;
static bool torn_out;

static int
note_begin(void *arg, const struct v2m_frame *f, int how_much,
    struct v2m_err *err)
{
	(void)arg;
	(void)err;
	begun++;
	delay = how_much;
	return f->rate_hz == kind.hz ? 0 : -1;
}

/* Each frame has its number at the start of its main data. */
static int
note_frame(void *arg, const uint8_t *bytes, const struct v2m_frame *f,
    struct v2m_err *err)
{
	struct coded coded;

	(void)arg;
	row.n = 0;
	row.len = 0;
	if (coded_read(&reader, bytes, f, &row, err) < 0) {
		torn_out = true;
		return 0;
	}
	coded = coded_row_get(&row, 0);
	ids[nids++] = coded.bytes == 0 ? EMPTY :
	    coded.data[0] << 8 | coded.data[1];
	return 0;
}

static void
note_jump(void *arg, const struct gaps_step *step, double at_s)
{
	(void)arg;
	(void)at_s;
	jumps += step->jump_s != 0;
}

static void
start(const struct kind *k, int64_t from_us, int64_t to_us)
{
	static const struct copy_sink sink = {
		note_begin, note_frame, note_jump, NULL
	};
	static const struct timeline_facts facts = {
		.own_s = -1, .total_s = -1, .early = true
	};

	copy_close(&c);
	kind = *k;
	cut = (struct copy_cut){ from_us, to_us, 3600 * S };
	copy_open(&c, &sink, &cut, NULL, NULL);
	copy_facts(&c, &facts);
	reader.len = 0;
	now_ns = 0;
	number = nids = begun = delay = jumps = 0;
	torn_out = false;
}

/* Make a frame with so many bytes of main data; back: main_data_begin. */
static size_t
make(uint8_t *bytes, int main_bytes, int back)
{
	uint8_t head[4] = { 0xff, kind.version,
	    (uint8_t)(kind.bitrate << 4 | kind.rate << 2),
	    kind.mono ? 0xc4 : 0x64 };
	int front = 4 + (kind.crc ? 2 : 0), at;
	struct v2m_frame f;
	uint8_t *side;

	if (kind.crc)
		head[1] &= 0xfe;
	v2m_frame_parse(&f, head);
	memset(bytes, 0x55, (size_t)f.bytes);
	memcpy(bytes, head, 4);
	side = bytes + front;
	memset(side, 0, (size_t)f.side_bytes);
	side_set_begin(&f, side, back);
	at = f.version == 1 ? 9 + (f.channels == 1 ? 5 : 3) + 4 * f.channels :
	    8 + f.channels;
	for (int i = 0, left = main_bytes * 8; left > 0; i++) {
		int part = left < 4088 ? left : 4088;

		bits_put(side, at + i * (f.version == 1 ? 59 : 63), 12,
		    (uint32_t)part);
		left -= part;
	}
	side[f.side_bytes] = (uint8_t)(number >> 8);
	side[f.side_bytes + 1] = (uint8_t)number;
	number++;
	return (size_t)f.bytes;
}

static int
give_packet(const uint8_t *bytes, size_t n, int64_t front, int64_t behind)
{
	struct copy_packet p = {
		.bytes = bytes, .n = n, .stamp_ns = now_ns, .front = front,
		.behind = behind,
	};

	now_ns += kind.samples * INT64_C(1000000000) / kind.hz;
	return copy_packet(&c, &p, NULL);
}

static int
give(int main_bytes, int back, int64_t front, int64_t behind)
{
	uint8_t bytes[V2M_FRAME_MAX];

	return give_packet(bytes, make(bytes, main_bytes, back), front,
	    behind);
}

static int
give_many(int n, int64_t front)
{
	int ret = COPY_ON;

	for (int i = 0; i < n && ret == COPY_ON; i++)
		ret = give(100, 0, i == 0 ? front : 0, 0);
	return ret;
}

static int64_t
finish(void)
{
	int64_t samples = 0;

	return copy_flush(&c, NULL) >= COPY_ON &&
	    copy_finish(&c, &samples, NULL) == COPY_ENOUGH && begun == 1 &&
	    !torn_out && nids == c.frames ? samples : -1;
}

/* Were exactly the frames first to last copied, after so many empty ones? */
static bool
holds(int empty, int first, int last)
{
	int at = 0;

	for (int i = 0; i < empty; i++)
		if (at >= nids || ids[at++] != EMPTY)
			return false;
	for (int i = first; i <= last; i++)
		if (at >= nids || ids[at++] != i)
			return false;
	return at == nids;
}

static void
test_delay(void)
{
	start(&plain, 0, -1);
	give_many(10, 1105);
	okf(finish() == 10 * 1152 - 1105 && delay == 1105 && holds(0, 0, 9),
	    "the source's delay is the copy's");
	start(&plain, 0, -1);
	give_many(10, 0);
	okf(finish() == 10 * 1152 && delay == 1152 && holds(1, 0, 9),
	    "none: an empty frame makes room for what a tag can tell");
	start(&plain, 0, -1);
	give_many(9, 1105);
	give(100, 0, 0, 500);
	okf(finish() == 10 * 1152 - 1605 && holds(0, 0, 9),
	    "padding at the end counts");
	start(&low, 0, -1);
	give_many(10, 1105);
	okf(finish() == 10 * 576 - 1105 && delay == 1105 && holds(0, 0, 9),
	    "a delay longer than a frame");
	start(&plain, 0, -1);
	give_many(10, 5000);
	okf(finish() == 10 * 1152 - 5000 && holds(1, 3, 9) &&
	    delay == 2 * 1152 + 5000 - 4 * 1152,
	    "one that leaves frames out");
	start(&plain, 0, -1);
	give_many(1, 0);
	okf(finish() == 1152 && nids == 2, "one frame becomes two");
	start(&plain, 0, -1);
	give_many(1, 1151);
	okf(finish() == 1 && nids == 2, "one sample");
}

static void
test_cut(void)
{
	/* Sample 44100 is number 324 of frame 38. */
	start(&plain, 1 * S, 2 * S);
	give_many(100, 0);
	okf(finish() == 44100 && delay == 2 * 1152 + 324 &&
	    holds(1, 37, 76), "from 1 s to 2 s");
	start(&plain, 1 * S, 2 * S);
	give_many(100, 1105);
	okf(finish() == 44100 && delay == 2 * 1152 + 277 &&
	    holds(1, 38, 77), "the delay counts not");
	/* Sample 22050 is number 162 of frame 38. */
	start(&low, 1 * S, 2 * S);
	give_many(100, 0);
	okf(finish() == 22050 && delay == 3 * 576 + 162 &&
	    holds(1, 36, 76), "MPEG-2: two frames to come into stride");
	start(&plain, 0, S / 100);
	give_many(100, 1105);
	okf(finish() == 441 && holds(0, 0, 1), "to 10 ms");
	start(&plain, S / 100, -1);
	give_many(10, 1105);
	okf(finish() == 10 * 1152 - 1105 - 441 && delay == 1152 + 394 &&
	    holds(0, 0, 9), "from 10 ms");
	start(&plain, 10 * S, -1);
	give_many(10, 1105);
	okf(finish() == -1 && begun == 0, "from behind its end");
	start(&plain, 0, -1);
	c.cut.most_us = S;
	okf(give_many(100, 0) == COPY_ENOUGH && finish() == 44100 &&
	    c.cut_short, "no longer than may be");
}

static void
test_reservoir(void)
{
	start(&plain, 0, -1);
	give(100, 300, 1105, 0);
	give_many(9, 0);
	okf(finish() == 9 * 1152 && holds(1, 1, 9) && delay == 1152 &&
	    c.damaged == 0, "a stream that begins in its middle");
	start(&plain, 0, -1);
	give_many(5, 1105);
	give(900, 0, 0, 0);
	give_many(4, 0);
	okf(finish() == 10 * 1152 - 1105 && c.damaged == 1 &&
	    c.filled == 1152 && nids == 10 && ids[5] == EMPTY &&
	    ids[6] == 6, "more data than there is: silence");
	start(&plain, 0, -1);
	give_many(5, 1105);
	give(380 + 300, 300, 0, 0);
	give_many(4, 0);
	okf(finish() == 10 * 1152 - 1105 && c.damaged == 0 && nids == 10,
	    "data that begins before");
	/* The empty frame holds main data that begins before the cut. */
	start(&plain, S, 2 * S);
	kind.bitrate = 14;
	for (int i = 0; i < 100; i++)
		give(i == 0 ? 500 : 1000, i == 0 ? 0 : 500, 0, 0);
	okf(finish() == 44100 && nids == 41 && ids[0] == EMPTY,
	    "a cut at 320 kbit/s");
}

static void
test_bad_side(void)
{
	uint8_t bytes[V2M_FRAME_MAX];
	size_t n;

	start(&plain, 0, -1);
	give_many(5, 1105);
	n = make(bytes, 100, 0);
	bits_put(bytes + 4, 20 + 12, 9, 289);
	give_packet(bytes, n, 0, 0);
	n = make(bytes, 100, 0);
	bits_put(bytes + 4, 20 + 33, 3, 4);
	give_packet(bytes, n, 0, 0);
	give_many(3, 0);
	okf(finish() == 10 * 1152 - 1105 && c.damaged == 2 && nids == 10 &&
	    ids[5] == EMPTY && ids[6] == EMPTY && ids[7] == 7,
	    "side information that makes no sense: silence");
}

static void
test_time(void)
{
	start(&plain, 0, -1);
	give_many(5, 1105);
	now_ns += INT64_C(1000000000) * 11520 / 44100;
	give_many(5, 0);
	okf(finish() == 20 * 1152 - 1105 && c.filled == 11520 &&
	    nids == 20 && ids[14] == EMPTY && ids[15] == 5,
	    "a gap of ten frames");
	start(&plain, 0, -1);
	give_many(5, 1105);
	for (int i = 0; i < 4; i++) {
		now_ns += INT64_C(1000000000) * 3917 / 44100;
		give_many(5, 0);
	}
	okf(finish() == c.frames * 1152 - 1105 && c.frames == 25 + 14,
	    "gaps of 3.4 frames: what is left over is carried");
	start(&plain, 0, -1);
	c.time.facts.early = false;
	now_ns = 1234 * INT64_C(1000000);
	for (int i = 0; i < 10; i++) {
		struct copy_packet p = { .stamp_ns = now_ns };
		uint8_t bytes[V2M_FRAME_MAX];

		p.n = make(bytes, 100, 0);
		p.bytes = bytes;
		p.front = i == 0 ? 1105 : 0;
		copy_packet(&c, &p, NULL);
		now_ns += INT64_C(26122449);
	}
	okf(finish() == 1105 + 54419 + 10 * 1152 - 1105 &&
	    c.filled == 1105 + 54419 && delay >= DECODER_DELAY,
	    "silence before the first, exactly");
	start(&plain, 0, -1);
	give_many(100, 1105);
	now_ns = 0;
	give_many(100, 0);
	okf(finish() == 200 * 1152 - 1105 && jumps == 1 && c.damaged == 0,
	    "stamps that go back");
	start(&plain, 0, -1);
	for (int i = 0; i < 200; i++) {
		give(100, 0, i == 0 ? 1105 : 0, 0);
		now_ns += 300000;
	}
	okf(finish() == 200 * 1152 - 1105 && jumps == 0 && c.filled == 0,
	    "stamps that run ahead little by little");
	start(&plain, 0, -1);
	give_many(5, 1105);
	give(100, 0, 0, 600);
	okf(give(100, 0, 0, 0) == COPY_CANNOT, "cuts within cannot be told");
	start(&plain, 0, -1);
	give_many(5, 1105);
	okf(give(100, 0, 600, 0) == COPY_CANNOT, "neither at a start");
}

static void
test_packets(void)
{
	uint8_t bytes[20 * V2M_FRAME_MAX];
	size_t n = 0, half;

	start(&plain, 0, -1);
	for (int i = 0; i < 10; i++)
		n += make(bytes + n, 100, 0);
	give_packet(bytes, n, 1105, 0);
	okf(finish() == 10 * 1152 - 1105 && holds(0, 0, 9),
	    "ten frames in a packet");
	start(&plain, 0, -1);
	number = 0;
	half = n / 2 + 77;
	give_packet(bytes, half, 1105, 0);
	give_packet(bytes + half, n - half, 0, 0);
	okf(finish() == 10 * 1152 - 1105 && holds(0, 0, 9) && c.damaged == 0,
	    "a packet that ends within a frame");
	start(&plain, 0, -1);
	give_many(5, 1105);
	for (n = 0; n < 3000; n++)
		bytes[n] = (uint8_t)(n * 7 & 0x7f);
	n += make(bytes + n, 100, 0);
	give_packet(bytes, n, 0, 0);
	give_many(4, 0);
	okf(finish() == 10 * 1152 - 1105 && holds(0, 0, 9) && c.damaged == 1,
	    "bytes between that are none");
	start(&plain, 0, -1);
	give_many(5, 1105);
	memset(bytes, 0xff, sizeof bytes);
	give_packet(bytes, sizeof bytes, 0, 0);
	now_ns -= INT64_C(26122449);
	give_many(5, 0);
	okf(finish() == 10 * 1152 - 1105 && holds(0, 0, 9) && c.damaged == 1,
	    "nothing but sync bits");
	start(&plain, 0, -1);
	kind.crc = true;
	give_many(10, 1105);
	okf(finish() == 10 * 1152 - 1105 && holds(0, 0, 9),
	    "frames with CRCs lose them");
}

static void
test_change(void)
{
	uint8_t bytes[V2M_FRAME_MAX];
	size_t n;

	start(&plain, 0, -1);
	give_many(5, 1105);
	kind.mono = true;
	give_many(1, 0);
	kind.mono = false;
	okf(give_many(5, 0) == COPY_ON && c.damaged == 1,
	    "one frame of another kind is chance");
	kind.mono = true;
	okf(give_many(5, 0) == COPY_CANNOT, "two are a change: mono");
	start(&plain, 0, -1);
	give_many(5, 1105);
	kind.rate = 1;
	okf(give_many(5, 0) == COPY_CANNOT, "another rate");
	start(&plain, 0, -1);
	give_many(5, 1105);
	n = make(bytes, 100, 0);
	bytes[1] = 0xfd;
	okf(give_packet(bytes, n, 0, 0) == COPY_ON &&
	    give_packet(bytes, n, 0, 0) == COPY_CANNOT, "another layer");
	start(&plain, 0, -1);
	give_many(5, 1105);
	kind.bitrate = 5;
	okf(give_many(5, 0) == COPY_ON && finish() == 10 * 1152 - 1105,
	    "the bitrate may change");
}

/* Give free-format frames, all in one packet. */
static int
give_free(int count, int size, int main_bytes)
{
	static uint8_t bytes[MOST * 64];
	struct copy_packet p = { .bytes = bytes,
	    .stamp_ns = COPY_NO_STAMP, .front = 1105 };

	memset(bytes, 0x55, sizeof bytes);
	for (int i = 0; i < count; i++) {
		make(bytes + p.n, main_bytes, 0);
		bytes[p.n + 2] &= 0x0f;
		p.n += (size_t)size;
	}
	return copy_packet(&c, &p, NULL);
}

static void
test_free(void)
{
	start(&plain, 0, -1);
	give_free(10, 700, 100);
	okf(finish() == 10 * 1152 - 1105 && holds(0, 0, 9),
	    "frames without bitrate");
	start(&plain, 0, -1);
	give_free(20, 2400, 2000);
	okf(finish() == -1, "they may hold more than fits");
}

int
main(void)
{
	test_delay();
	test_cut();
	test_reservoir();
	test_bad_side();
	test_time();
	test_packets();
	test_change();
	test_free();
	copy_close(&c);
	coded_row_release(&row);
	return tap_done();
}
