#include "http/bearer.h"

#include <string.h>
#include <strings.h>

const char *
v2m_auth_rest(const char *value, const char *scheme)
{
	size_t n = strlen(scheme);

	if (strncasecmp(value, scheme, n) != 0 || value[n] != ' ')
		return NULL;
	return value + n + strspn(value + n, " ");
}

bool
v2m_bearer_parse(const char *value, char *dst, size_t size)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~+/";
	const char *token = v2m_auth_rest(value, "Bearer");
	size_t n, all;

	if (token == NULL)
		return false;
	n = strspn(token, letters);
	all = n + strspn(token + n, "=");
	if (n == 0 || all >= size ||
	    token[all + strspn(token + all, " \t")] != '\0')
		return false;
	memcpy(dst, token, all);
	dst[all] = '\0';
	return true;
}
