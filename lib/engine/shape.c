#include "engine/shape.h"

#include <stdbool.h>
#include <string.h>

#define MOST (INT64_C(1) << 60)

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

/* WAV and AVI: 32 bits; all ones or none where the writer could not seek. */
static void
riff(struct shape *s, const uint8_t *p)
{
	uint64_t size = le(p + 4, 4);

	if (size != 0 && size < 0xfffffff0)
		s->bytes = bounded(size + 8);
}

/* RF64: the true size stands in a chunk of its own, the first. */
static void
rf64(struct shape *s, const uint8_t *p)
{
	uint64_t size = le(p + 20, 8);

	if (is(p + 12, "ds64") && size > 0 && size < MOST)
		s->bytes = (int64_t)size + 8;
}

/* CAF: a row of chunks; the one with the sound may be of unknown size. */
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

/* ASF: a header object with others inside, each a GUID and a size.  The file
 * properties: sizes, times in 100 ns, a preroll in ms, and a flag where they
 * are not to be believed, for the file was streamed. */
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

/* FLV: a number among the words of its first tag. */
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

void
shape_read(struct shape *s, const uint8_t *head, size_t n)
{
	static const uint8_t asf_header[4] = { 0x30, 0x26, 0xb2, 0x75 };

	s->bytes = s->duration_us = -1;
	s->mp4 = n >= 8 && is(head + 4, "ftyp");
	if (n < 64)
		return;
	if (is(head, "RIFF") && (is(head + 8, "WAVE") || is(head + 8, "AVI ")))
		riff(s, head);
	else if (is(head, "RF64") || is(head, "BW64"))
		rf64(s, head);
	else if (is(head, "riff"))	/* Wave64: two GUIDs, a size between */
		s->bytes = bounded(le(head + 16, 8));
	else if (is(head, "caff"))
		caf(s, head, n);
	else if (memcmp(head, asf_header, 4) == 0)
		asf(s, head, n);
	else if (memcmp(head, "FLV", 3) == 0)
		flv(s, head, n);
}
