#include "http/etag.h"

#include <string.h>

bool
v2m_etag_listed(const char *list, const char *etag)
{
	size_t n = strlen(etag);
	const char *end;

	list += strspn(list, " \t");
	if (list[0] == '*')
		return list[1 + strspn(list + 1, " \t")] == '\0';
	for (;;) {
		list += strspn(list, " \t,");
		if (strncmp(list, "W/", 2) == 0)
			list += 2;
		if (*list != '"')
			return false;
		end = strchr(list + 1, '"');
		if (end == NULL)
			return false;
		end++;
		if ((size_t)(end - list) == n && memcmp(list, etag, n) == 0)
			return true;
		list = end + strspn(end, " \t");
		if (*list != ',')
			return false;
	}
}
