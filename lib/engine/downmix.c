#include "engine/downmix.h"

#include <math.h>
#include <stdbool.h>

#define HALF M_SQRT1_2		/* half the power */

struct share {
	double left, right;
};

#define LEFT { 1, 0 }
#define RIGHT { 0, 1 }
#define CENTRE { HALF, HALF }
#define LEFT_SURROUND { HALF, 0 }
#define RIGHT_SURROUND { 0, HALF }
#define MIDDLE { 0.5, 0.5 }
#define NONE { 0, 0 }

/* By enum AVChannel. */
static const struct share shares[] = {
	[AV_CHAN_FRONT_LEFT] = LEFT,
	[AV_CHAN_FRONT_RIGHT] = RIGHT,
	[AV_CHAN_FRONT_CENTER] = CENTRE,
	[AV_CHAN_LOW_FREQUENCY] = NONE,
	[AV_CHAN_BACK_LEFT] = LEFT_SURROUND,
	[AV_CHAN_BACK_RIGHT] = RIGHT_SURROUND,
	[AV_CHAN_FRONT_LEFT_OF_CENTER] = LEFT,
	[AV_CHAN_FRONT_RIGHT_OF_CENTER] = RIGHT,
	[AV_CHAN_BACK_CENTER] = MIDDLE,
	[AV_CHAN_SIDE_LEFT] = LEFT_SURROUND,
	[AV_CHAN_SIDE_RIGHT] = RIGHT_SURROUND,
	[AV_CHAN_TOP_CENTER] = MIDDLE,
	[AV_CHAN_TOP_FRONT_LEFT] = LEFT_SURROUND,
	[AV_CHAN_TOP_FRONT_CENTER] = MIDDLE,
	[AV_CHAN_TOP_FRONT_RIGHT] = RIGHT_SURROUND,
	[AV_CHAN_TOP_BACK_LEFT] = LEFT_SURROUND,
	[AV_CHAN_TOP_BACK_CENTER] = MIDDLE,
	[AV_CHAN_TOP_BACK_RIGHT] = RIGHT_SURROUND,
	[AV_CHAN_STEREO_LEFT] = LEFT,
	[AV_CHAN_STEREO_RIGHT] = RIGHT,
	[AV_CHAN_WIDE_LEFT] = LEFT_SURROUND,
	[AV_CHAN_WIDE_RIGHT] = RIGHT_SURROUND,
	[AV_CHAN_SURROUND_DIRECT_LEFT] = LEFT_SURROUND,
	[AV_CHAN_SURROUND_DIRECT_RIGHT] = RIGHT_SURROUND,
	[AV_CHAN_LOW_FREQUENCY_2] = NONE,
	[AV_CHAN_TOP_SIDE_LEFT] = LEFT_SURROUND,
	[AV_CHAN_TOP_SIDE_RIGHT] = RIGHT_SURROUND,
	[AV_CHAN_BOTTOM_FRONT_CENTER] = MIDDLE,
	[AV_CHAN_BOTTOM_FRONT_LEFT] = LEFT_SURROUND,
	[AV_CHAN_BOTTOM_FRONT_RIGHT] = RIGHT_SURROUND,
	/* Newer than the headers: side and top surrounds, binaural. */
	[41] = LEFT_SURROUND,
	[42] = RIGHT_SURROUND,
	[43] = LEFT_SURROUND,
	[44] = RIGHT_SURROUND,
	[61] = LEFT,
	[62] = RIGHT,
};

static bool
is_ambisonic(int id)
{
	return id >= AV_CHAN_AMBISONIC_BASE && id <= AV_CHAN_AMBISONIC_END;
}

static bool
has_channel(const AVChannelLayout *l, enum AVChannel id)
{
	return av_channel_layout_index_from_channel(l, id) >= 0;
}

static struct share
ambisonic(int component)
{
	static const struct share w = { 1, 1 }, y = { 1, -1 }, others = NONE;

	return component == 0 ? w : component == 1 ? y : others;
}

