/* libFuzzer target: a whole header, one field per line.  What is accepted must
 * have one unambiguous length.  tests/flow/fuzz-http.t. */
#include "http.h"
#include "http/fields.h"

static size_t
split(const char *text, size_t size, struct v2m_http_field *f)
{
	const char *end = text + size, *line, *colon;
	size_t n = 0;

	for (; text < end && n <= V2M_FIELDS_MAX; text = line + 1) {
		line = memchr(text, '\n', (size_t)(end - text));
		if (line == NULL)
			line = end;
		colon = memchr(text, ':', (size_t)(line - text));
		if (colon == NULL)
			continue;
		f[n].name = text;
		f[n].name_n = (size_t)(colon - text);
		f[n].value = colon + 1;
		f[n++].value_n = (size_t)(line - colon - 1);
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct v2m_http_field f[V2M_FIELDS_MAX + 1];
	const struct v2m_http_field *found = NULL;
	char *text = text_of(data, size);
	size_t n = split(text, size, f);
	struct v2m_err err;
	int64_t length;

	for (int http_1_1 = 0; http_1_1 < 2; http_1_1++) {
		if (v2m_fields_check(f, n, http_1_1, &err) < 0) {
			must(err.code == V2M_USAGE && !has_control(err.msg));
			continue;
		}
		length = v2m_fields_length(f, n);
		must(length >= -1 && (length >= 0 || http_1_1));
		must(v2m_fields_get(f, n, "content-LENGTH", &found) +
		    v2m_fields_get(f, n, "transfer-encoding", NULL) <= 1);
		must(v2m_fields_get(f, n, "host", NULL) <= 1);
		if (found == NULL)
			must(length <= 0);
	}
	free(text);
	return 0;
}
