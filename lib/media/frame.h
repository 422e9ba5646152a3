/* frame.h - the header of an MPEG audio Layer III frame.
 *
 * ISO/IEC 11172-3 and 13818-3, 2.4.1.3, and the unofficial "MPEG-2.5" for 8 to
 * 12 kHz.  Pure and thread-safe.
 */
#ifndef V2M_MEDIA_FRAME_H
#define V2M_MEDIA_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#define V2M_FRAME_HEADER 4	/* bytes */
#define V2M_FRAME_MAX 1441	/* bytes of the longest frame: 320 kbit/s at 32
				 * kHz */

struct v2m_frame {
	int version;		/* 1, 2, or 25 for MPEG-2.5 */
	int rate_hz, channels, bitrate_kbps;
	int samples;		/* 1152, or 576 in MPEG-2 and 2.5 */
	int bytes;		/* of the frame, with header */
	int side_bytes;		/* bytes of side information, which follows
				 * header and CRC */
	bool crc;		/* a CRC of two bytes follows the header */
};

/* Parse a header.  false: it is not a Layer III header with a bitrate (free
 * format is not accepted). */
bool v2m_frame_parse(struct v2m_frame *f, const uint8_t head[4]);

/* The nearest bitrate, in kbit/s, that a frame at this sample rate can have and
 * LAME uses. */
int v2m_frame_bitrate(int rate_hz, int bitrate_kbps);

/* Is it a Layer III bitrate of any MPEG version? */
bool v2m_frame_bitrate_valid(int bitrate_kbps);

/* Samples per channel in a frame at this sample rate. */
int v2m_frame_samples(int rate_hz);

/* The MP3's sample rate for a source: the same if there is such an MP3; for
 * higher ones the highest of 48, 44.1 and 32 kHz that divides it; else the next
 * higher one, at most 48 kHz. */
int v2m_frame_rate(int source_rate_hz);

#endif
