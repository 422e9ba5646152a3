/* The helper's pure parts, which the library does not hold. */
#include "engine/shape.h"
#include "engine/timeline.h"

#include "tap.h"

#define RATE 48000
#define PACKET 1024

static struct timeline t;
static int64_t n;

static void
begin(int64_t claim_s)
{
	t = (struct timeline){
		.rate_hz = RATE, .claim = claim_s < 0 ? -1 : claim_s * RATE
	};
}

static enum timeline_step
place(int64_t stamp)
{
	return timeline_place(&t, stamp, PACKET, &n);
}

static void
jitter(void)
{
	bool follows = true;

	begin(-1);
	/* Milliseconds, as FLV has them, and 20 ms of noise on top. */
	for (int i = 0; i < 10000; i++) {
		int64_t ms = (int64_t)i * PACKET * 1000 / RATE +
		    i * 7919 % 41 - 20;

		follows &= place(ms * RATE / 1000) == TIMELINE_FOLLOWS;
	}
	ok(follows && t.filled == 0 && t.at == 10000 * PACKET,
	    "jitter moves nothing");
	begin(-1);
	for (int i = 0; i < 1000; i++)
		follows &= place(TIMELINE_NO_STAMP) == TIMELINE_FOLLOWS;
	ok(follows && t.at == 1000 * PACKET, "no stamps at all");
}

static void
gaps(void)
{
	begin(-1);
	ok(place(120 * RATE) == TIMELINE_FILL && n == 120 * RATE &&
	    t.at == 120 * RATE + PACKET, "a late start is filled");
	ok(place(t.at + RATE / 20) == TIMELINE_FOLLOWS, "50 ms are not");
	ok(place(t.at + RATE / 20 + 1) == TIMELINE_FILL &&
	    n == RATE / 20 + 1, "one sample more is, exactly");
	ok(timeline_place(&t, t.at + 3000, 2000, &n) == TIMELINE_FOLLOWS,
	    "nor is less than two packets");
	ok(t.filled == 120 * RATE + RATE / 20 + 1, "silence is counted");
	begin(-1);
	ok(place(600 * RATE) == TIMELINE_FILL, "ten minutes are filled");
	ok(place(t.at + RATE) == TIMELINE_JUMP && n == RATE,
	    "but no more in total");
	ok(place(t.at + RATE) == TIMELINE_FOLLOWS,
	    "a jump is forgiven once and for all");
	begin(-1);
	ok(place(600 * RATE + 1) == TIMELINE_JUMP && t.filled == 0,
	    "nor at a time");
	begin(3600);
	for (int i = 0; i < 7; i++)
		place(t.at + 500 * RATE);
	ok(t.filled == 7 * 500 * RATE, "a claim allows more in total");
	ok(place(t.at + 500 * RATE) == TIMELINE_JUMP, "but not beyond it");
}

static void
jumps(void)
{
	begin(10);
	place(0);
	ok(place(PACKET + INT64_C(1000000000) * RATE) == TIMELINE_JUMP &&
	    n == INT64_C(1000000000) * RATE && t.at == 2 * PACKET,
	    "a stamp of a billion seconds");
	ok(place(2 * PACKET) == TIMELINE_JUMP && t.shift == 0 &&
	    t.filled == 0, "and back again");
	ok(place(3 * PACKET) == TIMELINE_FOLLOWS, "and on");
	ok(place(-5 * RATE) == TIMELINE_JUMP && n < 0, "a wrap goes back");
	ok(place(INT64_MAX) == TIMELINE_JUMP, "the latest stamp there is");
	ok(place(-INT64_MAX) == TIMELINE_JUMP, "the earliest");
	ok(place(INT64_MAX) == TIMELINE_JUMP && t.at == 8 * PACKET,
	    "and neither overflows");
}

static void
rates(void)
{
	begin(100);
	place(0);
	place(2 * RATE);
	timeline_change_rate(&t, RATE / 2);
	ok(t.at == (2 * RATE + PACKET) / 2 &&
	    t.filled == (2 * RATE - PACKET) / 2 && t.claim == 50 * RATE,
	    "another rate: the clock is converted");
	ok(place(t.at) == TIMELINE_FOLLOWS, "and goes on");
}

static void
put(uint8_t *p, uint64_t v, int len)
{
	for (int i = 0; i < len; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void
shapes(void)
{
	uint8_t head[256] = "RIFF....WAVE";
	struct shape s;

	put(head + 4, 1000, 4);
	shape_read(&s, head, sizeof head);
	ok(s.bytes == 1008 && s.duration_us == -1, "RIFF says its size");
	put(head + 4, 0xffffffff, 4);
	shape_read(&s, head, sizeof head);
	ok(s.bytes == -1, "or that it does not know");
	memcpy(head, "RF64\xff\xff\xff\xffWAVEds64", 16);
	put(head + 20, UINT64_C(5000000000), 8);
	shape_read(&s, head, sizeof head);
	ok(s.bytes == INT64_C(5000000008), "RF64, beyond 4 GiB");
	shape_read(&s, head, 63);
	ok(s.bytes == -1, "too little to tell by");
	memset(head, 0, sizeof head);
	memcpy(head, "caff", 4);
	memcpy(head + 8, "desc\0\0\0\0\0\0\0\x20", 12);
	memcpy(head + 8 + 12 + 32, "data\0\0\0\0\0\0\x10\0", 12);
	shape_read(&s, head, sizeof head);
	ok(s.bytes == 64 + 4096, "CAF: the chunk with the sound");
	memset(head + 8 + 12 + 32 + 4, 0xff, 8);
	shape_read(&s, head, sizeof head);
	ok(s.bytes == -1, "of unknown size");
	memset(head + 12, 0xff, 8);
	shape_read(&s, head, sizeof head);
	ok(s.bytes == -1, "behind one of impossible size");
}

static void
asf_shape(void)
{
	static const uint8_t properties[16] = {
		0xa1, 0xdc, 0xab, 0x8c, 0x47, 0xa9, 0xcf, 0x11,
		0x8e, 0xe4, 0x00, 0xc0, 0x0c, 0x20, 0x53, 0x65
	};
	uint8_t head[256] = { 0x30, 0x26, 0xb2, 0x75 };
	struct shape s;

	memcpy(head + 30, properties, 16);
	put(head + 46, 104, 8);
	put(head + 70, 123456, 8);		/* bytes */
	put(head + 94, 70000000, 8);		/* 7 s */
	put(head + 110, 3000, 8);		/* 3 s of them preroll */
	shape_read(&s, head, sizeof head);
	ok(s.bytes == 123456 && s.duration_us == 4000000,
	    "size and duration of an ASF file");
	put(head + 118, 1, 4);
	shape_read(&s, head, sizeof head);
	ok(s.bytes == -1 && s.duration_us == -1, "ASF that was streamed");
	put(head + 46, 23, 8);
	shape_read(&s, head, sizeof head);
	ok(s.bytes == -1, "an object smaller than its own head");
}

int
main(void)
{
	jitter();
	gaps();
	jumps();
	rates();
	shapes();
	asf_shape();
	return tap_done();
}
