/* walk.h - read an MP3 file back, frame by frame, without decoding it.
 *
 * ISO/IEC 11172-3 2.4.1.3 (frame header), the Xing/Info and LAME tags as LAME
 * 3.100 writes them, ID3v2.3/2.4 sizes.  Reads untrusted bytes: every length
 * is checked against the file.  Pure but for the reads; thread-safe.
 */
#ifndef V2M_MEDIA_WALK_H
#define V2M_MEDIA_WALK_H

#include <stdint.h>

#include "base/err.h"

struct v2m_mp3 {
	int rate_hz, channels;
	int samples_per_frame;	/* 1152, or 576 in MPEG-2 and 2.5 */
	int64_t frames;		/* the Xing frame not counted */
	int64_t bytes;		/* of the whole file */
	int64_t id3_bytes;	/* of it, in front */
	int delay, padding;	/* samples, from the LAME tag */
	int64_t samples;	/* frames * samples_per_frame less both */
};

/* Walk the regular file fd (borrowed; read with pread).  V2M_DATA: where and
 * what is wrong: lost sync, a cut frame, a rate that changes, bytes behind the
 * last frame, no Xing frame, or one whose frames or bytes do not agree with
 * those that are there.  V2M_IO: cannot read. */
int v2m_mp3_walk(int fd, struct v2m_mp3 *mp3, struct v2m_err *err);

#endif
