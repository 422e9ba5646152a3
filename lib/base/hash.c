#include "base/hash.h"

#include <nettle/sha2.h>
#include <nettle/version.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

_Static_assert(sizeof(struct sha256_ctx) <= sizeof(struct v2m_sha256),
    "nettle's state fits ours");
_Static_assert(2 * sizeof(struct v2m_sha256) + 64 < V2M_SHA256_SAVED,
    "and so does its text");

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

/* Write which build of the library the saved memory belongs to. */
static int
write_head(char text[V2M_SHA256_SAVED])
{
	static const uint32_t one = 1;
	uint8_t first;

	memcpy(&first, &one, 1);
	return snprintf(text, V2M_SHA256_SAVED, "nettle-%d.%d-%zu-%s:",
	    nettle_version_major(), nettle_version_minor(),
	    sizeof(struct sha256_ctx), first == 1 ? "le" : "be");
}

void
v2m_sha256_save(const struct v2m_sha256 *h, char text[V2M_SHA256_SAVED])
{
	int n = write_head(text);

	v2m_text_hex(text + n, h->state, sizeof(struct sha256_ctx));
}

static int
digit(char c)
{
	const char *digits = "0123456789abcdef", *at = strchr(digits, c);

	return c == '\0' || at == NULL ? -1 : (int)(at - digits);
}

bool
v2m_sha256_load(struct v2m_sha256 *h, const char *text)
{
	char head[V2M_SHA256_SAVED];
	size_t n = (size_t)write_head(head), i;
	size_t size = sizeof(struct sha256_ctx);

	if (strncmp(text, head, n) != 0 || strlen(text) != n + 2 * size)
		return false;
	for (i = 0; i < size; i++) {
		int high = digit(text[n + 2 * i]);
		int low = digit(text[n + 2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		h->state[i] = (unsigned char)(high << 4 | low);
	}
	return ctx(h)->index < SHA256_BLOCK_SIZE;
}
