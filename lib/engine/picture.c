#include "engine/picture.h"

#include <stdbool.h>
#include <string.h>

static unsigned
be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

/* A header of a frame, of which there are thirteen kinds. */
static bool
is_frame(uint8_t marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
	    marker != 0xc8 && marker != 0xcc;
}

/* Segments: a marker, and (but for a few, which do not stand in front of the
 * frame) a length that counts itself. */
static void
read_jpeg(struct picture *p, const uint8_t *bytes, size_t n)
{
	for (size_t at = 2; n - at >= 9;) {
		unsigned length;

		if (bytes[at] != 0xff)
			return;
		if (bytes[at + 1] == 0xff) {	/* filling */
			at++;
			continue;
		}
		length = be16(bytes + at + 2);
		if (is_frame(bytes[at + 1])) {
			p->height = (int)be16(bytes + at + 5);
			p->width = (int)be16(bytes + at + 7);
			return;
		}
		if (length < 2 || length > n - at - 2)
			return;
		at += 2 + length;
	}
}

static void
read_png(struct picture *p, const uint8_t *bytes, size_t n)
{
	if (n < 24 || memcmp(bytes + 12, "IHDR", 4) != 0 ||
	    be32(bytes + 16) > INT32_MAX || be32(bytes + 20) > INT32_MAX)
		return;
	p->width = (int)be32(bytes + 16);
	p->height = (int)be32(bytes + 20);
}

void
picture_read(struct picture *p, const uint8_t *bytes, size_t n)
{
	static const uint8_t jpeg[3] = { 0xff, 0xd8, 0xff };
	static const uint8_t png[8] = "\x89PNG\r\n\x1a\n";

	p->kind = V2M_COVER_NONE;
	p->width = p->height = 0;
	if (n >= sizeof jpeg && memcmp(bytes, jpeg, sizeof jpeg) == 0) {
		p->kind = V2M_COVER_JPEG;
		read_jpeg(p, bytes, n);
	} else if (n >= sizeof png && memcmp(bytes, png, sizeof png) == 0) {
		p->kind = V2M_COVER_PNG;
		read_png(p, bytes, n);
	}
	if (p->width <= 0 || p->height <= 0)
		p->width = p->height = 1;
}
