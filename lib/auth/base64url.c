#include "auth/base64url.h"

#include <limits.h>
#include <nettle/base64.h>

#include "base/base64.h"

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

int
v2m_base64url_decode(char *dst, const char *src, size_t n)
{
	ptrdiff_t bytes = n > INT_MAX ? -1 :
	    v2m_base64_letters(dst, n, src, n, true);

	if (bytes < 0)
		return -1;
	dst[bytes] = '\0';
	return (int)bytes;
}
