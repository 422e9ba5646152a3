/* libFuzzer target: Authorization: Bearer.  tests/flow/fuzz-http.t. */
#include "http.h"
#include "http/bearer.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	char token[24];

	if (v2m_bearer_parse(text, token, sizeof token))
		must(token[0] != '\0' && strlen(token) < sizeof token &&
		    strstr(text, token) != NULL && !has_control(token) &&
		    strpbrk(token, " ,;\"'%&") == NULL);
	free(text);
	return 0;
}
