/* downmix.h - how loud each channel of a source is in one or two.
 *
 * ITU-R BS.775, as players have it: centre and surrounds 3 dB down, a centre
 * behind 6 dB, the low frequency effects left out, and no scaling by the worst
 * case.  What BS.775 has not: heights, bottoms and wide ones are surrounds;
 * the stereo of ambisonics (ACN, SN3D) is W + Y and W - Y; unknown
 * channels have the order of WAV files up to 8, and if there are more they are
 * spread evenly.  Pure.
 */
#ifndef ENGINE_DOWNMIX_H
#define ENGINE_DOWNMIX_H

#include <libavutil/channel_layout.h>

#define DOWNMIX_MOST 64		/* channels that are mixed, at most */

/* A row for each of `to` channels (1 or 2), with a column for each channel of
 * the layout, which has at most DOWNMIX_MOST. */
void downmix_matrix(const AVChannelLayout *layout, int to,
    double matrix[2 * DOWNMIX_MOST]);

/* What a mix can reach where all channels are at full scale, at least 1. */
double downmix_peak(const AVChannelLayout *layout, int to);

#endif
