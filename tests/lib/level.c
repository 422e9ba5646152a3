/*
 * level - measure the length, level, centre in time and pitch of sound
 *
 *	mpg123 -q --stereo -e f32 -w - FILE | level
 *
 * Reads a WAV, stereo, of 32-bit floats, and prints one line:
 *
 *	rate, frames
 *	left, right	RMS, in dB of full scale, at least -120
 *	centre		the mean time of the sound in ms, weighted by its
 *			energy: if the sound is 20 ms late, it is 20 ms later,
 *			whatever else a codec changed
 *	pitch		the mean frequency in Hz, weighted by energy, below
 *			what any codec removes: tells apart sounds of equal
 *			level
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PI 3.14159265358979323846
#define LOW 1000.0		/* Hz: cutoff of the filter for the pitch */

struct sum {
	double energy[2];
	double moment;		/* sum of energy times frame number */
	double low, change;	/* energy below about LOW, and that of its
				 * differences */
	double last[2][2];	/* of the filter, per channel */
	long frames;
};

/* A low-pass filter with two poles at LOW. */
static void
add_low(struct sum *s, int channel, double v, double rate)
{
	double a = 1 - exp(-2 * PI * LOW / rate), was = s->last[channel][1];
	double *last = s->last[channel];

	last[0] += a * (v - last[0]);
	last[1] += a * (last[0] - last[1]);
	s->low += last[1] * last[1];
	s->change += (last[1] - was) * (last[1] - was);
}

static void
add(struct sum *s, const float *frame, double rate)
{
	double both = 0;

	for (int c = 0; c < 2; c++) {
		double v = frame[c];

		s->energy[c] += v * v;
		both += v * v;
		add_low(s, c, v, rate);
	}
	s->moment += both * (double)s->frames++;
}

static double
level(const struct sum *s, int channel)
{
	double mean = s->frames ? s->energy[channel] / (double)s->frames : 0;

	return 10 * log10(mean > 1e-12 ? mean : 1e-12);
}

/* The differences of a tone have 2 sin(pi f / rate) times its amplitude. */
static double
pitch(const struct sum *s, double rate)
{
	double half = s->low > 0 ? sqrt(s->change / s->low) / 2 : 0;

	return asin(half < 1 ? half : 1) * rate / PI;
}

static unsigned
le32(const unsigned char *b)
{
	return b[0] | b[1] << 8 | b[2] << 16 | (unsigned)b[3] << 24;
}

/* Read up to the first sample.  Returns the sample rate; 0: not such a WAV. */
static unsigned
begin(FILE *in)
{
	unsigned char b[40];
	unsigned rate = 0, size;

	if (fread(b, 1, 12, in) != 12 || memcmp(b, "RIFF", 4) != 0)
		return 0;
	while (fread(b, 1, 8, in) == 8 && memcmp(b, "data", 4) != 0) {
		int format = memcmp(b, "fmt ", 4) == 0;

		size = le32(b + 4);
		if (size < 16 && format)
			return 0;
		if (size > sizeof(b) || fread(b, 1, size, in) != size)
			return 0;
		if (format && b[2] == 2 && b[14] == 32)
			rate = le32(b + 4);
	}
	return rate;
}

int
main(void)
{
	struct sum s = {.frames = 0};
	double rate = begin(stdin), all;
	float block[4096][2];
	size_t n;

	if (rate <= 0) {
		fputs("level: no WAV of stereo floats\n", stderr);
		return 65;
	}
	while ((n = fread(block, sizeof(block[0]), 4096, stdin)) > 0)
		for (size_t i = 0; i < n; i++)
			add(&s, block[i], rate);
	all = s.energy[0] + s.energy[1];
	printf("%.0f %ld %.2f %.2f %.1f %.0f\n", rate, s.frames, level(&s, 0),
	    level(&s, 1), all > 0 ? 1000 * s.moment / all / rate : 0,
	    pitch(&s, rate));
	return ferror(stdin) ? 74 : 0;
}
