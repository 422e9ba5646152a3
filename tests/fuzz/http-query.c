/* libFuzzer target: the query of a URL.  tests/flow/fuzz-http.t. */
#include "http.h"
#include "base/percent.h"
#include "http/query.h"

/* Encode what was decoded, and decode it again: it must be the same. */
static void
there_and_back(const char *s)
{
	size_t n = strlen(s);
	char *encoded = malloc(3 * n + 1), *decoded = malloc(3 * n + 1);

	must(encoded != NULL && decoded != NULL);
	v2m_percent_encode(encoded, 3 * n + 1, s, NULL);
	must(v2m_percent_decode(decoded, encoded, strlen(encoded), true));
	must(strcmp(decoded, s) == 0);
	free(encoded);
	free(decoded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct v2m_query q;
	struct v2m_err err;
	/* Without a NUL at its end. */
	char *bare = size == 0 ? NULL : malloc(size);

	if (bare != NULL)
		memcpy(bare, data, size);
	if (v2m_query_parse(&q, bare == NULL ? "" : bare, size, &err) == 0) {
		for (size_t i = 0; i < q.n; i++) {
			must(!has_control(q.pairs[i].key) &&
			    !has_control(q.pairs[i].value));
			must(v2m_query_get(&q, q.pairs[i].key) ==
			    q.pairs[i].value);
			there_and_back(q.pairs[i].key);
			there_and_back(q.pairs[i].value);
		}
		v2m_query_release(&q);
	} else {
		must(q.text == NULL && q.n == 0 && !has_control(err.msg));
	}
	free(bare);
	return 0;
}
