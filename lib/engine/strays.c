#include "engine/strays.h"

#include <string.h>

#include "media/frame.h"

#define ID3V1 128
#define ID3V2 10		/* bytes of header and of footer */
#define APE 32			/* bytes of header and of footer */

static bool
begins(const uint8_t *bytes, size_t n, const char *with)
{
	return n >= strlen(with) && memcmp(bytes, with, strlen(with)) == 0;
}

static size_t
id3v2(const uint8_t *p)
{
	size_t n = ID3V2;

	if (p[3] == 0xff || p[4] == 0xff || ((p[6] | p[7] | p[8] | p[9]) & 128))
		return 0;
	n += (size_t)p[6] << 21 | (size_t)p[7] << 14 | (size_t)p[8] << 7 | p[9];
	return n + (p[5] & 0x10 ? ID3V2 : 0);
}

/* The size in it includes the footer, but not the header.  After a footer alone
 * nothing belongs to the tag. */
static size_t
ape(const uint8_t *p)
{
	size_t n = (size_t)p[15] << 24 | (size_t)p[14] << 16 |
	    (size_t)p[13] << 8 | p[12];

	return p[23] & 0x20 ? APE + n : APE;
}

/* Lyrics3 has its size at the end: search for that. */
static size_t
lyrics(const uint8_t *bytes, size_t n)
{
	static const char end[] = "LYRICS200", old_end[] = "LYRICSEND";
	const uint8_t *at = memmem(bytes, n, end, strlen(end));

	if (at == NULL)
		at = memmem(bytes, n, old_end, strlen(old_end));
	return at == NULL ? n : (size_t)(at - bytes) + strlen(end);
}

size_t
strays_tag(const uint8_t *bytes, size_t n)
{
	if (n >= ID3V2 && begins(bytes, n, "ID3"))
		return id3v2(bytes);
	if (n >= APE && begins(bytes, n, "APETAGEX"))
		return ape(bytes);
	if (begins(bytes, n, "LYRICSBEGIN"))
		return lyrics(bytes, n);
	return begins(bytes, n, "TAG") ? ID3V1 : 0;
}

bool
strays_xing(const uint8_t *bytes, size_t n)
{
	struct v2m_frame f;
	size_t at;

	if (n < V2M_FRAME_HEADER || !v2m_frame_parse(&f, bytes))
		return false;
	at = V2M_FRAME_HEADER + (size_t)f.side_bytes;
	if (n < at + 4 || (memcmp(bytes + at, "Xing", 4) != 0 &&
	    memcmp(bytes + at, "Info", 4) != 0))
		return false;
	/* The side information of sound is not all zero. */
	for (size_t i = V2M_FRAME_HEADER; i < at; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}
