#include "base/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PREFIX_LEAST 3	/* letters that a beginning needs */
#define FAR V2M_SUGGEST_MAX
#define BEGUN (FAR - 1)
#define SEPARATORS " ,"

void
v2m_suggest_start(struct v2m_suggest *s, const char *given)
{
	memset(s, 0, sizeof *s);
	s->given = given;
	s->distance = FAR;
}

static char
plain(char c)
{
	return c == '_' ? '-' : (char)tolower((unsigned char)c);
}

static bool
same(char a, char b)
{
	return plain(a) == plain(b);
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters to add, leave out, change or swap.  Both are shorter than
 * V2M_SUGGEST_MAX. */
static size_t
distance(const char *a, const char *b)
{
	size_t rows[3][V2M_SUGGEST_MAX], n = strlen(b), i, j;

	for (j = 0; j <= n; j++)
		rows[0][j] = j;
	for (i = 1; a[i - 1] != '\0'; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3];
		const size_t *two_above = rows[(i + 1) % 3];

		row[0] = i;
		for (j = 1; j <= n; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1,
			    above[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]))
				row[j] = least(row[j], two_above[j - 2] + 1);
		}
	}
	return rows[(i - 1) % 3][n];
}

static size_t
letters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += isalnum((unsigned char)*s) != 0;
	return n;
}

static bool
begins(const char *word, const char *given)
{
	if (letters(given) < PREFIX_LEAST)
		return false;
	while (*given != '\0' && same(*given, *word)) {
		given++;
		word++;
	}
	return *given == '\0';
}

/* The distance, or FAR if the word is not near. */
static size_t
nearness(const char *given, const char *word)
{
	size_t n = letters(word), most = n < 3 ? 0 : n < 5 ? 1 : 2, d;

	if (strlen(given) >= V2M_SUGGEST_MAX ||
	    strlen(word) >= V2M_SUGGEST_MAX)
		return FAR;
	d = distance(given, word);
	if (d <= most)
		return d;
	return begins(word, given) ? BEGUN : FAR;
}

void
v2m_suggest_offer(struct v2m_suggest *s, const char *word)
{
	size_t d = nearness(s->given, word);

	if (d >= s->distance)
		return;
	s->distance = d;
	snprintf(s->best, sizeof s->best, "%s", word);
}

void
v2m_suggest_offer_words(struct v2m_suggest *s, const char *words)
{
	char word[V2M_SUGGEST_MAX];
	size_t n;

	for (; *words != '\0'; words += n) {
		words += strspn(words, SEPARATORS);
		n = strcspn(words, SEPARATORS);
		if (n == 0 || n >= sizeof word)
			continue;
		snprintf(word, sizeof word, "%.*s", (int)n, words);
		v2m_suggest_offer(s, word);
	}
}

const char *
v2m_suggest_best(const struct v2m_suggest *s)
{
	return s->best[0] == '\0' ? NULL : s->best;
}

const char *
v2m_suggest_hint(const struct v2m_suggest *s, char hint[V2M_SUGGEST_HINT])
{
	/* The word that was given was not meant: it is right elsewhere. */
	if (s->best[0] == '\0' || strcmp(s->best, s->given) == 0)
		hint[0] = '\0';
	else
		snprintf(hint, V2M_SUGGEST_HINT, ": did you mean '%s'?",
		    s->best);
	return hint;
}

const char *
v2m_suggest_of(const char *given, const char *words,
    char hint[V2M_SUGGEST_HINT])
{
	struct v2m_suggest s;

	v2m_suggest_start(&s, given);
	v2m_suggest_offer_words(&s, words);
	return v2m_suggest_hint(&s, hint);
}
