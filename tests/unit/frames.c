/* Find frames by their headers, in packets of several frames and in damaged
 * ones. */
#include "engine/frames.c"

#include "tap.h"

#define MP2 384			/* 128 kbit/s at 48 kHz */

static uint8_t bytes[8 * MP2];

static void
lengths(void)
{
	static const struct {
		const char *what;
		enum frames_kind kind;
		uint8_t head[FRAMES_HEADER];
		size_t length;
	} all[] = {
		{ "Layer II", FRAMES_MPEG, { 0xff, 0xfd, 0x84 }, 384 },
		{ "Layer III", FRAMES_MPEG, { 0xff, 0xfb, 0x90 }, 417 },
		{ "Layer III, padded", FRAMES_MPEG, { 0xff, 0xfb, 0x92 }, 418 },
		{ "Layer III, MPEG-2", FRAMES_MPEG, { 0xff, 0xf3, 0x80 }, 208 },
		{ "Layer I", FRAMES_MPEG, { 0xff, 0xff, 0x94 }, 288 },
		{ "a rate that is none", FRAMES_MPEG, { 0xff, 0xfb, 0x9c }, 0 },
		{ "ADTS", FRAMES_ADTS,
		    { 0xff, 0xf1, 0x4c, 0x80, 0x2e, 0x7f, 0xfc }, 371 },
		{ "LATM", FRAMES_LATM, { 0x56, 0xe0, 0x40 }, 67 },
		{ "AC-3, 48 kHz", FRAMES_AC3,
		    { 0x0b, 0x77, 0, 0, 0x14, 0x40 }, 768 },
		{ "AC-3, 44.1 kHz", FRAMES_AC3,
		    { 0x0b, 0x77, 0, 0, 0x55, 0x40 }, 836 },
		{ "E-AC-3", FRAMES_AC3,
		    { 0x0b, 0x77, 0x01, 0xff, 0, 0x80 }, 1024 },
		{ "AMR", FRAMES_AMR_NB, { 0x3c }, 32 },
		{ "AMR, no data", FRAMES_AMR_NB, { 0x7c }, 1 },
		{ "AMR-WB", FRAMES_AMR_WB, { 0x44 }, 61 },
		{ "QCELP", FRAMES_QCELP, { 4 }, 35 },
		{ "EVRC", FRAMES_EVRC, { 9 }, 0 },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		size_t n = frames_length(all[i].kind, all[i].head,
		    FRAMES_HEADER);

		okf(n == all[i].length, "%s: %zu bytes", all[i].what, n);
	}
}

static void
packed(void)
{
	for (int i = 0; i < 10; i++)
		bytes[32 * i] = 0x3c;
	ok(frames_silent(FRAMES_AMR_NB, (const uint8_t[6]){ 0x44 }, 6) &&
	    frames_silent(FRAMES_AMR_NB, (const uint8_t[1]){ 0x7c }, 1) &&
	    frames_silent(FRAMES_AMR_WB, (const uint8_t[6]){ 0x4c }, 6),
	    "AMR: SID and no data are silence");
	ok(!frames_silent(FRAMES_AMR_NB, (const uint8_t[6]){ 0x44 }, 5) &&
	    !frames_silent(FRAMES_AMR_NB, (const uint8_t[6]){ 0x3c }, 6),
	    "AMR cut short, or speech, is no silence");
	ok(!frames_silent(FRAMES_AMR_WB, (const uint8_t[1]){ 0x74 }, 1) &&
	    !frames_silent(FRAMES_ADTS, (const uint8_t[1]){ 0x7c }, 1),
	    "lost AMR-WB or another codec is no silence");
	ok(frames_first(FRAMES_AMR_NB, bytes, 320) == 32,
	    "ten frames of AMR in a packet");
	ok(frames_first(FRAMES_AMR_NB, bytes, 32) == 32, "one is one");
	ok(frames_first(FRAMES_AMR_NB, bytes, 319) == 319,
	    "what does not come out even is left alone");
	ok(frames_first(FRAMES_MPEG, bytes, 320) == 320,
	    "decoders split what has sync");
}

/* Seven frames of Layer II. */
static void
seven(void)
{
	memset(bytes, 0x55, sizeof bytes);
	for (int i = 0; i < 7; i++)
		memcpy(bytes + i * MP2, (uint8_t []){ 0xff, 0xfd, 0x84,
		    (uint8_t)i }, 4);
}

/* The frames found, as digits; '-' for a lost one. */
static const char *
come_out(struct frames *f)
{
	static char found[16];
	struct frames_piece p;
	size_t at = 0, all = 0;

	while (frames_next(f, &p) && at < sizeof found - 1) {
		found[at++] = p.lost ? '-' : (char)('0' + p.bytes[3]);
		all += p.n;
	}
	found[at] = '\0';
	return all == f->n ? found : "bytes missing";
}

/* Remove n of their bytes. */
static const char *
damage(size_t from, size_t n, bool leads_on)
{
	struct frames f = { .kind = FRAMES_MPEG, .bytes = bytes,
	    .n = 7 * MP2 - n, .leads_on = leads_on };

	seven();
	memmove(bytes + from, bytes + from + n, 7 * MP2 - from - n);
	return come_out(&f);
}

