#include "engine/latin.h"

#include <libavutil/avstring.h>
#include <stdint.h>
#include <string.h>

#define WRONG '?'

/* Windows-1252 from 0x80 to 0x9f; 0: undefined. */
static const uint16_t windows[32] = {
	0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
	0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
};

/* Read the next character; WRONG for an invalid byte.  single: bytes are
 * characters. */
static int32_t
next(const uint8_t **at, const uint8_t *end, bool single)
{
	const uint8_t *from = *at;
	int32_t c;

	if (single)
		return *(*at)++;
	if (av_utf8_decode(&c, at, end, 0) >= 0)
		return c;
	*at = from + 1;
	return WRONG;
}

static bool
is_utf8(const uint8_t *at, const uint8_t *end)
{
	int32_t c;

	while (at < end)
		if (av_utf8_decode(&c, &at, end, 0) < 0)
			return false;
	return true;
}

/* The character to write for c; 0: none. */
static int32_t
settle_char(int32_t c, bool lines)
{
	if (c >= 0x80 && c < 0xa0)
		return windows[c - 0x80];
	if (c == '\n' || c == 0x2028 || c == 0x2029)
		return lines ? '\n' : ' ';
	if (c == '\t')
		return ' ';
	/* Invisible characters and those that change the writing direction
	 * count as controls; U+200C and U+200D are needed. */
	if (c < ' ' || c == 0x7f || c == 0x61c || c == 0x200e ||
	    c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x2069) || c == 0xfeff)
		return 0;
	return c;
}

/* Encode c as UTF-8.  Returns the number of bytes. */
static size_t
encode(char to[4], int32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t first[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)(first[n] | c);
	return n;
}

void
latin_to_utf8(char *dst, size_t size, const char *src, bool old, bool lines)
{
	const uint8_t *at = (const uint8_t *)src, *end = at + strlen(src);
	bool single = old && !is_utf8(at, end);
	size_t to = 0;

	while (at < end) {
		int32_t c = next(&at, end, single);
		char bytes[4];
		size_t n;

		if (c == '\r') {	/* alone or before a line feed */
			at += at < end && *at == '\n';
			c = '\n';
		}
		c = settle_char(c, lines);
		n = c == 0 ? 0 : encode(bytes, c);
		if (to + n >= size)
			break;
		memcpy(dst + to, bytes, n);
		to += n;
	}
	dst[to] = '\0';
}
