/* prune_rules.h - what was kept long enough, and why: by records and keys of
 * the configuration alone.  prune.c looks at what is stored, and removes. */
#ifndef V2M_FLOW_PRUNE_RULES_H
#define V2M_FLOW_PRUNE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "store/record.h"

/* Why something is removed. */
enum v2m_prune_why {
	V2M_PRUNE_STAYS,		/* it is not */
	V2M_PRUNE_KEEP_VIDEOS,		/* these five: the time that the key */
	V2M_PRUNE_KEEP_FETCHED,		/* says is over */
	V2M_PRUNE_KEEP_UNFETCHED,
	V2M_PRUNE_KEEP_FAILED,
	V2M_PRUNE_KEEP_RECORDS,
	V2M_PRUNE_REMOVED,		/* by its owner */
	V2M_PRUNE_NO_MP3,		/* a video whose MP3 is gone */
	V2M_PRUNE_WAS_PRUNED,		/* by a run that broke off */
	V2M_PRUNE_UNKNOWN,		/* ours, and there is no record */
	V2M_PRUNE_UNNAMED,		/* the record has another MP3 */
	V2M_PRUNE_FOREIGN,		/* not ours, and there is no record */
	V2M_PRUNE_NEVER_ENDED,		/* an upload */
	V2M_PRUNE_NOT_CONTINUED,	/* a resumable upload */
	V2M_PRUNE_WRITER_DIED,		/* a temporary file */
};

/* For people and JSON: "keep_videos", "no record knows it". */
const char *v2m_prune_word(enum v2m_prune_why why);

/* Is it one of the five keys? */
bool v2m_prune_is_kept_time(enum v2m_prune_why why);

struct v2m_prune_rules {
	int64_t now;		/* wall ms, of the store */
	int64_t videos, fetched, unfetched, failed, records;	/* keep_... */
	int64_t notify_ms;	/* how long a notification may be on its way */
};

/* Set all but now. */
void v2m_prune_rules_read(struct v2m_prune_rules *rules,
    const struct v2m_conf *conf);

/* Has it been so for the time keep?  0: for ever. */
bool v2m_prune_is_over(const struct v2m_prune_rules *rules, int64_t since,
    int64_t keep);

/* When the job ended. */
int64_t v2m_prune_ended_at(const struct v2m_record *r);

/* Why the record's MP3 or its video is removed, or V2M_PRUNE_STAYS. */
enum v2m_prune_why v2m_prune_mp3(const struct v2m_prune_rules *rules,
    const struct v2m_record *r);
enum v2m_prune_why v2m_prune_video(const struct v2m_prune_rules *rules,
    const struct v2m_record *r);

/* Is the record of a job that has ended removed, if its video is gone? */
bool v2m_prune_record(const struct v2m_prune_rules *rules,
    const struct v2m_record *r);

/* If the job had always been as in this record, would v2m_prune() have removed
 * it by now, with its MP3 and its video?  Only the record is looked at. */
bool v2m_prune_forgets(const struct v2m_conf *conf, const struct v2m_record *r,
    int64_t now);

#endif
