#include "media/frame.h"

#include <stddef.h>
#include <stdlib.h>

#define BITRATES 15

/* kbit/s by bitrate index; 0: free format. */
static const int bitrates_v1[BITRATES] = {
	0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320
};
static const int bitrates_v2[BITRATES] = {
	0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160
};

static const int rates_v1[3] = { 44100, 48000, 32000 };

bool
v2m_frame_parse(struct v2m_frame *f, const uint8_t head[4])
{
	int bitrate = head[2] >> 4, rate = head[2] >> 2 & 3;
	int padding = head[2] >> 1 & 1;
	bool mono = head[3] >> 6 == 3;

	if (head[0] != 0xff || (head[1] & 0xe0) != 0xe0)
		return false;
	if ((head[1] >> 1 & 3) != 1)	/* Layer III */
		return false;
	if (bitrate == 0 || bitrate == 15 || rate == 3)
		return false;
	switch (head[1] >> 3 & 3) {
	case 3:
		f->version = 1;
		break;
	case 2:
		f->version = 2;
		break;
	case 0:
		f->version = 25;
		break;
	default:
		return false;
	}
	f->crc = !(head[1] & 1);
	f->channels = mono ? 1 : 2;
	f->rate_hz = rates_v1[rate] / (f->version == 1 ? 1 :
	    f->version == 2 ? 2 : 4);
	f->samples = f->version == 1 ? 1152 : 576;
	f->bitrate_kbps = f->version == 1 ? bitrates_v1[bitrate] :
	    bitrates_v2[bitrate];
	f->bytes = f->samples / 8 * 1000 * f->bitrate_kbps / f->rate_hz +
	    padding;
	f->side_bytes = f->version == 1 ? (mono ? 17 : 32) : (mono ? 9 : 17);
	return true;
}

int
v2m_frame_bitrate(int rate_hz, int bitrate_kbps)
{
	const int *table = rate_hz >= 32000 ? bitrates_v1 : bitrates_v2;
	/* LAME and players allow no higher ones in MPEG-2.5. */
	int last = rate_hz < 16000 ? 8 : BITRATES - 1;
	int best = table[1];

	for (int i = 2; i <= last; i++)
		if (abs(table[i] - bitrate_kbps) < abs(best - bitrate_kbps))
			best = table[i];
	return best;
}

bool
v2m_frame_bitrate_valid(int bitrate_kbps)
{
	for (int i = 1; i < BITRATES; i++)
		if (bitrates_v1[i] == bitrate_kbps ||
		    bitrates_v2[i] == bitrate_kbps)
			return true;
	return false;
}

int
v2m_frame_samples(int rate_hz)
{
	return rate_hz >= 32000 ? 1152 : 576;
}

int
v2m_frame_rate(int source_rate_hz)
{
	static const int rates[] = {
		8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000
	};
	const size_t n = sizeof rates / sizeof rates[0];

	for (size_t i = 0; i < n; i++)
		if (rates[i] == source_rate_hz)
			return rates[i];
	/* 88.2, 96, 176.4, 192 kHz: divide by a whole number. */
	for (size_t i = n; i-- > n - 3;)
		if (source_rate_hz > 48000 && source_rate_hz % rates[i] == 0)
			return rates[i];
	for (size_t i = 0; i < n; i++)
		if (rates[i] > source_rate_hz)
			return rates[i];
	return 48000;
}
