#include "base/fold.h"

#include <locale.h>
#include <pthread.h>
#include <wchar.h>
#include <wctype.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t letters;		/* never freed; 0: only for ASCII */

static void
find_letters(void)
{
	letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* Read a character, and move *s behind it.  An invalid byte counts as one. */
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

/* Fold to the end of the text, or until dst is full: then true. */
static bool
fold(wchar_t dst[V2M_FOLD_MAX], const char *text)
{
	size_t n = 0;
	wint_t c;

	while (*text != '\0' && n + 1 < V2M_FOLD_MAX) {
		c = small(take(&text));
		/* An overlong form of NUL does not end the text. */
		dst[n++] = c == 0 ? 0xfffd : (wchar_t)c;
	}
	dst[n] = L'\0';
	return *text != '\0';
}

bool
v2m_fold_has(const char *text, const char *part)
{
	wchar_t in[V2M_FOLD_MAX], wanted[V2M_FOLD_MAX];

	pthread_once(&once, find_letters);
	if (fold(wanted, part))
		return false;
	fold(in, text);
	return wcsstr(in, wanted) != NULL;
}
