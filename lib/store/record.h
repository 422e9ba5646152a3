/* record.h - the record of a job: all that v2m knows about it.
 *
 * This is only its structure; lib/flow/job.h says which changes are allowed.
 * Drivers read a table of fields, so that none of them names a field.  Texts
 * are clean and have a maximum size, times are wall time in milliseconds, and 0
 * or "" means "none".
 */
#ifndef V2M_STORE_RECORD_H
#define V2M_STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/id.h"
#include "base/text.h"

enum v2m_state {
	V2M_JOB_NEW,		/* being stored, or not yet accepted */
	V2M_JOB_HELD,		/* stored with --no-queue: a worker that is
				 * given its ID converts it */
	V2M_JOB_QUEUED,		/* accepted */
	V2M_JOB_RUNNING,	/* a worker has the lease */
	V2M_JOB_DONE,		/* mp3 names the result */
	V2M_JOB_FAILED,		/* for good, with a reason */
	V2M_JOB_CANCELLED,	/* the upload failed, or the owner removed it */
};

#define V2M_JOB_STATES (V2M_JOB_CANCELLED + 1)

/* "new", "held", "queued", ... and back; -1 for another word. */
const char *v2m_state_word(enum v2m_state state);
int v2m_state_parse(const char *word);

/* How a job's message travels.  Jobs of an older v2m may have
 * V2M_VIA_UNKNOWN. */
enum v2m_via {
	V2M_VIA_UNKNOWN,
	V2M_VIA_QUEUE,
	V2M_VIA_PIPE,		/* not swept, and no notification */
};

/* The state of the notification of the owner about the end of a job. */
enum v2m_told {
	V2M_TOLD_NOT_YET,
	V2M_TOLD_SENDING,	/* a notifier has the lease */
	V2M_TOLD_SENT,
	V2M_TOLD_MAYBE,		/* it may have arrived */
	V2M_TOLD_FAILED,	/* for good, with a reason */
	V2M_TOLD_NEVER,		/* none is to be sent */
};

/* The words that are stored and shown: "", "queue", "pipe"; and "", "sending",
 * "sent", "sent?", "failed", "never".  Back: an unknown word, which a newer v2m
 * may have written, is read as V2M_VIA_QUEUE, or V2M_TOLD_NEVER. */
const char *v2m_via_word(enum v2m_via via);
const char *v2m_told_word(enum v2m_told told);
enum v2m_told v2m_told_parse(const char *word);

/* Is the notification finished, successfully or not? */
bool v2m_told_is_over(enum v2m_told told);

#define V2M_HOLDER_SIZE 33	/* 32 hex digits and the NUL */

struct v2m_record {
	char id[V2M_ID_SIZE];		/* of the video, and of the job */
	int64_t rev;			/* counts changes: compare-and-set */
	char owner[V2M_EMAIL_MAX];
	char name[V2M_NAME_MAX];	/* the upload's file name */
	int64_t length;			/* of the video, in bytes */
	char sha256[V2M_SHA256_HEX];	/* of the video */
	char options[2048];		/* media/settings.h's text form */
	int64_t state;			/* enum v2m_state */
	int64_t via;			/* enum v2m_via */
	int64_t created_at;
	int64_t queued_at;		/* when its message was last published,
					 * or given back */
	int64_t requeued_at;		/* when one was published again, or
					 * skipped; 0: never */
	int64_t due;			/* it must not run before */
	int64_t first_tried_at;		/* first failed try; 0: none */
	int64_t attempts;		/* runs that failed by its own fault */
	int64_t lost;			/* leases that ran out */
	int64_t tries;			/* temporary failures in a row; the
					 * pauses grow with it */
	char reason[512];		/* of the last failure */
	int64_t failure;		/* and its exit status */
	char warnings[2048];		/* a JSON array of texts; "": none */
	char holder[V2M_HOLDER_SIZE];	/* of the lease */
	int64_t fence;			/* counts claims */
	int64_t until;			/* the end of the lease */
	int64_t lease_ms;		/* its length; 0: not known */
	int64_t progress;		/* percent while running; -1: unknown */
	int64_t generation;		/* counts deliberate repetitions */
	char mp3[V2M_ID_SIZE];		/* the result */
	int64_t mp3_length;		/* bytes */
	char mp3_sha256[V2M_SHA256_HEX];
	int64_t duration_ms;		/* of the result */
	int64_t done_at;		/* when it became done or failed */
	int64_t end_published_at;	/* stored as "announced" */
	int64_t end_again_at;		/* when a sweep announced it again;
					 * stored as "announced_again" */
	/* Of the notification; stored as "told", "told_generation", ... */
	int64_t told;			/* enum v2m_told */
	int64_t notify_generation;	/* which end it was about */
	int64_t notify_tries;
	char notify_holder[V2M_HOLDER_SIZE];
	int64_t notify_until;		/* the end of the notifier's lease */
	int64_t notify_lease_ms;	/* its length; 0: not known */
	char notify_reason[256];	/* why it was not delivered */
	int64_t notify_failure;		/* and its exit status */
	int64_t notify_since;		/* the first try; 0: none */
	int64_t notify_due;		/* it must not be tried before */
	int64_t notify_pauses;		/* how often it waited so far */
	int64_t notify_refusals;	/* of these, after a program that failed
					 * without telling why */
	int64_t fetched_at;
	int64_t video_gone;		/* when it was pruned; 0: it is kept */
};

enum v2m_field_kind {
	V2M_FIELD_TEXT,
	V2M_FIELD_INT,
	V2M_FIELD_WORD,		/* a number of an enum here, stored as a word */
};

struct v2m_words;

struct v2m_field {
	const char *name;
	enum v2m_field_kind kind;
	size_t offset, size;
	const struct v2m_words *words;	/* of V2M_FIELD_WORD */
};

/* Every field but id and rev; the last entry has the name NULL. */
extern const struct v2m_field v2m_record_fields[];

/* A field's place in a record. */
char *v2m_field_text(struct v2m_record *r, const struct v2m_field *f);
int64_t *v2m_field_int(struct v2m_record *r, const struct v2m_field *f);

/* For drivers.  The stored form of a field: a text (borrowed from the record),
 * or NULL with the number in *n.  And reading a stored text into the record. */
const char *v2m_field_stored(const struct v2m_record *r,
    const struct v2m_field *f, int64_t *n);
void v2m_field_read(struct v2m_record *r, const struct v2m_field *f,
    const char *text);

/* Must a change write this field?  Fields that do not differ are not written: a
 * newer v2m may have stored a word or a longer text there, which must stay. */
bool v2m_field_differs(const struct v2m_record *a, const struct v2m_record *b,
    const struct v2m_field *f);

#endif
