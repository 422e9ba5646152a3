/* libFuzzer target: lists of entity tags, and file names in response headers.
 * tests/flow/fuzz-http.t. */
#include "http.h"
#include "http/disposition.h"
#include "http/etag.h"

static const char front[] = "attachment; filename=\"";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), out[V2M_DISPOSITION_MAX];
	const char *end;

	if (v2m_etag_listed(text, "\"x\""))
		must(strstr(text, "\"x\"") != NULL || strchr(text, '*'));
	v2m_disposition(out, text);
	must(!has_control(out) && strncmp(out, front, sizeof front - 1) == 0);
	end = strchr(out + sizeof front - 1, '"');
	must(end != NULL && (end[1] == '\0' ||
	    strncmp(end, "\"; filename*=UTF-8''", 20) == 0));
	must(strpbrk(out + sizeof front - 1, "\\/") == NULL);
	for (; *end != '\0'; end++)
		must((unsigned char)*end < 0x80);
	free(text);
	return 0;
}
