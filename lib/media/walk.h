/* walk.h - read an MP3 file back, frame by frame, without decoding.
 *
 * Frame headers (ISO/IEC 11172-3, 2.4.1.3), the Xing/Info and LAME tags as LAME
 * 3.100 writes them, ID3v2.3 and 2.4 sizes.  Reads untrusted bytes: every
 * length is checked against the file's.  Pure except for reading; thread-safe.
 */
#ifndef V2M_MEDIA_WALK_H
#define V2M_MEDIA_WALK_H

#include <stdint.h>

#include "base/err.h"

struct v2m_mp3 {
	int rate_hz, channels;
	int samples_per_frame;	/* 1152, or 576 in MPEG-2 and 2.5 */
	int64_t frames;		/* without the Xing frame */
	int64_t bytes;		/* of the whole file */
	int64_t id3_bytes;	/* of the ID3v2 tag */
	int delay, padding;	/* samples, from the LAME tag */
	int64_t samples;	/* frames * samples_per_frame - delay -
				 * padding */
};

/* Read the regular file fd (borrowed; with pread).  V2M_DATA, with place and
 * reason: no frame where one should begin, a cut frame, a change of rate or
 * channels, bytes after the last frame, no Xing frame, or one whose frame or
 * byte count is wrong.  V2M_IO: cannot read. */
int v2m_mp3_walk(int fd, struct v2m_mp3 *mp3, struct v2m_err *err);

#endif
