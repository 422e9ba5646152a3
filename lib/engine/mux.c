#include "engine/mux.h"

#include <errno.h>
#include <libavcodec/packet.h>
#include <libavutil/dict.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/mem.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "engine/id3.h"

#define BUFFER (64 * 1024)
#define FRAMES_LEAST 2		/* libavformat does not recognize fewer as
				 * MP3 */

/* The callback's buffer is const from libavformat 61 on. */
#if LIBAVFORMAT_VERSION_MAJOR >= 61
typedef const uint8_t *write_bytes;
#else
typedef uint8_t *write_bytes;
#endif

static int
write_some(void *opaque, write_bytes bytes, int size)
{
	struct mux *m = opaque;

	for (int done = 0; done < size;) {
		ssize_t n = pwrite(m->fd, bytes + done, (size_t)(size - done),
		    m->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			m->write_errno = n < 0 ? errno : EIO;
			return AVERROR(m->write_errno);
		}
		done += (int)n;
		m->at += n;
		if (m->at > m->bytes)
			m->bytes = m->at;
	}
	return size;
}

static int64_t
seek_output(void *opaque, int64_t offset, int whence)
{
	struct mux *m = opaque;

	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE:
		return m->bytes;
	case SEEK_SET:
		break;
	case SEEK_CUR:
		offset += m->at;
		break;
	case SEEK_END:
		offset += m->bytes;
		break;
	default:
		return AVERROR(EINVAL);
	}
	if (offset < 0)
		return AVERROR(EINVAL);
	return m->at = offset;
}

static int
check(struct mux *m, int e, struct v2m_err *err)
{
	if (m->write_errno == 0 && m->fmt->pb != NULL &&
	    m->fmt->pb->error < 0)
		e = m->fmt->pb->error;
	if (e >= 0 && m->write_errno == 0)
		return 0;
	if (m->write_errno != 0) {
		errno = m->write_errno;
		return v2m_err_sys(err, V2M_IO, "cannot write the MP3");
	}
	if (e == AVERROR(ENOMEM))
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	return v2m_err_set(err, V2M_BUG, "cannot write an MP3 file");
}

static int
make_stream(struct mux *m, int rate_hz, int channels)
{
	AVStream *st = avformat_new_stream(m->fmt, NULL);

	if (st == NULL)
		return AVERROR(ENOMEM);
	st->time_base = (AVRational){ 1, rate_hz };
	st->codecpar->codec_type = AVMEDIA_TYPE_AUDIO;
	st->codecpar->codec_id = AV_CODEC_ID_MP3;
	st->codecpar->sample_rate = rate_hz;
	st->codecpar->frame_size = m->samples_per_frame;
	st->codecpar->initial_padding = m->delay;
	av_channel_layout_default(&st->codecpar->ch_layout, channels);
	/* Players look for this name in the LAME tag. */
	return av_dict_set(&st->metadata, "encoder", "LAME3.100", 0);
}

/* The ID3v2 tag is written by id3.c. */
static int
write_header(struct mux *m, const struct front *front)
{
	AVDictionary *options = NULL;
	int e = id3_write(m->fmt->pb, front);

	if (e < 0)
		return e;
	av_dict_set(&options, "id3v2_version", "0", 0);
	av_dict_set(&options, "write_id3v1", "0", 0);
	av_dict_set(&options, "write_xing", "1", 0);
	e = avformat_write_header(m->fmt, &options);
	av_dict_free(&options);
	return e;
}

