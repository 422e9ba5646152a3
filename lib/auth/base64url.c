#include "auth/base64url.h"

#include <limits.h>
#include <nettle/base64.h>
#include <stdint.h>
#include <string.h>

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
v2m_base64url_encode(char *dst, const void *src, size_t n)
{
	struct base64_encode_ctx ctx;
	size_t at;

	base64url_encode_init(&ctx);
	at = base64_encode_update(&ctx, dst, n, src);
	at += base64_encode_final(&ctx, dst + at);
	while (at > 0 && dst[at - 1] == '=')
		at--;
	dst[at] = '\0';
}

/* nettle's would pass over white space, and stray bits. */
int
v2m_base64url_decode(char *dst, const char *src, size_t n)
{
	const char *start = dst;
	uint32_t bits = 0;
	unsigned have = 0;

	if (n > INT_MAX)
		return -1;
	while (n-- > 0) {
		const char *at = memchr(letters, *src++, sizeof letters - 1);

		if (at == NULL)
			return -1;
		bits = bits << 6 | (uint32_t)(at - letters);
		have += 6;
		if (have >= 8) {
			have -= 8;
			*dst++ = (char)(bits >> have & 0xff);
		}
	}
	if (have >= 6 || (bits & ((1U << have) - 1)) != 0)
		return -1;
	*dst = '\0';
	return (int)(dst - start);
}