/* Replace some of their bytes, and accept headers that no frame follows. */
static const char *
noise(size_t from, const uint8_t *head, size_t n)
{
	struct frames f = { .kind = FRAMES_MPEG, .bytes = bytes,
	    .n = 7 * MP2, .leads_on = true, .believes = true, .led = true };

	seven();
	memset(bytes + from, 0xaa, n);
	memcpy(bytes + from, head, 4);
	return come_out(&f);
}

static void
damaged(void)
{
	is(damage(0, 0, true), "0123456", "nothing is lost");
	is(damage(2 * MP2 + 100, 184, true), "01-3456",
	    "a loss within a frame costs that one");
	is(damage(2 * MP2 + 300, 184, true), "01-456",
	    "one with a header costs two");
	is(damage(100, 184, true), "-123456", "in the first");
	is(damage(6 * MP2 + 100, 184, true), "012345-", "in the last");
	is(damage(0, 0, false), "012345-",
	    "what is followed by something else is not all there");
}

static void
believed(void)
{
	static const uint8_t none[4], large[4] = { 0xff, 0xfd, 0xd4, 9 };

	is(noise(MP2 + 100, none, 50), "0123456", "noise within a frame");
	is(noise(3 * MP2, none, 50), "012-456",
	    "a header costs its frame, not the one before");
	is(noise(3 * MP2 - 100, none, 300), "012-456", "of two frames hit");
	is(noise(3 * MP2 + 20, large, 50), "0123456",
	    "what noise makes a header is none");
	is(noise(3 * MP2, large, 50), "012-456",
	    "nor is one that would hold others");
	is(noise(6 * MP2, none, 50), "012345-", "in the last");
}

/* Noise that looks like the header of a short frame, and what follows it. */
static void
chance(enum frames_kind kind, const uint8_t *head, const uint8_t *behind,
    const char *what)
{
	struct frames f = { .kind = kind, .bytes = bytes, .n = 200 };
	struct frames_piece p;

	memset(bytes, 0xaa, sizeof bytes);
	memcpy(bytes + 50, head, FRAMES_HEADER);
	memcpy(bytes + 50 + frames_length(kind, head, FRAMES_HEADER), behind,
	    FRAMES_HEADER);
	okf(frames_next(&f, &p) && p.lost && p.n == 200, "%s", what);
}

static void
unlike(void)
{
	static const uint8_t mpeg_head[FRAMES_HEADER] = { 0xff, 0xf3, 0x13 },
	    layer[FRAMES_HEADER] = { 0xff, 0xf5, 0x13 },
	    rate[FRAMES_HEADER] = { 0xff, 0xf3, 0x17 },
	    adts_head[FRAMES_HEADER] = { 0xff, 0xf1, 0x4c, 0x80, 2, 0x7f },
	    profile[FRAMES_HEADER] = { 0xff, 0xf1, 0x0c, 0x80, 2, 0x7f };

	chance(FRAMES_MPEG, mpeg_head, layer, "no stream changes its layer");
	chance(FRAMES_MPEG, mpeg_head, rate, "nor its sample rate");
	chance(FRAMES_ADTS, adts_head, profile, "nor its profile");
}

/* Which of two possible frames is followed by another? */
static void
doubts(void)
{
	struct frames f = { .kind = FRAMES_MPEG, .bytes = bytes,
	    .n = 7 * MP2, .leads_on = true, .believes = true, .led = true };
	struct frames_piece p;

	seven();
	memset(bytes + 2 * MP2, 0xaa, 50);
	ok(frames_next(&f, &p) && !p.lost && !p.believed,
	    "a frame that leads to another is no matter of belief");
	ok(frames_next(&f, &p) && !p.lost && p.believed,
	    "one in front of a header that is hit is");
	ok(frames_next(&f, &p) && p.lost && !p.believed,
	    "what is lost is not");
}

/* Frames of one kind, then some of another. */
static void
others(void)
{
	static const uint8_t adts_head[FRAMES_HEADER] = {
		0xff, 0xf1, 0x4c, 0x80, 0x19, 0x1f, 0xfc
	};
	size_t at;

	memset(bytes, 0x55, sizeof bytes);
	memcpy(bytes, (uint8_t []){ 0x0b, 0x77, 0, 0, 0x08, 0x40 }, 6);
	for (int i = 0; i < 6; i++)
		memcpy(bytes + 256 + 200 * i, adts_head, sizeof adts_head);
	ok(frames_other(FRAMES_AC3, bytes, 1456, &at) == FRAMES_ADTS &&
	    at == 256, "AAC behind a frame of AC-3");
	ok(frames_other(FRAMES_AC3, bytes + 256, 1200, &at) == FRAMES_ADTS &&
	    at == 0, "or instead of one");
	ok(frames_other(FRAMES_AC3, bytes, 256 + 600, &at) ==
	    FRAMES_UNKNOWN, "three frames may be chance");
	ok(frames_other(FRAMES_AC3, bytes, 256, &at) == FRAMES_UNKNOWN,
	    "one frame is what it should be");
}

int
main(void)
{
	lengths();
	packed();
	damaged();
	believed();
	unlike();
	doubts();
	others();
	return tap_done();
}