int
mux_open(struct mux *m, int fd, int rate_hz, int channels, int delay,
    const struct front *front, struct v2m_err *err)
{
	uint8_t *buffer;
	int e;

	memset(m, 0, sizeof *m);
	m->fd = fd;
	m->delay = delay;
	m->samples_per_frame = rate_hz >= 32000 ? 1152 : 576;
	m->held[0] = av_packet_alloc();
	m->held[1] = av_packet_alloc();
	buffer = av_malloc(BUFFER);
	if (m->held[0] == NULL || m->held[1] == NULL || buffer == NULL ||
	    avformat_alloc_output_context2(&m->fmt, NULL, "mp3", NULL) < 0) {
		av_free(buffer);
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	}
	m->fmt->pb = avio_alloc_context(buffer, BUFFER, 1, m, NULL,
	    write_some, seek_output);
	if (m->fmt->pb == NULL) {
		av_free(buffer);
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	}
	/* Reproducible: no version, no date. */
	m->fmt->flags |= AVFMT_FLAG_BITEXACT;
	/* No system call for each frame. */
	m->fmt->flush_packets = 0;
	e = make_stream(m, rate_hz, channels);
	if (e >= 0)
		e = write_header(m, front);
	return check(m, e, err);
}

void
mux_close(struct mux *m)
{
	if (m->fmt != NULL && m->fmt->pb != NULL) {
		av_freep(&m->fmt->pb->buffer);
		avio_context_free(&m->fmt->pb);
	}
	avformat_free_context(m->fmt);
	m->fmt = NULL;
	av_packet_free(&m->held[0]);
	av_packet_free(&m->held[1]);
}

/* Note how many samples to skip at the packet's start and end.  The muxer needs
 * that for the LAME tag, also if it is 0. */
static int
mark_skipped(AVPacket *pkt, int64_t front, int64_t behind)
{
	uint8_t *p = av_packet_new_side_data(pkt, AV_PKT_DATA_SKIP_SAMPLES,
	    10);

	if (p == NULL)
		return AVERROR(ENOMEM);
	memset(p, 0, 10);
	AV_WL32(p, (uint32_t)front);
	AV_WL32(p + 4, (uint32_t)behind);
	return 0;
}

/* Write the oldest frame held back.  behind: padding samples at its end if it
 * is the last frame; else -1. */
static int
let_go_frames(struct mux *m, int64_t behind, struct v2m_err *err)
{
	AVPacket *pkt = m->held[0];
	bool first = pkt->pts == -m->delay;
	int e = 0;

	if (first || behind >= 0)
		e = mark_skipped(pkt, first ? m->delay : 0,
		    behind > 0 ? behind : 0);
	if (e >= 0)
		e = av_write_frame(m->fmt, pkt);
	av_packet_unref(pkt);
	m->held[0] = m->held[1];
	m->held[1] = pkt;
	m->nheld--;
	return check(m, e, err);
}

int
mux_frame(struct mux *m, const uint8_t *frame, const struct v2m_frame *f,
    struct v2m_err *err)
{
	AVPacket *pkt;

	if (m->nheld == 2 && let_go_frames(m, -1, err) < 0)
		return -1;
	pkt = m->held[m->nheld];
	if (av_new_packet(pkt, f->bytes) < 0)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	memcpy(pkt->data, frame, (size_t)f->bytes);
	pkt->pts = pkt->dts = m->frames * m->samples_per_frame - m->delay;
	pkt->duration = m->samples_per_frame;
	pkt->flags |= AV_PKT_FLAG_KEY;
	m->nheld++;
	m->frames++;
	return 0;
}

int
mux_finish(struct mux *m, int64_t samples, struct v2m_err *err)
{
	int64_t behind = m->frames * m->samples_per_frame - m->delay - samples;
	int e;

	if (behind < 0)
		return v2m_err_set(err, V2M_BUG,
		    "the encoder lost %lld samples", -(long long)behind);
	if (behind >= m->samples_per_frame && m->frames > FRAMES_LEAST) {
		av_packet_unref(m->held[--m->nheld]);
		m->frames--;
		behind -= m->samples_per_frame;
	}
	while (m->nheld > 0)
		if (let_go_frames(m, m->nheld == 1 ? behind : -1, err) < 0)
			return -1;
	e = av_write_trailer(m->fmt);
	avio_flush(m->fmt->pb);
	if (check(m, e, err) < 0)
		return -1;
	/* Cut off what an earlier pass wrote, and reserved space. */
	if (ftruncate(m->fd, m->bytes) < 0)
		return v2m_err_sys(err, V2M_IO, "cannot end the MP3");
	return 0;
}