/* A stereo downmix beside the channels it was made of is left out. */
static bool
is_left_out(const AVChannelLayout *l, int id)
{
	return id == AV_CHAN_UNUSED || ((id == AV_CHAN_STEREO_LEFT ||
	    id == AV_CHAN_STEREO_RIGHT) && has_channel(l, AV_CHAN_FRONT_LEFT));
}

static struct share
share(const AVChannelLayout *l, int id)
{
	static const struct share none = NONE, middle = MIDDLE;

	if (is_left_out(l, id))
		return none;
	if (is_ambisonic(id))
		return ambisonic(id - AV_CHAN_AMBISONIC_BASE);
	if (id >= 0 && id < (int)(sizeof shares / sizeof shares[0]))
		return shares[id];
	return middle;
}

/* Is no channel of the layout known? */
static bool
is_unknown(const AVChannelLayout *l)
{
	if (l->order == AV_CHANNEL_ORDER_UNSPEC)
		return true;
	if (l->order != AV_CHANNEL_ORDER_CUSTOM)
		return false;
	for (int i = 0; i < l->nb_channels; i++)
		if (l->u.map[i].id != AV_CHAN_UNKNOWN)
			return false;
	return true;
}

/* The default layout of WAV files that name none; else one of 0 channels. */
static AVChannelLayout
usual(int channels)
{
	static const AVChannelLayout of[] = {
		[3] = AV_CHANNEL_LAYOUT_SURROUND,
		[4] = AV_CHANNEL_LAYOUT_QUAD,
		[5] = AV_CHANNEL_LAYOUT_5POINT0_BACK,
		[6] = AV_CHANNEL_LAYOUT_5POINT1_BACK,
		[7] = AV_CHANNEL_LAYOUT_6POINT1,
		[8] = AV_CHANNEL_LAYOUT_7POINT1,
	};
	AVChannelLayout l = { 0 };

	if (channels < 3)
		av_channel_layout_default(&l, channels);
	else if (channels < (int)(sizeof of / sizeof of[0]))
		l = of[channels];
	return l;
}

/* The gain in a mono mix.  BS.775 makes mono as loud as the stereo's power.
 * For two channels, and for W, which is mono already, it is the mean of
 * both. */
static double
mono(const AVChannelLayout *l, struct share s)
{
	bool mean = l->nb_channels <= 2 ||
	    has_channel(l, AV_CHAN_AMBISONIC_BASE);

	return (s.left + s.right) * (mean ? 0.5 : HALF);
}

static void
mix_known(const AVChannelLayout *l, int to, double *matrix)
{
	int n = l->nb_channels;

	for (int i = 0; i < n; i++) {
		struct share s = share(l,
		    (int)av_channel_layout_channel_from_index(l, (unsigned)i));

		matrix[i] = to == 1 ? mono(l, s) : s.left;
		if (to == 2)
			matrix[n + i] = s.right;
	}
}

void
downmix_matrix(const AVChannelLayout *l, int to,
    double matrix[2 * DOWNMIX_MOST])
{
	int n = l->nb_channels;
	AVChannelLayout guess = usual(n);

	if (n > 1 && !is_unknown(l)) {
		mix_known(l, to, matrix);
	} else if (n > 1 && guess.nb_channels == n) {
		mix_known(&guess, to, matrix);
	} else {
		for (int i = 0; i < to * n; i++)
			matrix[i] = 1 / sqrt(n);
	}
}

double
downmix_peak(const AVChannelLayout *l, int to)
{
	double matrix[2 * DOWNMIX_MOST], most = 1;
	int n = l->nb_channels;

	if (n > DOWNMIX_MOST)
		return most;
	downmix_matrix(l, to, matrix);
	for (int row = 0; row < to; row++) {
		double sum = 0;

		for (int i = 0; i < n; i++)
			sum += fabs(matrix[row * n + i]);
		most = fmax(most, sum);
	}
	return most;
}
