#include "media/hint.h"

#include <ctype.h>
#include <string.h>

void
v2m_hint(char hint[V2M_HINT_SIZE], const char *name)
{
	const char *dot = name == NULL ? NULL : strrchr(name, '.');
	size_t n = dot == NULL ? 0 : strlen(dot + 1);

	memset(hint, 0, V2M_HINT_SIZE);
	if (n >= V2M_HINT_SIZE)
		return;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)dot[1 + i];

		if (c >= 0x80 || !isalnum(c)) {
			memset(hint, 0, V2M_HINT_SIZE);
			return;
		}
		hint[i] = (char)tolower(c);
	}
}
