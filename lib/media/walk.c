#include "media/walk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/frame.h"

/* A part of the file in memory. */
struct window {
	int fd;
	int64_t size;		/* of the file */
	int64_t at;		/* its offset in the file */
	size_t len;
	uint8_t bytes[64 * 1024];
};

/* Get n bytes at offset, valid until the next call.  NULL with err: V2M_DATA:
 * they are not within the file; V2M_IO. */
static const uint8_t *
look_at(struct window *w, int64_t offset, size_t n, struct v2m_err *err)
{
	if (offset < 0 || offset > w->size || (int64_t)n > w->size - offset) {
		v2m_err_set(err, V2M_DATA, "the MP3 ends within a frame "
		    "(byte %" PRId64 " of %" PRId64 ")", offset, w->size);
		return NULL;
	}
	if (offset >= w->at && offset + (int64_t)n <= w->at + (int64_t)w->len)
		return w->bytes + (offset - w->at);
	w->at = offset;
	w->len = 0;
	while (w->len < n) {
		ssize_t got = pread(w->fd, w->bytes + w->len,
		    sizeof w->bytes - w->len, w->at + (int64_t)w->len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			v2m_err_sys(err, V2M_IO, "cannot read the MP3 back");
			return NULL;
		}
		if (got == 0) {
			v2m_err_set(err, V2M_IO,
			    "the MP3 became shorter while it was read back");
			return NULL;
		}
		w->len += (size_t)got;
	}
	return w->bytes;
}

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/* Skip an ID3v2 tag: ten bytes, a size of four times seven bits, and in 2.4
 * perhaps a footer of ten bytes. */
static int
skip_id3(struct window *w, struct v2m_mp3 *mp3, struct v2m_err *err)
{
	const uint8_t *p;

	if (w->size < 10)
		return 0;
	p = look_at(w, 0, 10, err);
	if (p == NULL)
		return -1;
	if (memcmp(p, "ID3", 3) != 0)
		return 0;
	if ((p[6] | p[7] | p[8] | p[9]) & 0x80)
		return v2m_err_set(err, V2M_DATA,
		    "the MP3's ID3 tag has an impossible size");
	mp3->id3_bytes = 10 + ((int64_t)p[6] << 21 | p[7] << 14 | p[8] << 7 |
	    p[9]) + (p[5] & 0x10 ? 10 : 0);
	if (mp3->id3_bytes > w->size)
		return v2m_err_set(err, V2M_DATA,
		    "the MP3 ends within its ID3 tag");
	return 0;
}

/* Values of the Xing frame, to be compared. */
struct xing {
	uint32_t frames, bytes;
};

/* The first frame has no sound but, after the side information: "Xing" or
 * "Info", flags, frames, bytes, 100 bytes of seek table, quality, and 21 bytes
 * later delay and padding of 12 bits each. */
static int
read_xing(const uint8_t *p, const struct v2m_frame *f, struct xing *x,
    struct v2m_mp3 *mp3, struct v2m_err *err)
{
	size_t at = V2M_FRAME_HEADER + (f->crc ? 2 : 0) + (size_t)f->side_bytes;
	uint32_t flags;

	if (at + 8 + 8 + 100 + 4 + 24 > (size_t)f->bytes ||
	    (memcmp(p + at, "Xing", 4) != 0 && memcmp(p + at, "Info", 4) != 0))
		return v2m_err_set(err, V2M_DATA,
		    "the MP3 has no Xing frame in front");
	flags = be32(p + at + 4);
	if ((flags & 0xf) != 0xf)
		return v2m_err_set(err, V2M_DATA,
		    "the MP3's Xing frame is not complete");
	x->frames = be32(p + at + 8);
	x->bytes = be32(p + at + 12);
	p += at + 8 + 8 + 100 + 4 + 21;
	mp3->delay = p[0] << 4 | p[1] >> 4;
	mp3->padding = (p[1] & 0xf) << 8 | p[2];
	return 0;
}

/* Read the frames after the Xing frame, up to the end of the file. */
static int
walk_frames(struct window *w, int64_t at, const struct v2m_frame *first,
    struct v2m_mp3 *mp3, struct v2m_err *err)
{
	while (at < w->size) {
		struct v2m_frame f;
		const uint8_t *p = look_at(w, at, V2M_FRAME_HEADER, err);

		if (p == NULL)
			return -1;
		if (!v2m_frame_parse(&f, p))
			return v2m_err_set(err, V2M_DATA,
			    "the MP3 has no frame at byte %" PRId64, at);
		if (f.version != first->version ||
		    f.rate_hz != first->rate_hz ||
		    f.channels != first->channels)
			return v2m_err_set(err, V2M_DATA, "the MP3 changes its "
			    "kind at byte %" PRId64, at);
		if (f.bytes > w->size - at)
			return v2m_err_set(err, V2M_DATA,
			    "the MP3's last frame is cut");
		at += f.bytes;
		mp3->frames++;
	}
	return 0;
}

static int
walk(struct window *w, struct v2m_mp3 *mp3, struct v2m_err *err)
{
	struct v2m_frame first;
	struct xing x = { 0, 0 };
	const uint8_t *p;

	if (skip_id3(w, mp3, err) < 0)
		return -1;
	p = look_at(w, mp3->id3_bytes, V2M_FRAME_HEADER, err);
	if (p == NULL)
		return -1;
	if (!v2m_frame_parse(&first, p))
		return v2m_err_set(err, V2M_DATA,
		    "the MP3 has no frame at byte %" PRId64, mp3->id3_bytes);
	p = look_at(w, mp3->id3_bytes, (size_t)first.bytes, err);
	if (p == NULL || read_xing(p, &first, &x, mp3, err) < 0)
		return -1;
	mp3->rate_hz = first.rate_hz;
	mp3->channels = first.channels;
	mp3->samples_per_frame = first.samples;
	if (walk_frames(w, mp3->id3_bytes + first.bytes, &first, mp3, err) < 0)
		return -1;
	/* The fields have 32 bits, which wrap in a very long file. */
	if (x.frames != (uint32_t)mp3->frames ||
	    x.bytes != (uint32_t)(w->size - mp3->id3_bytes))
		return v2m_err_set(err, V2M_DATA, "the MP3's Xing frame says "
		    "%" PRIu32 " frames of %" PRIu32 " bytes, there are %"
		    PRId64 " of %" PRId64, x.frames, x.bytes, mp3->frames,
		    w->size - mp3->id3_bytes);
	mp3->samples = mp3->frames * mp3->samples_per_frame - mp3->delay -
	    mp3->padding;
	if (mp3->samples <= 0)
		return v2m_err_set(err, V2M_DATA,
		    "the MP3 has no sample in it");
	return 0;
}

int
v2m_mp3_walk(int fd, struct v2m_mp3 *mp3, struct v2m_err *err)
{
	struct window w;
	struct stat st;

	memset(mp3, 0, sizeof *mp3);
	if (fstat(fd, &st) < 0)
		return v2m_err_sys(err, V2M_IO, "cannot read the MP3 back");
	w.fd = fd;
	w.size = mp3->bytes = st.st_size;
	w.at = 0;
	w.len = 0;
	return walk(&w, mp3, err);
}
