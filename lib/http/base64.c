#include "http/base64.h"

#include <string.h>

#include "base/base64.h"

ptrdiff_t
v2m_base64_decode(unsigned char *dst, size_t size, const char *src)
{
	size_t letters = strcspn(src, "= \t"), padding;
	const char *rest = src + letters;

	padding = strspn(rest, "=");
	rest += padding;
	rest += strspn(rest, " \t");
	if (*rest != '\0' || padding > 2 ||
	    (padding != 0 && (letters + padding) % 4 != 0))
		return -1;
	return v2m_base64_letters(dst, size, src, letters, false);
}
