/* tus.h - parses the headers of the tus protocol 1.0.0 (https://tus.io).
 *
 * Pure and thread-safe; memory is the caller's.
 */
#ifndef V2M_HTTP_TUS_H
#define V2M_HTTP_TUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define V2M_TUS_VERSION "1.0.0"
#define V2M_TUS_ALGORITHMS "sha1,sha256,md5"

/* Upload-Offset, Upload-Length: digits and nothing else. */
bool v2m_tus_read_number(const char *value, int64_t *n);

/* Upload-Metadata: "key BASE64,key BASE64,key".  Copies the value of key to dst
 * (size bytes), with a NUL behind.  1; 0: there is no such key, and dst is "";
 * -1: any part of the header is malformed; the value contains NUL, or does not
 * fit; or the key is there twice. */
int v2m_tus_read_metadata(const char *value, const char *key, char *dst,
    size_t size);

/* --- Upload-Checksum --- */

struct v2m_tus_sum {
	int algorithm;
	uint8_t wanted[32];
	size_t size;			/* bytes of wanted */
	_Alignas(16) unsigned char state[160];	/* nettle's */
};

/* Parse "sha1 BASE64", and begin the sum.  1; 0: an unknown algorithm; -1: it
 * is malformed. */
int v2m_tus_sum_read(const char *value, struct v2m_tus_sum *sum);
void v2m_tus_sum_update(struct v2m_tus_sum *sum, const void *buf, size_t n);

/* Is it the sum of all bytes?  Ends it. */
bool v2m_tus_sum_matches(struct v2m_tus_sum *sum);

#endif
