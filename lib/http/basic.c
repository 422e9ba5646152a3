#include "http/basic.h"

#include <stddef.h>
#include <string.h>

#include "http/base64.h"
#include "http/bearer.h"

static bool
split_credentials(struct v2m_basic *out, const unsigned char *text, size_t n)
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
	ptrdiff_t n = rest == NULL ? -1 :
	    v2m_base64_decode(text, sizeof text, rest);
	bool fine;

	memset(out, 0, sizeof *out);
	fine = n >= 0 && split_credentials(out, text, (size_t)n);
	explicit_bzero(text, sizeof text);
	return fine;
}

void
v2m_basic_wipe(struct v2m_basic *b)
{
	explicit_bzero(b, sizeof *b);
}
