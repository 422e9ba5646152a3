#include "http/percent.h"

#include <string.h>

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
v2m_percent_decode(char *dst, const char *src, size_t n, bool plus)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)src[i];
		int high, low;

		if (c == '+' && plus) {
			c = ' ';
		} else if (c == '%') {
			if (n - i < 3)
				return false;
			high = digit(src[i + 1]);
			low = digit(src[i + 2]);
			if (high < 0 || low < 0)
				return false;
			c = (unsigned char)(high << 4 | low);
			i += 2;
		}
		if (c < 0x20 || c == 0x7f)
			return false;
		*dst++ = (char)c;
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

char *
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
	return dst;
}
