#include "base/hash.h"

#include <nettle/sha2.h>

#include "base/text.h"

_Static_assert(sizeof(struct sha256_ctx) <= sizeof(struct v2m_sha256),
    "nettle's state fits ours");

static struct sha256_ctx *
ctx(struct v2m_sha256 *h)
{
	return (struct sha256_ctx *)(void *)h->state;
}

void
v2m_sha256_init(struct v2m_sha256 *h)
{
	sha256_init(ctx(h));
}

void
v2m_sha256_update(struct v2m_sha256 *h, const void *buf, size_t n)
{
	sha256_update(ctx(h), n, buf);
}

void
v2m_sha256_final(struct v2m_sha256 *h, char hex[V2M_SHA256_HEX])
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(ctx(h), sizeof digest, digest);
	v2m_text_hex(hex, digest, sizeof digest);
}
