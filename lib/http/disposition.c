#include "http/disposition.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/percent.h"
#include "base/text.h"

/* The name for clients that read only ASCII.  '%' is replaced too: some
 * browsers decode it. */
static bool
plain_name(char dst[V2M_NAME_MAX], const char *name)
{
	bool same = true;
	size_t n = 0;

	for (; *name != '\0' && n < V2M_NAME_MAX - 1; name++) {
		unsigned char c = (unsigned char)*name;

		if (c < 0x20 || c >= 0x7f || strchr("\"\\/%", c) != NULL) {
			same = false;
			/* One '_' for each character, not for each byte. */
			if (c >= 0x80 && c < 0xc0)
				continue;
			c = '_';
		}
		dst[n++] = (char)c;
	}
	dst[n] = '\0';
	return same;
}

char *
v2m_disposition(char dst[V2M_DISPOSITION_MAX], const char *name)
{
	char cleaned[V2M_NAME_MAX], plain[V2M_NAME_MAX];
	char encoded[3 * V2M_NAME_MAX];
	char *p;

	v2m_text_copy(cleaned, sizeof cleaned, name);
	for (p = cleaned; *p != '\0'; p++)
		if (*p == '/' || *p == '\\')
			*p = '_';
	if (plain_name(plain, cleaned)) {
		snprintf(dst, V2M_DISPOSITION_MAX,
		    "attachment; filename=\"%s\"", plain);
		return dst;
	}
	v2m_percent_encode(encoded, sizeof encoded, cleaned, "!#$&+^`|");
	snprintf(dst, V2M_DISPOSITION_MAX,
	    "attachment; filename=\"%s\"; filename*=UTF-8''%s", plain,
	    encoded);
	return dst;
}
