#include "engine/framing.h"

#include <string.h>

#include "engine/side.h"

#define STRANGERS 2		/* frames of another kind: the stream changed */
#define FREE_MOST 4096		/* bytes of a free-format frame, at most */
#define FREE_TRIES 64		/* tries to find its size */

/* Are two headers equal, but for bitrate, padding and channel mode?  Mono and
 * stereo differ. */
static bool
alike(const uint8_t *a, const uint8_t *b)
{
	return a[0] == b[0] && a[1] == b[1] &&
	    (a[2] & 0x0d) == (b[2] & 0x0d) && (a[3] & 0xc0) == (b[3] & 0xc0);
}

/* Parse a free-format header (bitrate index 0). */
static bool
parse_free(struct v2m_frame *f, const uint8_t *head)
{
	uint8_t with[V2M_FRAME_HEADER];

	if (head[2] >> 4 != 0)
		return false;
	memcpy(with, head, sizeof with);
	with[2] |= 0x10;
	if (!v2m_frame_parse(f, with))
		return false;
	f->bitrate_kbps = 0;
	return true;
}

/* The size of a free-format frame: where the next two begin shows it, later it
 * is known.  0: not found. */
static int
free_size(struct framing *s, const uint8_t *p, size_t n, int least)
{
	int padding = p[2] >> 1 & 1;

	if (s->free_bytes > 0)
		return s->free_bytes + padding;
	if (s->free_tries++ >= FREE_TRIES)
		return 0;
	for (int m = least; m <= FREE_MOST && (size_t)m + 4 <= n; m++) {
		const uint8_t *next = p + m;
		size_t then = (size_t)(2 * m - padding + (next[2] >> 1 & 1));

		if (alike(p, next) && next[2] >> 4 == 0 &&
		    (then == n || (then + 4 <= n && alike(p, p + then))))
			return m;
	}
	return 0;
}

/* Is there a frame at p, with n bytes up to the packet's end? */
static bool
frame_at(struct framing *s, const uint8_t *p, size_t n,
    struct v2m_frame *f)
{
	struct v2m_frame next;
	size_t end;

	if (n < V2M_FRAME_HEADER)
		return false;
	if (parse_free(f, p))
		f->bytes = free_size(s, p, n, V2M_FRAME_HEADER +
		    f->side_bytes);
	else if (s->free_bytes > 0 || !v2m_frame_parse(f, p))
		return false;
	end = (size_t)f->bytes;
	if (end == 0 || end > n)
		return false;
	return end == n || (n - end >= V2M_FRAME_HEADER &&
	    alike(p, p + end) && (v2m_frame_parse(&next, p + end) ||
	    parse_free(&next, p + end)));
}

/* Is it a header of Layer I or II? */
static bool
other_layer(const uint8_t *p, size_t n)
{
	return n >= V2M_FRAME_HEADER && p[0] == 0xff &&
	    (p[1] & 0xe0) == 0xe0 && (p[1] >> 3 & 3) != 1 &&
	    (p[1] >> 1 & 3) > 1 && p[2] >> 4 != 15 && (p[2] >> 2 & 3) != 3;
}

static bool
own_kind(const struct framing *s, const struct v2m_frame *f)
{
	return !s->known || (f->version == s->version &&
	    f->rate_hz == s->rate_hz && f->channels == s->channels);
}

/* Is it a frame of another kind?  If its length is known, the edge moves behind
 * it. */
static bool
stranger_at(struct framing *s, const uint8_t *bytes, size_t n, size_t at,
    size_t fresh)
{
	struct v2m_frame f;

	if (!frame_at(s, bytes + at, n - at, &f))
		return at == fresh && other_layer(bytes + at, n - at);
	s->edge = at + (size_t)f.bytes;
	return true;
}

static void
note_kind(struct framing *s, const struct v2m_frame *f, const uint8_t *p)
{
	s->known = true;
	s->version = f->version;
	s->rate_hz = f->rate_hz;
	s->channels = f->channels;
	s->junk = false;
	s->strangers = 0;
	if (f->bitrate_kbps == 0)
		s->free_bytes = f->bytes - (p[2] >> 1 & 1);
}

void
framing_begin(struct framing *s)
{
	s->edge = 0;
}

enum framing_found
framing_next(struct framing *s, const uint8_t *bytes, size_t n, size_t fresh,
    size_t *begin, struct v2m_frame *f, bool *torn)
{
	for (size_t at = s->edge; at < n; at++) {
		/* Elsewhere it may be chance. */
		bool expected = at == s->edge || at == fresh;

		if (frame_at(s, bytes + at, n - at, f) && own_kind(s, f)) {
			*torn = s->known && (s->junk || at != s->edge);
			*begin = at;
			s->edge = at + (size_t)f->bytes;
			note_kind(s, f, bytes + at);
			return FRAMING_FRAME;
		}
		if (!s->known && at == s->edge && n - at >= V2M_FRAME_HEADER &&
		    n - at < FRAMING_REST && parse_free(f, bytes + at))
			break;	/* the next packet may show its size */
		if (expected && stranger_at(s, bytes, n, at, fresh)) {
			s->junk = true;
			if (++s->strangers >= STRANGERS)
				return FRAMING_CHANGED;
		}
	}
	return FRAMING_END;
}
