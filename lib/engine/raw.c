#include "engine/raw.h"

#include <libavutil/dict.h>
#include <string.h>

/* libavformat's default rate is wrong for telephone codecs. */
#define TELEPHONE "8000"

static const struct {
	const char *ending, *format, *rate_hz;
} kinds[] = {
	{ "aptx", "aptx", NULL },
	{ "aptxhd", "aptx_hd", NULL },
	{ "sbc", "sbc", NULL },
	{ "msbc", "sbc", NULL },
	{ "g722", "g722", NULL },
	{ "722", "g722", NULL },
	{ "g723", "g723_1", NULL },
	{ "tco", "g723_1", NULL },
	{ "g729", "g729", NULL },
	{ "gsm", "gsm", NULL },
	{ "al", "alaw", TELEPHONE },
	{ "alaw", "alaw", TELEPHONE },
	{ "ul", "mulaw", TELEPHONE },
	{ "ulaw", "mulaw", TELEPHONE },
	{ "mulaw", "mulaw", TELEPHONE },
	{ "sln", "sln", TELEPHONE },
};

const AVInputFormat *
raw_format(const char *hint, AVDictionary **options)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kinds[i].ending, hint) != 0)
			continue;
		if (kinds[i].rate_hz != NULL)
			av_dict_set(options, "sample_rate", kinds[i].rate_hz,
			    0);
		return av_find_input_format(kinds[i].format);
	}
	return NULL;
}
