#include "base/fold.h"

#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wctype.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t letters;		/* for good; 0: only ASCII's */

static void
find_letters(void)
{
	letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* One character, and *s moves behind it; a byte that begins none is one. */
static wint_t
take(const char **s)
{
	const unsigned char *p = (const unsigned char *)*s;
	int more = p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : p[0] >= 0xc0 ? 1 : 0;
	wint_t c = more == 0 ? p[0] : p[0] & (0x3fu >> more);
	int i;

	for (i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			*s += 1;
			return p[0];
		}
		c = c << 6 | (p[i] & 0x3f);
	}
	*s += more + 1;
	return c;
}

static wint_t
small(wint_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
	return letters == (locale_t)0 ? c : towlower_l(c, letters);
}

static bool
begins(const char *text, const char *part)
{
	while (*part != '\0')
		if (*text == '\0' || small(take(&text)) != small(take(&part)))
			return false;
	return true;
}

bool
v2m_fold_has(const char *text, const char *part)
{
	pthread_once(&once, find_letters);
	while (!begins(text, part)) {
		if (*text == '\0')
			return false;
		take(&text);
	}
	return true;
}
