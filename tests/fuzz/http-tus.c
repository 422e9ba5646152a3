/* libFuzzer target: the headers of tus; the first byte selects one.
 * tests/flow/fuzz-http.t. */
#include "http.h"
#include "http/tus.h"

static void
fuzz_metadata(const char *text)
{
	char value[64], again[64];
	int found = v2m_tus_read_metadata(text, "filename", value,
	    sizeof value);

	must(found >= -1 && found <= 1);
	must(found == 1 || (found == 0 ? value[0] == '\0' : true));
	if (found >= 0)		/* then it is well-formed */
		must(v2m_tus_read_metadata(text, "hold", again,
		    sizeof again) >= -1);
	v2m_tus_read_metadata(text, "a", again, 1);
}

static void
fuzz_sum(const char *text)
{
	struct v2m_tus_sum sum;

	if (v2m_tus_sum_read(text, &sum) != 1)
		return;
	v2m_tus_sum_update(&sum, text, strlen(text));
	v2m_tus_sum_matches(&sum);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	int64_t n;

	if (size == 0)
		return 0;
	text = text_of(data + 1, size - 1);
	switch (data[0] % 3) {
	case 0:
		fuzz_metadata(text);
		break;
	case 1:
		fuzz_sum(text);
		break;
	default:
		if (v2m_tus_read_number(text, &n))
			must(n >= 0 && strspn(text, "0123456789") ==
			    strlen(text));
	}
	free(text);
	return 0;
}
