#include "http/prefix.h"

#include <string.h>

bool
v2m_prefix_valid(const char *prefix)
{
	static const char plain[] = "0123456789-._~abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t n;

	do {
		if (*prefix++ != '/')
			return false;
		n = strspn(prefix, plain);
		if (n == 0 || strspn(prefix, ".") == n)
			return false;
		prefix += n;
	} while (*prefix != '\0');
	return true;
}
