#include "http/date.h"

#include <stdio.h>

void
v2m_http_date(char dst[V2M_HTTP_DATE_SIZE], time_t when)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm;

	gmtime_r(&when, &tm);
	snprintf(dst, V2M_HTTP_DATE_SIZE,
	    "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
	    days + 3 * (tm.tm_wday % 7), tm.tm_mday % 100,
	    months + 3 * (tm.tm_mon % 12), (tm.tm_year + 1900) % 10000,
	    tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
}
