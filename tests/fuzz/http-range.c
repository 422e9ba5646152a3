/* libFuzzer target: Range, If-Range.  tests/flow/fuzz-http.t. */
#include "http.h"
#include "http/range.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t first = -1, last = -1, length = 0;
	enum v2m_range r;
	char *text;

	if (size < 8)
		return 0;
	memcpy(&length, data, 8);
	length &= INT64_MAX;
	text = text_of(data + 8, size - 8);
	r = v2m_range_parse(text, length, &first, &last);
	if (r == V2M_RANGE_PART)
		must(first >= 0 && first <= last && last < length);
	must(r == V2M_RANGE_ALL || strncasecmp(text, "bytes=", 6) == 0);
	if (v2m_if_range(text, "\"abc\""))
		must(strncmp(text, "\"abc\"", 5) == 0);
	free(text);
	return 0;
}
