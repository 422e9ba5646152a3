#include "store/record.h"

#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const char *const states[] = {
	[V2M_JOB_NEW] = "new",
	[V2M_JOB_HELD] = "held",
	[V2M_JOB_QUEUED] = "queued",
	[V2M_JOB_RUNNING] = "running",
	[V2M_JOB_DONE] = "done",
	[V2M_JOB_FAILED] = "failed",
	[V2M_JOB_CANCELLED] = "cancelled",
};

const char *
v2m_state_word(enum v2m_state state)
{
	return (size_t)state < COUNT(states) ? states[state] : "unknown";
}

int
v2m_state_parse(const char *word)
{
	size_t i;

	for (i = 0; i < COUNT(states); i++)
		if (strcmp(states[i], word) == 0)
			return (int)i;
	return -1;
}

struct v2m_words {
	const char *const *words;
	size_t n;
	int64_t other;		/* the number of an unknown word */
};

static const char *const vias[] = {
	[V2M_VIA_UNKNOWN] = "",
	[V2M_VIA_QUEUE] = "queue",
	[V2M_VIA_PIPE] = "pipe",
};

static const char *const tolds[] = {
	[V2M_TOLD_NOT_YET] = "",
	[V2M_TOLD_SENDING] = "sending",
	[V2M_TOLD_SENT] = "sent",
	[V2M_TOLD_MAYBE] = "sent?",
	[V2M_TOLD_FAILED] = "failed",
	[V2M_TOLD_NEVER] = "never",
};

static const struct v2m_words via_words = { vias, COUNT(vias), V2M_VIA_QUEUE };
static const struct v2m_words told_words = { tolds, COUNT(tolds),
	V2M_TOLD_NEVER };

static const char *
word_of(const struct v2m_words *list, int64_t n)
{
	return list->words[n >= 0 && (size_t)n < list->n ? n : list->other];
}

static int64_t
number_of(const struct v2m_words *list, const char *word)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->words[i], word) == 0)
			return (int64_t)i;
	return list->other;
}

const char *
v2m_via_word(enum v2m_via via)
{
	return word_of(&via_words, via);
}

const char *
v2m_told_word(enum v2m_told told)
{
	return word_of(&told_words, told);
}

enum v2m_told
v2m_told_parse(const char *word)
{
	return (enum v2m_told)number_of(&told_words, word);
}

bool
v2m_told_is_over(enum v2m_told told)
{
	return told != V2M_TOLD_NOT_YET && told != V2M_TOLD_SENDING;
}

/* name: as it is stored; it stays even if the field is renamed. */
#define FIELD(name, field, kind, words) { name, kind, \
    offsetof(struct v2m_record, field), \
    sizeof ((struct v2m_record *)0)->field, words }
#define TEXT_AS(name, field) FIELD(name, field, V2M_FIELD_TEXT, NULL)
#define INT_AS(name, field) FIELD(name, field, V2M_FIELD_INT, NULL)
#define WORD(field, words) FIELD(#field, field, V2M_FIELD_WORD, words)
#define TEXT(field) TEXT_AS(#field, field)
#define INT(field) INT_AS(#field, field)

const struct v2m_field v2m_record_fields[] = {
	TEXT(owner),
	TEXT(name),
	INT(length),
	TEXT(sha256),
	TEXT(options),
	INT(state),
	WORD(via, &via_words),
	INT(created_at),
	INT(queued_at),
	INT(requeued_at),
	INT(due),
	INT(first_tried_at),
	INT(attempts),
	INT(lost),
	INT(tries),
	TEXT(reason),
	INT(failure),
	TEXT(warnings),
	TEXT(holder),
	INT(fence),
	INT(until),
	INT(lease_ms),
	INT(progress),
	INT(generation),
	TEXT(mp3),
	INT(mp3_length),
	TEXT(mp3_sha256),
	INT(duration_ms),
	INT(done_at),
	INT_AS("announced", end_published_at),
	INT_AS("announced_again", end_again_at),
	WORD(told, &told_words),
	INT_AS("told_generation", notify_generation),
	INT_AS("told_tries", notify_tries),
	TEXT_AS("told_holder", notify_holder),
	INT_AS("told_until", notify_until),
	INT_AS("told_lease_ms", notify_lease_ms),
	TEXT_AS("told_reason", notify_reason),
	INT_AS("told_failure", notify_failure),
	INT_AS("told_since", notify_since),
	INT_AS("told_due", notify_due),
	INT_AS("told_pauses", notify_pauses),
	INT_AS("told_refusals", notify_refusals),
	INT(fetched_at),
	INT(video_gone),
	{ NULL, V2M_FIELD_INT, 0, 0, NULL },
};

char *
v2m_field_text(struct v2m_record *r, const struct v2m_field *f)
{
	return (char *)r + f->offset;
}

int64_t *
v2m_field_int(struct v2m_record *r, const struct v2m_field *f)
{
	return (int64_t *)(void *)((char *)r + f->offset);
}

const char *
v2m_field_stored(const struct v2m_record *r, const struct v2m_field *f,
    int64_t *n)
{
	const char *at = (const char *)r + f->offset;

	if (f->kind == V2M_FIELD_TEXT)
		return at;
	memcpy(n, at, sizeof *n);
	return f->kind == V2M_FIELD_WORD ? word_of(f->words, *n) : NULL;
}

void
v2m_field_read(struct v2m_record *r, const struct v2m_field *f,
    const char *text)
{
	if (f->kind == V2M_FIELD_WORD)
		*v2m_field_int(r, f) = number_of(f->words, text);
	else
		v2m_text_copy(v2m_field_text(r, f), f->size, text);
}

bool
v2m_field_differs(const struct v2m_record *a, const struct v2m_record *b,
    const struct v2m_field *f)
{
	const char *one = (const char *)a + f->offset;
	const char *other = (const char *)b + f->offset;

	return f->kind == V2M_FIELD_TEXT ? strcmp(one, other) != 0 :
	    memcmp(one, other, f->size) != 0;
}
