#include "engine/early.h"

#include <libavutil/cpu.h>
#include <locale.h>
#include <stdlib.h>
#include <time.h>

/* Time zone and locale are from the environment that the parent set. */
void
early_init(void)
{
	time_t start = 0;
	char text[64];
	struct tm tm;

	setlocale(LC_ALL, "");
	(void)mbstowcs(NULL, "\xc3\xa4", 0);
	tzset();
	if (gmtime_r(&start, &tm) != NULL)
		(void)mktime(&tm);
	if (localtime_r(&start, &tm) != NULL)
		(void)strftime(text, sizeof text, "%A %B %Z", &tm);
	av_get_cpu_flags();
	av_cpu_count();
}
