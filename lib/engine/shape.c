#include "engine/shape.h"

#include <stdbool.h>
#include <string.h>

#define MOST (INT64_C(1) << 60)
#define WRAP (INT64_C(1) << 32)	/* sizes of 32 bits wrap around here */
#define UNKNOWN_2G 0x7ff00000	/* WAV, size not known: sox writes this and
				 * more */
#define AT_2G 0x7fffffff

static uint64_t
le(const uint8_t *p, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static uint64_t
be(const uint8_t *p, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static bool
is(const uint8_t *p, const char *word)
{
	return memcmp(p, word, 4) == 0;
}

static int64_t
bounded(uint64_t n)
{
	return n == 0 || n > MOST ? -1 : (int64_t)n;
}

/* WAV and AVI: size in 32 bits; 0 or all ones if the writer could not seek. */
static void
riff(struct shape *s, const uint8_t *p)
{
	uint64_t size = le(p + 4, 4);

	if (size != 0 && size < 0xfffffff0)
		s->bytes = bounded(size + 8);
}

static void
wav(struct shape *s, const uint8_t *p, size_t n)
{
	for (size_t at = 12; n - at >= 8;) {
		size_t size = (size_t)le(p + at + 4, 4);

		if (is(p + at, "data")) {
			s->data_at = (int64_t)at + 8;
			s->data_bytes = (int64_t)size;
			return;
		}
		size += size & 1;
		if (size > n - at - 8)
			return;
		at += 8 + size;
	}
}

/* RF64 (EBU Tech 3306): the size is in the first chunk, ds64. */
static void
rf64(struct shape *s, const uint8_t *p)
{
	uint64_t size = le(p + 20, 8);

	if (is(p + 12, "ds64") && size > 0 && size < MOST)
		s->bytes = (int64_t)size + 8;
}

/* CAF: chunks; the size of the data chunk may be unknown. */
static void
caf(struct shape *s, const uint8_t *p, size_t n)
{
	for (size_t at = 8; n - at >= 12;) {
		uint64_t size = be(p + at + 4, 8);

		if (is(p + at, "data")) {
			if (size < MOST)
				s->bytes = (int64_t)(at + 12 + size);
			return;
		}
		if (size > n - at - 12)
			return;
		at += 12 + (size_t)size;
	}
}

/* ASF: a header object with other objects inside, each with a GUID and a size.
 * File Properties has sizes, times in 100 ns, preroll in ms, and a broadcast
 * flag, with which sizes and times are invalid. */
static void
asf(struct shape *s, const uint8_t *p, size_t n)
{
	static const uint8_t properties[16] = {
		0xa1, 0xdc, 0xab, 0x8c, 0x47, 0xa9, 0xcf, 0x11,
		0x8e, 0xe4, 0x00, 0xc0, 0x0c, 0x20, 0x53, 0x65
	};

	for (size_t at = 30; n - at >= 24;) {
		uint64_t size = le(p + at + 16, 8), time, preroll;

		if (size < 24 || size > n - at)
			return;
		if (memcmp(p + at, properties, 16) == 0 && size >= 92) {
			time = le(p + at + 64, 8) / 10;
			preroll = le(p + at + 80, 8);
			if (le(p + at + 88, 4) & 1 || time >= MOST ||
			    preroll >= MOST / 1000 || time <= preroll * 1000)
				return;
			s->duration_us = (int64_t)(time - preroll * 1000);
			s->bytes = bounded(le(p + at + 40, 8));
			return;
		}
		at += (size_t)size;
	}
}

/* FLV: `duration` in onMetaData, a double. */
static void
flv(struct shape *s, const uint8_t *p, size_t n)
{
	static const char key[] = "\0\10duration";
	const uint8_t *at = memmem(p, n, key, sizeof key);
	uint64_t bits;
	double seconds;

	if (at == NULL || n - (size_t)(at - p) < sizeof key + sizeof bits)
		return;
	bits = be(at + sizeof key, sizeof bits);
	memcpy(&seconds, &bits, sizeof seconds);
	if (seconds > 0 && seconds < 1e9)
		s->duration_us = (int64_t)(seconds * 1e6);
}

static bool
is_asf(const uint8_t *head)
{
	return memcmp(head, "\x30\x26\xb2\x75", 4) == 0;
}

static bool
is_flv(const uint8_t *head)
{
	return memcmp(head, "FLV", 3) == 0;
}

static bool
is_wav(const uint8_t *head)
{
	return is(head, "RIFF") && is(head + 8, "WAVE");
}

size_t
shape_wants(const uint8_t *head, size_t n)
{
	if (n < SHAPE_FIRST)
		return n;
	return is_wav(head) || is(head, "caff") || is_asf(head) ||
	    is_flv(head) ? SHAPE_HEAD : n;
}

void
shape_read(struct shape *s, const uint8_t *head, size_t n)
{
	s->bytes = s->duration_us = s->data_at = -1;
	s->data_bytes = 0;
	s->mp4 = n >= 8 && is(head + 4, "ftyp");
	if (n < 64)
		return;
	if (is_wav(head) || (is(head, "RIFF") && is(head + 8, "AVI ")))
		riff(s, head);
	if (is_wav(head))
		wav(s, head, n);
	else if (is(head, "RF64") || is(head, "BW64"))
		rf64(s, head);
	else if (is(head, "riff"))	/* Wave64: size between two GUIDs */
		s->bytes = bounded(le(head + 16, 8));
	else if (is(head, "caff"))
		caf(s, head, n);
	else if (is_asf(head))
		asf(s, head, n);
	else if (is_flv(head))
		flv(s, head, n);
}

bool
shape_goes_on(const struct shape *s, int64_t length)
{
	int64_t rest = length - s->data_at - s->data_bytes;

	if (s->data_at < 0 || s->data_bytes == 0)
		return false;
	return rest >= WRAP || (rest > 0 && s->data_bytes >= UNKNOWN_2G &&
	    s->data_bytes <= AT_2G && length > AT_2G);
}
