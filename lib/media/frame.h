/* frame.h - the four bytes in front of every MPEG audio Layer III frame.
 *
 * ISO/IEC 11172-3 and 13818-3 2.4.1.3, and the customary "MPEG-2.5" for 8 to
 * 12 kHz.  Pure and thread-safe.
 */
#ifndef V2M_MEDIA_FRAME_H
#define V2M_MEDIA_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#define V2M_FRAME_HEADER 4	/* bytes */
#define V2M_FRAME_MAX 1441	/* bytes of the longest frame: 320k at 32 kHz */

struct v2m_frame {
	int version;		/* 1, 2, or 25 for MPEG-2.5 */
	int rate_hz, channels, bitrate_kbps;
	int samples;		/* 1152, or 576 in MPEG-2 and 2.5 */
	int bytes;		/* header included */
	int side_bytes;		/* side information; behind header and CRC */
	bool crc;		/* two bytes of it behind the header */
};

/* false: not the header of a Layer III frame with a bitrate of its own (the
 * "free" format has none and is not accepted). */
bool v2m_frame_parse(struct v2m_frame *f, const uint8_t head[4]);

/* The bitrate, in kbit/s, nearest to the one given that a frame of so many
 * samples a second can have. */
int v2m_frame_bitrate(int rate_hz, int bitrate_kbps);

/* Is it a bitrate of any version at all? */
bool v2m_frame_bitrate_valid(int bitrate_kbps);

/* How many samples of each channel a frame has at that rate. */
int v2m_frame_samples(int rate_hz);

/* The sampling rate for a source of so many samples a second: its own where
 * there is such an MP3, else the one that divides it, else the next above,
 * 48 kHz at most. */
int v2m_frame_rate(int source_rate_hz);

#endif
