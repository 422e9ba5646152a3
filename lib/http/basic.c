#include "http/basic.h"

#include <stddef.h>
#include <string.h>

#include "http/bearer.h"

static int
sextet(char c)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(letters, c);

	return at == NULL ? -1 : (int)(at - letters);
}

/* Decode base64, with or without its padding; -1: it is none, or too long. */
static ptrdiff_t
decode(unsigned char *dst, size_t size, const char *src)
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

static bool
split(struct v2m_basic *out, const unsigned char *text, size_t n)
{
	const unsigned char *colon = memchr(text, ':', n);
	size_t user_n, i;

	if (colon == NULL)
		return false;
	for (i = 0; i < n; i++)
		if (text[i] < 0x20 || text[i] == 0x7f)
			return false;
	user_n = (size_t)(colon - text);
	if (user_n >= sizeof out->user ||
	    n - user_n - 1 >= sizeof out->password)
		return false;
	memcpy(out->user, text, user_n);
	memcpy(out->password, colon + 1, n - user_n - 1);
	return true;
}

bool
v2m_basic_parse(const char *value, struct v2m_basic *out)
{
	const char *rest = v2m_auth_rest(value, "Basic");
	unsigned char text[sizeof *out];
	ptrdiff_t n = rest == NULL ? -1 : decode(text, sizeof text, rest);
	bool fine;

	memset(out, 0, sizeof *out);
	fine = n >= 0 && split(out, text, (size_t)n);
	explicit_bzero(text, sizeof text);
	return fine;
}

void
v2m_basic_wipe(struct v2m_basic *b)
{
	explicit_bzero(b, sizeof *b);
}
