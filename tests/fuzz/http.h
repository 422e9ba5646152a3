/* http.h - helpers of the targets http-*.c. */
#ifndef V2M_FUZZ_HTTP_H
#define V2M_FUZZ_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Abort unless `good`. */
static inline void
must(bool good)
{
	if (!good)
		abort();
}

/* Copy n bytes and a NUL to memory of exactly that size, so that reading beyond
 * it is detected.  The caller frees it. */
static inline char *
text_of(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1);

	must(text != NULL);
	if (n > 0)
		memcpy(text, data, n);
	text[n] = '\0';
	return text;
}

static inline bool
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

#endif
