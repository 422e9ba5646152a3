#include "base/base64.h"

#include <nettle/base64.h>
#include <stdint.h>

/* nettle accepts white space, padding and stray bits.  With any of these, the
 * bytes are fewer than they should be, or bits are left over. */
static bool
is_strict(const struct base64_decode_ctx *ctx, size_t letters, size_t bytes)
{
	return letters % 4 != 1 &&
	    bytes == letters / 4 * 3 + letters % 4 * 3 / 4 &&
	    (ctx->word & ((1U << ctx->bits) - 1)) == 0;
}

ptrdiff_t
v2m_base64_letters(void *dst, size_t size, const char *src, size_t n, bool url)
{
	struct base64_decode_ctx ctx;
	uint8_t *out = dst, byte;
	size_t done = 0;

	if (url)
		base64url_decode_init(&ctx);
	else
		base64_decode_init(&ctx);
	for (size_t i = 0; i < n; i++) {
		int got = base64_decode_single(&ctx, &byte, src[i]);

		if (got < 0 || (got > 0 && done == size))
			return -1;
		if (got > 0)
			out[done++] = byte;
	}
	return is_strict(&ctx, n, done) ? (ptrdiff_t)done : -1;
}
