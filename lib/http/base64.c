#include "http/base64.h"

#include <string.h>

static int
sextet(char c)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(letters, c);

	return at == NULL ? -1 : (int)(at - letters);
}

ptrdiff_t
v2m_base64_decode(unsigned char *dst, size_t size, const char *src)
{
	unsigned bits = 0, held = 0;
	size_t n = 0, digits = 0, padding;

	for (; sextet(*src) >= 0; src++, digits++) {
		bits = bits << 6 | (unsigned)sextet(*src);
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		if (n == size)
			return -1;
		dst[n++] = (unsigned char)(bits >> held);
		bits &= (1U << held) - 1;
	}
	padding = strspn(src, "=");
	src += padding;
	src += strspn(src, " \t");
	if (*src != '\0' || bits != 0 || digits % 4 == 1 ||
	    (padding != 0 && (digits + padding) % 4 != 0) || padding > 2)
		return -1;
	return (ptrdiff_t)n;
}
