/* Pure parts of the engine that are not in libv2m. */
#include "engine/gaps.h"
#include "engine/shape.h"
#include "engine/timeline.h"

#include "tap.h"

static double
starts(double start_s, const struct timeline_facts *facts)
{
	struct timeline t;
	double front_s;

	timeline_init(&t, facts, NULL);
	timeline_begin(&t, start_s);
	front_s = t.front_s;
	timeline_release(&t);
	return front_s;
}

static void
fronts(void)
{
	struct timeline_facts f = { .own_s = -1, .total_s = -1 };

	ok(starts(120, &f) == 120, "sound that comes late");
	ok(starts(GAPS_NO_STAMP, &f) == 0 && starts(-1, &f) == 0,
	    "without a stamp, or before time 0");
	ok(starts(600, &f) == 600 && starts(601, &f) == 0,
	    "ten minutes at most, where nothing is claimed");
	f.total_s = 7200;
	ok(starts(3600, &f) == 3600 && starts(7300, &f) == 0,
	    "as long as the container says");
	f.own_s = 7200;
	ok(starts(5000, &f) == 5000, "its own end counts from time 0");
	f.early = true;
	ok(starts(0.2, &f) == 0 && starts(0.3, &f) == 0.3,
	    "what a decoder keeps to itself is no silence");
}

/* A pass over so many seconds of sound in packets of 20 ms, then another. */
static void
again(void)
{
	struct timeline_facts f = { .own_s = -1, .total_s = 64 };
	struct gaps_packet p = { .length_s = 0.02 };
	struct timeline_verdict v = { .known = false };
	struct timeline t;
	struct gaps_step step;
	struct v2m_err err;

	for (int pass = 0; pass < 2; pass++) {
		timeline_init(&t, &f, pass == 0 ? NULL : &v);
		timeline_begin(&t, 5);
		okf(t.front_s == (pass == 0 ? 5 : 0), "pass %d: %g s in front",
		    pass, t.front_s);
		for (int i = 0; i < 3200; i++) {
			p.stamp_s = 5 + i * 0.02;
			gaps_add(&t.gaps, &p, &err);
			gaps_next(&t.gaps, &step);
		}
		okf(timeline_end(&t, &v) == (pass == 0) && v.front_s == 0,
		    "pass %d: its end is 69 s, not 64", pass);
		timeline_release(&t);
	}
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
	put(head + 110, 3000, 8);		/* of which 3 s are preroll */
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

static void
flv_shape(void)
{
	static const char key[] = "FLV\1\5\0\0\0\11\0\0\0\0\22..........."
	    "\2\0\12onMetaData\10\0\0\0\5\0\10duration\0";
	uint8_t head[128] = "";
	struct shape s;

	memcpy(head, key, sizeof key - 1);
	memcpy(head + sizeof key - 1, "\x40\x18\0\0\0\0\0", 8);
	shape_read(&s, head, sizeof head);
	ok(s.duration_us == 6000000 && s.bytes == -1, "FLV says 6 s");
	memcpy(head + sizeof key - 1, "\x7f\xf0\0\0\0\0\0", 8);
	shape_read(&s, head, sizeof head);
	ok(s.duration_us == -1, "or infinity");
	memset(head + sizeof key - 1, 0, 8);
	shape_read(&s, head, sizeof head);
	ok(s.duration_us == -1, "or 0, for it was streamed");
}

int
main(void)
{
	fronts();
	again();
	shapes();
	asf_shape();
	flv_shape();
	return tap_done();
}
