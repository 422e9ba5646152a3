#include "flow/status_filter.h"

#include <stdio.h>
#include <string.h>

#include "base/fold.h"
#include "flow/status.h"

#define LIST_MOST 128

/* The word of each bit, and its state in a record. */
static const struct {
	const char *word;
	enum v2m_state state;
} words[] = {
	{ "new", V2M_JOB_NEW },
	{ "held", V2M_JOB_HELD },
	{ "queued", V2M_JOB_QUEUED },
	{ "converting", V2M_JOB_RUNNING },
	{ "done", V2M_JOB_DONE },
	{ "warnings", V2M_JOB_DONE },
	{ "expired", V2M_JOB_DONE },
	{ "failed", V2M_JOB_FAILED },
	{ "removed", V2M_JOB_CANCELLED },
};

#define N (sizeof words / sizeof words[0])

void
v2m_status_suggest(struct v2m_suggest *s, const char *word)
{
	size_t i;

	v2m_suggest_start(s, word);
	for (i = 0; i < N; i++)
		v2m_suggest_offer(s, words[i].word);
}

static unsigned
of_state(enum v2m_state state)
{
	unsigned bits = 0;
	size_t i;

	for (i = 0; i < N; i++)
		if (words[i].state == state)
			bits |= 1u << i;
	return bits;
}

static unsigned
of_word(const char *word)
{
	int state = v2m_state_parse(word);
	size_t i;

	if (state >= 0)
		return of_state((enum v2m_state)state);
	for (i = 0; i < N; i++)
		if (strcmp(words[i].word, word) == 0)
			return 1u << i;
	return 0;
}

static int
unknown_word(const char *word, struct v2m_err *err)
{
	char list[LIST_MOST], hint[V2M_SUGGEST_HINT];
	struct v2m_suggest s;
	size_t i, at = 0;

	v2m_status_suggest(&s, word);
	if (v2m_suggest_best(&s) != NULL)
		return v2m_err_set(err, V2M_USAGE, "unknown state '%s'%s",
		    word, v2m_suggest_hint(&s, hint));
	for (i = 0; i < N; i++)
		at += (size_t)snprintf(list + at, sizeof list - at, " %s",
		    words[i].word);
	return v2m_err_set(err, V2M_USAGE, "unknown state '%s': use one of%s, "
	    "or several with commas between them", word, list);
}

int
v2m_status_states(const char *list, unsigned *states, struct v2m_err *err)
{
	char word[V2M_SUGGEST_MAX];
	unsigned bits;
	size_t n;

	*states = 0;
	for (;; list += n + 1) {
		n = strcspn(list, ",");
		snprintf(word, sizeof word, "%.*s", (int)n, list);
		if ((bits = of_word(word)) == 0)
			return unknown_word(word, err);
		*states |= bits;
		if (list[n] == '\0')
			return 0;
	}
}

int
v2m_status_filter_state(const struct v2m_status_filter *f)
{
	int state;

	for (state = V2M_JOB_NEW; state < V2M_JOB_STATES; state++)
		if (f->states != 0 &&
		    (f->states & ~of_state((enum v2m_state)state)) == 0)
			return state;
	return -1;
}

bool
v2m_status_matches(const struct v2m_status_filter *f,
    const struct v2m_record *r)
{
	const char *word = v2m_status_word(r);
	unsigned states = f->states != 0 ? f->states :
	    ~of_state(V2M_JOB_CANCELLED);
	size_t i;

	for (i = 0; i < N; i++)
		if (strcmp(words[i].word, word) == 0)
			return (states & 1u << i) != 0 && (f->name == NULL ||
			    v2m_fold_has(r->name, f->name));
	return false;
}
