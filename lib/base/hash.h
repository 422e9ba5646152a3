/* hash.h - SHA-256 (FIPS 180-4) while the bytes stream by.  The state is plain
 * memory, so it can be stored and taken up again elsewhere. */
#ifndef V2M_BASE_HASH_H
#define V2M_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>

#define V2M_SHA256_HEX 65	/* 64 lower-case hex digits and the NUL */

struct v2m_sha256 {
	_Alignas(16) unsigned char state[128];	/* nettle's, see hash.c */
};

void v2m_sha256_init(struct v2m_sha256 *h);
void v2m_sha256_update(struct v2m_sha256 *h, const void *buf, size_t n);

/* The digest of all that went in; h starts anew. */
void v2m_sha256_final(struct v2m_sha256 *h, char hex[V2M_SHA256_HEX]);

/* The state as text, to go on from elsewhere.  It says of which build of the
 * library it is: load is false, and h undefined, where that is another, and
 * the bytes have to be hashed once more. */
#define V2M_SHA256_SAVED 512
void v2m_sha256_save(const struct v2m_sha256 *h,
    char text[V2M_SHA256_SAVED]);
bool v2m_sha256_load(struct v2m_sha256 *h, const char *text);

#endif
