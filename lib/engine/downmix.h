/* downmix.h - the gain of each source channel in a stereo or mono mix.
 *
 * By ITU-R BS.775, as players apply it: centre and surround channels -3 dB,
 * back centre -6 dB, LFE left out, no normalization for the worst case.  Beyond
 * BS.775: top, bottom and wide channels count as surrounds; ambisonics (ACN,
 * SN3D) become W + Y and W - Y; unknown channels have the default order of WAV
 * up to 8, more than that are spread evenly.  Pure.
 */
#ifndef ENGINE_DOWNMIX_H
#define ENGINE_DOWNMIX_H

#include <libavutil/channel_layout.h>

#define DOWNMIX_MOST 64		/* channels of a layout, at most */

/* Fill matrix: `to` rows (1 or 2 channels), each with the gain of every channel
 * of the layout, of which there are at most DOWNMIX_MOST. */
void downmix_matrix(const AVChannelLayout *layout, int to,
    double matrix[2 * DOWNMIX_MOST]);

/* The peak of a mix whose source channels are all at full scale, as a factor of
 * full scale, at least 1. */
double downmix_peak(const AVChannelLayout *layout, int to);

#endif
