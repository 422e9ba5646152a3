#include "store/record.h"

#include <string.h>

static const char *const words[] = {
	[V2M_JOB_NEW] = "new",
	[V2M_JOB_HELD] = "held",
	[V2M_JOB_QUEUED] = "queued",
	[V2M_JOB_RUNNING] = "running",
	[V2M_JOB_DONE] = "done",
	[V2M_JOB_FAILED] = "failed",
	[V2M_JOB_CANCELLED] = "cancelled",
};

#define NWORDS (sizeof words / sizeof words[0])

const char *
v2m_state_word(enum v2m_state state)
{
	return (size_t)state < NWORDS ? words[state] : "unknown";
}

int
v2m_state_parse(const char *word)
{
	size_t i;

	for (i = 0; i < NWORDS; i++)
		if (strcmp(words[i], word) == 0)
			return (int)i;
	return -1;
}

/* name: as it is stored, which stays what it was when a field is renamed. */
#define FIELD(name, field, kind) { name, kind, \
    offsetof(struct v2m_record, field), \
    sizeof ((struct v2m_record *)0)->field }
#define TEXT_AS(name, field) FIELD(name, field, V2M_FIELD_TEXT)
#define INT_AS(name, field) FIELD(name, field, V2M_FIELD_INT)
#define TEXT(field) TEXT_AS(#field, field)
#define INT(field) INT_AS(#field, field)

const struct v2m_field v2m_record_fields[] = {
	TEXT(owner),
	TEXT(name),
	INT(length),
	TEXT(sha256),
	TEXT(options),
	INT(state),
	TEXT(via),
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
	TEXT_AS("told", notify_state),
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
	{ NULL, V2M_FIELD_INT, 0, 0 },
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
