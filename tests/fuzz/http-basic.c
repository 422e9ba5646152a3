/* libFuzzer target: Authorization: Basic.  tests/flow/fuzz-http.t. */
#include "http.h"
#include "http/basic.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	struct v2m_basic b;

	if (v2m_basic_parse(text, &b))
		must(!has_control(b.user) && !has_control(b.password) &&
		    strchr(b.user, ':') == NULL &&
		    strlen(b.user) + strlen(b.password) + 1 <= size);
	else
		must(b.user[0] == '\0' && b.password[0] == '\0');
	free(text);
	return 0;
}
