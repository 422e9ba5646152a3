#include "engine/format.h"

#include <libavutil/avstring.h>
#include <string.h>

bool
format_is(const AVFormatContext *fmt, const char *names)
{
	const char *all = fmt->iformat->name;
	char first[32];

	av_strlcpy(first, all, FFMIN(sizeof first, strcspn(all, ",") + 1));
	return av_match_name(first, names) != 0;
}
