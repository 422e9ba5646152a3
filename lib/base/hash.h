/* hash.h - SHA-256 (FIPS 180-4) of a stream of bytes.  The state is plain
 * memory, so it can be saved and loaded by another process. */
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

/* The digest of all bytes; h starts again. */
void v2m_sha256_final(struct v2m_sha256 *h, char hex[V2M_SHA256_HEX]);

/* Save the state as text, or load it.  The text names the build of the library:
 * if that is another one, load returns false, h is undefined, and all bytes
 * have to be hashed again. */
#define V2M_SHA256_SAVED 512
void v2m_sha256_save(const struct v2m_sha256 *h,
    char text[V2M_SHA256_SAVED]);
bool v2m_sha256_load(struct v2m_sha256 *h, const char *text);

#endif
