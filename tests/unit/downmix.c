/* The gains of channels in a downmix; this part is not in libv2m. */
#include "engine/downmix.h"
#include "engine/level.h"

#include "tap.h"

static double matrix[2 * DOWNMIX_MOST];

/* A gain as a letter: '1', '7' for 0.7071, '5'; '-' for less; '?' for
 * others. */
static char
letter(double share)
{
	static const struct {
		double share;
		char letter;
	} all[] = {
		{ 1, '1' }, { M_SQRT1_2, '7' }, { 0.5, '5' }, { 0, '0' },
		{ -1, '-' }, { M_SQRT1_2 / 2, '3' }, { 0.25, '2' },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (fabs(share - all[i].share) < 1e-9)
			return all[i].letter;
	return '?';
}

static void
is_row(const double *row, int n, const char *wanted, const char *what)
{
	char got[DOWNMIX_MOST + 1];

	for (int i = 0; i < n; i++)
		got[i] = letter(row[i]);
	got[n] = '\0';
	okf(strcmp(got, wanted) == 0, "%s: %s", what, got);
}

static void
check(const AVChannelLayout *l, const char *what, const char *left,
    const char *right, const char *one)
{
	downmix_matrix(l, 2, matrix);
	is_row(matrix, l->nb_channels, left, what);
	is_row(matrix + l->nb_channels, l->nb_channels, right, what);
	downmix_matrix(l, 1, matrix);
	is_row(matrix, l->nb_channels, one, what);
}

static void
named(const char *name, const char *left, const char *right, const char *one)
{
	AVChannelLayout l = { 0 };

	ok(av_channel_layout_from_string(&l, name) == 0, name);
	check(&l, name, left, right, one);
	av_channel_layout_uninit(&l);
}

static void
nameless(int n, const char *left, const char *right)
{
	AVChannelLayout l = { AV_CHANNEL_ORDER_UNSPEC, n, { 0 }, NULL };

	downmix_matrix(&l, 2, matrix);
	is_row(matrix, n, left, "channels without a name");
	is_row(matrix + n, n, right, "channels without a name");
}

static void
custom(void)
{
	AVChannelCustom map[4] = {
		{ .id = AV_CHAN_UNKNOWN }, { .id = AV_CHAN_UNKNOWN },
		{ .id = AV_CHAN_UNKNOWN }, { .id = AV_CHAN_UNKNOWN },
	};
	AVChannelLayout l = {
		AV_CHANNEL_ORDER_CUSTOM, 4, { .map = map }, NULL
	};

	check(&l, "all unknown", "1070", "0107", "7755");
	map[0].id = AV_CHAN_FRONT_RIGHT;
	map[1].id = AV_CHAN_FRONT_LEFT;
	map[2].id = AV_CHAN_UNUSED;
	check(&l, "another order", "0105", "1005", "7707");
	map[2].id = AV_CHAN_STEREO_LEFT;
	map[3].id = AV_CHAN_STEREO_RIGHT;
	check(&l, "with a stereo beside it", "0100", "1000", "7700");
}

static void
many(void)
{
	AVChannelLayout l = { AV_CHANNEL_ORDER_UNSPEC, 16, { 0 }, NULL };
	bool even = true;

	downmix_matrix(&l, 2, matrix);
	for (int i = 0; i < 32; i++)
		even = even && matrix[i] == 0.25;
	ok(even, "16 of which nothing is known are spread evenly");
	ok(fabs(downmix_peak(&l, 2) - 4) < 1e-9, "and come to 4");
	l = (AVChannelLayout)AV_CHANNEL_LAYOUT_5POINT1;
	ok(fabs(downmix_peak(&l, 2) - 1 - M_SQRT2) < 1e-9, "5.1 to 2.41");
	l = (AVChannelLayout)AV_CHANNEL_LAYOUT_MONO;
	ok(downmix_peak(&l, 2) == 1, "mono to 1");
	l.nb_channels = DOWNMIX_MOST + 1;
	l.order = AV_CHANNEL_ORDER_UNSPEC;
	ok(downmix_peak(&l, 2) == 1, "too many to nothing else");
}

static void
peaks(void)
{
	static float v[200];

	ok(level_peak(v, 200, 4) == 0, "the peak of silence is 0");
	v[70] = -0.5f;
	v[199] = 0.25f;
	ok(level_peak(v, 200, 4) == 0.5f, "the highest, whatever its sign");
	v[199] = 0.75f;
	ok(level_peak(v, 200, 4) == 0.75f, "among the last few");
	v[3] = NAN;
	v[197] = INFINITY;
	ok(level_peak(v, 200, 4) == 0.75f, "no numbers count as silence");
	v[3] = -1e30f;
	ok(level_peak(v, 200, 4) == 4, "what is far too high as the most");
	ok(level_peak(v, 0, 4) == 0, "the peak of no samples is 0");
}

int
main(void)
{
	named("mono", "1", "1", "1");
	named("stereo", "10", "01", "55");
	named("downmix", "10", "01", "55");
	named("2.1", "100", "010", "770");
	named("3.0", "107", "017", "771");
	named("3.0(back)", "105", "015", "777");
	named("4.0", "1075", "0175", "7717");
	named("quad", "1070", "0107", "7755");
	named("quad(side)", "1070", "0107", "7755");
	named("5.0", "10770", "01707", "77155");
	named("5.1", "107070", "017007", "771055");
	named("5.1(side)", "107070", "017007", "771055");
	named("6.1", "1070570", "0170507", "7710755");
	named("7.1", "10707070", "01700707", "77105555");
	named("7.1(wide)", "10707010", "01700701", "77105577");
	named("FL+FR+FC+LFE+BL+BR+TFL+TFR", "10707070", "01700707", "77105555");
	named("FL+FR+FC+LFE+BL+BR+TC+TFC+TBC", "107070555",
	    "017007555", "771055777");
	named("ambisonic 1", "1100", "1-00", "1000");
	named("ambisonic 2", "110000000", "1-0000000", "100000000");
	named("ambisonic 1+stereo", "110010", "1-0001", "100055");
	nameless(2, "10", "01");
	nameless(3, "107", "017");
	nameless(4, "1070", "0107");
	nameless(5, "10770", "01707");
	nameless(6, "107070", "017007");
	nameless(7, "1070570", "0170507");
	nameless(8, "10707070", "01700707");
	custom();
	many();
	peaks();
	return tap_done();
}
