#include "engine/frames.h"

#define ROW 4			/* consecutive frames, not by chance */
#define AMONG 8192		/* bytes that are searched for them */

bool
frames_have_sync(enum frames_kind kind)
{
	return kind >= FRAMES_MPEG;
}

/* Length of a frame by its type, which the first byte has: AMR (RFC 4867),
 * QCELP (RFC 2658), EVRC (RFC 3558). */
static size_t
speech(enum frames_kind kind, uint8_t first)
{
	static const uint8_t amr_nb[16] = {
		13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1
	}, amr_wb[16] = {
		18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1
	}, qcelp[5] = { 1, 4, 8, 17, 35 }, evrc[5] = { 1, 3, 6, 11, 23 };

	switch (kind) {
	case FRAMES_AMR_NB:
		return amr_nb[first >> 3 & 15];
	case FRAMES_AMR_WB:
		return amr_wb[first >> 3 & 15];
	case FRAMES_QCELP:
		return first < sizeof qcelp ? qcelp[first] : 0;
	case FRAMES_EVRC:
		return first < sizeof evrc ? evrc[first] : 0;
	default:
		return 0;
	}
}

bool
frames_silent(enum frames_kind kind, const uint8_t *bytes, size_t n)
{
	int type = n > 0 ? bytes[0] >> 3 & 15 : -1;

	switch (kind) {
	case FRAMES_AMR_NB:
		return type >= 8 && n == speech(kind, bytes[0]);
	case FRAMES_AMR_WB:		/* 14: lost speech */
		return (type == 9 || type == 15) && n == speech(kind, bytes[0]);
	default:
		return false;
	}
}

