/* suggest.h - "did you mean": the known word that is nearest to a mistyped one.
 *
 *	struct v2m_suggest s;
 *
 *	v2m_suggest_start(&s, given);
 *	for (each known word)
 *		v2m_suggest_offer(&s, word);
 *	... "unknown tag '%s'%s", given, v2m_suggest_hint(&s, hint) ...
 *
 * A word is near if one letter was added, left out, changed, or swapped with
 * its neighbour; two such mistakes in words of five or more letters, none in
 * words of one or two.  The first letters of a word, at least three, are near
 * to it, too.  Case does not matter, and '_' equals '-'.  Reentrant.
 */
#ifndef V2M_BASE_SUGGEST_H
#define V2M_BASE_SUGGEST_H

#include <stddef.h>

#define V2M_SUGGEST_MAX 64	/* longer words are near to none */
#define V2M_SUGGEST_HINT 96
#define V2M_SUGGEST_TYPO 2

struct v2m_suggest {
	const char *given;		/* borrowed */
	char best[V2M_SUGGEST_MAX];	/* "": none so far */
	size_t distance;		/* of best, in mistakes; above
					 * V2M_SUGGEST_TYPO: only its first
					 * letters were given */
};

void v2m_suggest_start(struct v2m_suggest *s, const char *given);

/* The first of equally near ones is kept. */
void v2m_suggest_offer(struct v2m_suggest *s, const char *word);

/* The same for all words of a text, separated by blanks or commas. */
void v2m_suggest_offer_words(struct v2m_suggest *s, const char *words);

/* The nearest word, valid until s changes; NULL: none is near. */
const char *v2m_suggest_best(const struct v2m_suggest *s);

/* ": did you mean 'word'?", or "".  Returns hint. */
const char *v2m_suggest_hint(const struct v2m_suggest *s,
    char hint[V2M_SUGGEST_HINT]);

/* All of this in one call, for the words of one text. */
const char *v2m_suggest_of(const char *given, const char *words,
    char hint[V2M_SUGGEST_HINT]);

#endif
