#include "http/range.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Decimal digits; a number that is too large becomes INT64_MAX - 1.
 * NULL: no digit. */
static const char *
parse_number(const char *s, int64_t *n)
{
	const char *start = s;

	for (*n = 0; *s >= '0' && *s <= '9'; s++)
		if (*n < INT64_MAX / 10 - 9)
			*n = *n * 10 + (*s - '0');
		else
			*n = INT64_MAX - 1;
	return s == start ? NULL : s;
}

static enum v2m_range
tail(const char *s, int64_t size, int64_t *first, int64_t *last)
{
	int64_t n;

	s = parse_number(s, &n);
	if (s == NULL || s[strspn(s, " \t")] != '\0')
		return V2M_RANGE_ALL;
	if (n == 0 || size == 0)
		return V2M_RANGE_NONE;
	*first = n < size ? size - n : 0;
	*last = size - 1;
	return V2M_RANGE_PART;
}

enum v2m_range
v2m_range_parse(const char *value, int64_t size, int64_t *first,
    int64_t *last)
{
	const char *s = value;

	if (s == NULL || strncasecmp(s, "bytes=", 6) != 0)
		return V2M_RANGE_ALL;
	s += 6;
	s += strspn(s, " \t");
	if (*s == '-')
		return tail(s + 1, size, first, last);
	s = parse_number(s, first);
	if (s == NULL || *s++ != '-')
		return V2M_RANGE_ALL;
	*last = INT64_MAX;
	if (*s >= '0' && *s <= '9')
		s = parse_number(s, last);
	/* After a comma there is a second range.  A server may then ignore
	 * the field, and this one does. */
	if (s[strspn(s, " \t")] != '\0' || *last < *first)
		return V2M_RANGE_ALL;
	if (*first >= size)
		return V2M_RANGE_NONE;
	if (*last >= size)
		*last = size - 1;
	return V2M_RANGE_PART;
}

bool
v2m_if_range(const char *value, const char *etag)
{
	size_t n = strlen(etag);

	return value == NULL || (strncmp(value, etag, n) == 0 &&
	    value[n + strspn(value + n, " \t")] == '\0');
}
