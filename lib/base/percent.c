#include "base/percent.h"

#include <string.h>

#include "base/hex.h"

bool
v2m_percent_decode(char *dst, const char *src, size_t n, bool plus)
{
	size_t taken;
	char c;

	for (; n > 0; src += taken, n -= taken) {
		taken = v2m_hex_escape(src, n, &c);
		if (taken == 0)
			return false;
		if (plus && *src == '+')
			c = ' ';
		if ((unsigned char)c < 0x20 || c == 0x7f)
			return false;
		*dst++ = c;
	}
	*dst = '\0';
	return true;
}

static bool
stays(char c, const char *keep)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') ||
	    (c != '\0' && strchr("-._~", c) != NULL) ||
	    (c != '\0' && keep != NULL && strchr(keep, c) != NULL);
}

bool
v2m_percent_encode(char *dst, size_t size, const char *src, const char *keep)
{
	static const char digits[] = "0123456789ABCDEF";
	char *p = dst;

	for (; *src != '\0'; src++) {
		unsigned char c = (unsigned char)*src;
		bool plain = stays(*src, keep);

		if ((size_t)(p - dst) + (plain ? 1 : 3) >= size)
			break;
		if (plain) {
			*p++ = *src;
			continue;
		}
		*p++ = '%';
		*p++ = digits[c >> 4];
		*p++ = digits[c & 15];
	}
	*p = '\0';
	return *src == '\0';
}