/* ISO/IEC 11172-3 and 13818-3 2.4.2.3, all three layers. */
static size_t
mpeg(const uint8_t *p)
{
	static const uint16_t kbps[5][16] = {
		{ 0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384,
		    416, 448 },
		{ 0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
		    384 },
		{ 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256,
		    320 },
		{ 0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224,
		    256 },
		{ 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144,
		    160 },
	};
	static const uint16_t hz[3] = { 44100, 48000, 32000 };
	int version = p[1] >> 3 & 3, layer = 4 - (p[1] >> 1 & 3);
	int rate = p[2] >> 2 & 3, row, padding = p[2] >> 1 & 1;
	size_t bits, divisor;

	if (p[0] != 0xff || (p[1] & 0xe0) != 0xe0 || version == 1 ||
	    layer == 4 || rate == 3)
		return 0;
	row = version == 3 ? layer - 1 : layer == 1 ? 3 : 4;
	bits = (size_t)kbps[row][p[2] >> 4] * 1000;
	divisor = (size_t)hz[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
	if (bits == 0)
		return 0;
	if (layer == 1)
		return (12 * bits / divisor + (size_t)padding) * 4;
	return (layer == 3 && version != 3 ? 72 : 144) * bits / divisor +
	    (size_t)padding;
}

static size_t
adts(const uint8_t *p)
{
	size_t n = (size_t)(p[3] & 3) << 11 | (size_t)p[4] << 3 | p[5] >> 5;

	return p[0] == 0xff && (p[1] & 0xf6) == 0xf0 && n >= 7 ? n : 0;
}

static size_t
latm(const uint8_t *p)
{
	size_t n = (size_t)(p[1] & 0x1f) << 8 | p[2];

	return p[0] == 0x56 && (p[1] & 0xe0) == 0xe0 && n > 0 ? n + 3 : 0;
}

/* ATSC A/52, 5.4.1 and E.2.3.1. */
static size_t
ac3(const uint8_t *p)
{
	static const uint16_t kbps[19] = {
		32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
		384, 448, 512, 576, 640
	};
	static const uint32_t hz[3] = { 48000, 44100, 32000 };
	int rate = p[4] >> 6, size = p[4] & 0x3f;
	size_t words;

	if (p[0] != 0x0b || p[1] != 0x77)
		return 0;
	if (p[5] >> 3 > 10)
		return 2 * (((size_t)(p[2] & 7) << 8 | p[3]) + 1);
	if (rate == 3 || size / 2 >= 19)
		return 0;
	words = (size_t)kbps[size / 2] * 96000 / hz[rate];
	return 2 * (words + (rate == 1 ? (size_t)(size & 1) : 0));
}

size_t
frames_length(enum frames_kind kind, const uint8_t *bytes, size_t n)
{
	if (n == 0 || (frames_have_sync(kind) && n < FRAMES_HEADER))
		return 0;
	switch (kind) {
	case FRAMES_MPEG:
		return mpeg(bytes);
	case FRAMES_ADTS:
		return adts(bytes);
	case FRAMES_LATM:
		return latm(bytes);
	case FRAMES_AC3:
		return ac3(bytes);
	default:
		return speech(kind, bytes[0]);
	}
}

size_t
frames_first(enum frames_kind kind, const uint8_t *bytes, size_t n)
{
	size_t first = frames_length(kind, bytes, n), at = first, m;

	if (frames_have_sync(kind) || first == 0)
		return n;
	while (at < n && (m = frames_length(kind, bytes + at, n - at)) > 0)
		at += m;
	return at == n ? first : n;
}

/* Do ROW whole frames of this kind follow each other here? */
static bool
is_row(enum frames_kind kind, const uint8_t *bytes, size_t n)
{
	size_t at = 0, m;

	for (int i = 0; i < ROW; i++) {
		m = frames_length(kind, bytes + at, n - at);
		if (m == 0 || m > n - at)
			return false;
		at += m;
	}
	return true;
}

enum frames_kind
frames_other(enum frames_kind kind, const uint8_t *bytes, size_t n, size_t *at)
{
	size_t first = frames_length(kind, bytes, n);

	if (!frames_have_sync(kind) || first == n)
		return FRAMES_UNKNOWN;
	if (first > n)
		first = 0;
	for (*at = first; *at < n && *at - first < AMONG; ++*at)
		for (int k = FRAMES_MPEG; k <= FRAMES_AC3; k++)
			if (k != (int)kind &&
			    is_row((enum frames_kind)k, bytes + *at, n - *at))
				return (enum frames_kind)k;
	return FRAMES_UNKNOWN;
}

/* Does a frame begin at `bytes` that may follow one with the header `head`?
 * Noise seldom agrees in that. */
static bool
goes_on(enum frames_kind kind, const uint8_t *head, const uint8_t *bytes,
    size_t n)
{
	if (frames_length(kind, bytes, n) == 0)
		return false;
	switch (kind) {
	case FRAMES_MPEG:	/* the version and layer, the sample rate */
		return ((head[1] ^ bytes[1]) & 0xfe) == 0 &&
		    ((head[2] ^ bytes[2]) & 0x0c) == 0;
	case FRAMES_ADTS:	/* the profile, the sample rate */
		return ((head[2] ^ bytes[2]) & 0xfc) == 0;
	default:
		return true;
	}
}

/* Is the frame at this place whole, with another one behind it? */
static bool
is_whole(const struct frames *f, size_t at, size_t length)
{
	size_t end = at + length;

	if (length == 0 || end > f->n)
		return false;
	return end == f->n ? f->leads_on : f->n - end < FRAMES_HEADER ||
	    goes_on(f->kind, f->bytes + at, f->bytes + end, f->n - end);
}

/* Where the next whole frame begins, from `at` on, or f->n. */
static size_t
find_whole(const struct frames *f, size_t at)
{
	while (at < f->n && !is_whole(f, at, frames_length(f->kind,
	    f->bytes + at, f->n - at)))
		at++;
	return at;
}

bool
frames_next(struct frames *f, struct frames_piece *p)
{
	size_t begin = f->at, length, whole;
	bool led = f->led;

	if (begin >= f->n)
		return false;
	length = frames_length(f->kind, f->bytes + begin, f->n - begin);
	p->bytes = f->bytes + begin;
	whole = find_whole(f, begin);
	f->led = f->believes && whole == begin;
	p->believed = false;
	if (whole == begin) {
		p->lost = false;
		p->n = length;
	} else if (led && length > 0 && (begin + length <= whole ||
	    whole == f->n)) {
		/* The frame behind it is damaged, or it is the last one, cut
		 * off. */
		p->lost = false;
		p->believed = true;
		p->n = begin + length <= whole ? length : whole - begin;
	} else {
		/* All bytes up to the next whole frame are one lost frame. */
		p->lost = true;
		p->n = whole - begin;
	}
	f->at = begin + p->n;
	return true;
}
