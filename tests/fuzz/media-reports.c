/* libFuzzer target: any number of a media child's reports.  For each, two bytes
 * give its length, and the third byte says whether its header is valid (odd);
 * the rest is any bytes.  tests/flow/fuzz-reports.t. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "media/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good)
{
	if (!good)
		abort();
}

#define IS_TEXT(field) must(memchr(field, '\0', sizeof(field)) != NULL)

static void
check(const struct v2m_media_result *result)
{
	const unsigned most = sizeof result->tags / sizeof result->tags[0];

	IS_TEXT(result->format);
	IS_TEXT(result->codec);
	must(result->ntags <= most);
	for (unsigned i = 0; i < result->ntags; i++) {
		IS_TEXT(result->tags[i].key);
		IS_TEXT(result->tags[i].value);
		must(strchr(result->tags[i].value, '\033') == NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct v2m_media_result result;
	static struct v2m_media_tracks tracks;
	struct v2m_reports r = { .result = &result, .percent = -1 };
	struct v2m_err err;

	if (size == 0)
		return 0;
	memset(&result, 0, sizeof result);
	memset(&tracks, 0, sizeof tracks);
	r.kind = V2M_WIRE_CONVERT + data[0] % 4;
	r.tracks = data[0] & 4 ? &tracks : NULL;
	for (data++, size--; size > 3;) {
		struct v2m_wire_report w;
		size_t n = (size_t)(data[0] | data[1] << 8) % (sizeof w + 2);
		bool right = data[2] & 1;

		data += 3;
		size -= 3;
		memset(&w, 0, sizeof w);
		memcpy(&w, data, n < size ? n < sizeof w ? n : sizeof w :
		    size < sizeof w ? size : sizeof w);
		if (right) {
			w.magic = V2M_WIRE_REPORT;
			w.version = V2M_WIRE_VERSION;
			w.what %= V2M_WIRE_FORBIDDEN + 1;
			w.zero = 0;
		}
		v2m_reports_take(&r, &w, right ? sizeof w : n < sizeof w ? n :
		    sizeof w, &err);
		check(&result);
		data += n < size ? n : size;
		size -= n < size ? n : size;
	}
	return 0;
}
