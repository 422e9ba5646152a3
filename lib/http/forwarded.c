#include "http/forwarded.h"

#include <string.h>
#include <strings.h>

#define ELEMENTS_MAX 64		/* proxies in a row */

struct span {
	const char *s;
	size_t n;
};

static struct span
trimmed(const char *s, size_t n)
{
	while (n > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		n--;
	}
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	return (struct span){ s, n };
}

/* The length up to the separator, or to the end.  A separator in a quoted
 * string does not count.  false: a quoted string does not end. */
static bool
find_separator(const char *s, char separator, size_t *n)
{
	bool quoted = false;
	size_t i;

	for (i = 0; s[i] != '\0'; i++) {
		if (s[i] == '"')
			quoted = !quoted;
		else if (quoted && s[i] == '\\' && s[i + 1] != '\0')
			i++;
		else if (!quoted && s[i] == separator)
			break;
	}
	*n = i;
	return !quoted;
}

/* The address in for=... of one element of Forwarded.  The element's length
 * bounds the search: other elements follow in the same string. */
static struct span
for_of(struct span element)
{
	struct span pair;
	size_t n;

	while (element.n > 0) {
		find_separator(element.s, ';', &n);
		if (n > element.n)
			n = element.n;
		pair = trimmed(element.s, n);
		if (pair.n > 4 && strncasecmp(pair.s, "for=", 4) == 0) {
			pair = trimmed(pair.s + 4, pair.n - 4);
			if (pair.n >= 2 && pair.s[0] == '"' &&
			    pair.s[pair.n - 1] == '"')
				pair = (struct span){ pair.s + 1, pair.n - 2 };
			return pair;
		}
		element.s += n;
		element.n -= n;
		if (element.n > 0) {
			element.s++;
			element.n--;
		}
	}
	return element;
}

/* The last elements of the list, in order; 0: it is malformed. */
static size_t
split_list(const char *value, enum v2m_forwarded kind,
    struct span list[ELEMENTS_MAX])
{
	size_t count = 0, n;

	for (;; value += n + 1) {
		n = strcspn(value, ",");
		if (kind == V2M_FORWARDED && !find_separator(value, ',', &n))
			return 0;
		if (count == ELEMENTS_MAX) {
			memmove(list, list + 1,
			    (ELEMENTS_MAX - 1) * sizeof *list);
			count--;
		}
		list[count++] = trimmed(value, n);
		if (value[n] == '\0')
			return count;
	}
}

void
v2m_forwarded_client(struct v2m_ip *a, enum v2m_forwarded kind,
    const char *value, const struct v2m_networks *trusted)
{
	struct span list[ELEMENTS_MAX], s;
	struct v2m_ip next;
	size_t n;

	if (value == NULL)
		return;
	n = split_list(value, kind, list);
	while (n > 0 && v2m_networks_hold(trusted, a)) {
		s = list[--n];
		if (kind == V2M_FORWARDED)
			s = for_of(s);
		if (!v2m_ip_parse(&next, s.s, s.n, true))
			return;
		*a = next;
	}
}
