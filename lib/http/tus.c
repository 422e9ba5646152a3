#include "http/tus.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>

#include "http/base64.h"

#define KEY_MAX 64
#define VALUE_MAX 4096
#define MOST_DIGITS 18		/* always fit an int64_t */

bool
v2m_tus_read_number(const char *value, int64_t *n)
{
	size_t digits = strspn(value, "0123456789"), i;

	if (digits == 0 || digits > MOST_DIGITS || value[digits] != '\0')
		return false;
	*n = 0;
	for (i = 0; i < digits; i++)
		*n = *n * 10 + (value[i] - '0');
	return true;
}

/* --- metadata --- */

/* The length of a key: visible ASCII without commas. */
static size_t
key_length(const char *s)
{
	size_t n = 0;

	while (s[n] > ' ' && s[n] < 0x7f && s[n] != ',')
		n++;
	return n <= KEY_MAX ? n : 0;
}

/* Decode the n letters of base64 at s.  The number of bytes, or -1. */
static ptrdiff_t
decode_value(const char *s, size_t n, unsigned char *out, size_t size)
{
	char text[VALUE_MAX];

	if (n >= sizeof text)
		return -1;
	memcpy(text, s, n);
	text[n] = '\0';
	return v2m_base64_decode(out, size, text);
}

/* Read one pair at *at, and move *at past it and its comma.  Returns the length
 * of value; -1: malformed. */
static ptrdiff_t
next_pair(const char **at, const char **key, size_t *key_n,
    unsigned char value[VALUE_MAX])
{
	const char *s = *at;
	ptrdiff_t n = 0;
	size_t coded;

	s += strspn(s, " \t");
	*key = s;
	*key_n = key_length(s);
	if (*key_n == 0)
		return -1;
	s += *key_n;
	s += strspn(s, " ");
	coded = strcspn(s, ",");
	if (coded > 0 && (n = decode_value(s, coded, value, VALUE_MAX)) < 0)
		return -1;
	s += coded;
	if (*s == ',' && *++s == '\0')
		return -1;
	*at = s;
	return n;
}

int
v2m_tus_read_metadata(const char *value, const char *key, char *dst,
    size_t size)
{
	unsigned char bytes[VALUE_MAX];
	const char *name;
	size_t name_n;
	ptrdiff_t n;
	int found = 0;

	dst[0] = '\0';
	while (*value != '\0') {
		n = next_pair(&value, &name, &name_n, bytes);
		if (n < 0)
			return -1;
		if (name_n != strlen(key) || memcmp(name, key, name_n) != 0)
			continue;
		if (found != 0 || (size_t)n >= size ||
		    memchr(bytes, '\0', (size_t)n) != NULL)
			return -1;
		memcpy(dst, bytes, (size_t)n);
		dst[n] = '\0';
		found = 1;
	}
	return found;
}

/* --- checksums --- */

enum { SHA1, SHA256, MD5 };

static const struct {
	const char *name;
	size_t size;
} algorithms[] = {
	[SHA1] = { "sha1", SHA1_DIGEST_SIZE },
	[SHA256] = { "sha256", SHA256_DIGEST_SIZE },
	[MD5] = { "md5", MD5_DIGEST_SIZE },
};

_Static_assert(sizeof(struct sha1_ctx) <= 160 &&
    sizeof(struct sha256_ctx) <= 160 && sizeof(struct md5_ctx) <= 160,
    "a sum has room for each");

static void
begin_sum(struct v2m_tus_sum *sum)
{
	void *state = sum->state;

	switch (sum->algorithm) {
	case SHA1:
		sha1_init(state);
		break;
	case SHA256:
		sha256_init(state);
		break;
	default:
		md5_init(state);
	}
}

int
v2m_tus_sum_read(const char *value, struct v2m_tus_sum *sum)
{
	size_t name_n = strcspn(value, " "), i;
	ptrdiff_t n;

	if (name_n == 0 || value[name_n] != ' ')
		return -1;
	for (i = 0; i < 3; i++)
		if (strlen(algorithms[i].name) == name_n &&
		    memcmp(algorithms[i].name, value, name_n) == 0)
			break;
	if (i == 3)
		return 0;
	sum->algorithm = (int)i;
	sum->size = algorithms[i].size;
	n = v2m_base64_decode(sum->wanted, sizeof sum->wanted,
	    value + name_n + 1);
	if (n < 0 || (size_t)n != sum->size)
		return -1;
	begin_sum(sum);
	return 1;
}

void
v2m_tus_sum_update(struct v2m_tus_sum *sum, const void *buf, size_t n)
{
	void *state = sum->state;

	switch (sum->algorithm) {
	case SHA1:
		sha1_update(state, n, buf);
		break;
	case SHA256:
		sha256_update(state, n, buf);
		break;
	default:
		md5_update(state, n, buf);
	}
}

bool
v2m_tus_sum_matches(struct v2m_tus_sum *sum)
{
	uint8_t digest[sizeof sum->wanted];
	void *state = sum->state;

	switch (sum->algorithm) {
	case SHA1:
		sha1_digest(state, sum->size, digest);
		break;
	case SHA256:
		sha256_digest(state, sum->size, digest);
		break;
	default:
		md5_digest(state, sum->size, digest);
	}
	return memcmp(digest, sum->wanted, sum->size) == 0;
}
