/* sqlite_index.h - conditions that indexes and queries of records share.
 *
 * SQLite uses an index with a condition only if the query has that condition
 * too, word for word.  Private to the sqlite driver.
 */
#ifndef V2M_STORE_SQLITE_INDEX_H
#define V2M_STORE_SQLITE_INDEX_H

#include "store/record.h"

/* The conditions of enum v2m_old, and the times from which the age counts. */
#define V2M_SQLITE_HAS_VIDEO "state = 4 AND video_gone = 0"
#define V2M_SQLITE_FETCHED "state = 4 AND mp3 <> '' AND fetched_at <> 0"
#define V2M_SQLITE_UNFETCHED "state = 4 AND mp3 <> '' AND fetched_at = 0"
#define V2M_SQLITE_HAS_FAILED "state = 5 AND (video_gone = 0 OR mp3 <> '')"
#define V2M_SQLITE_IS_EMPTY "(state = 6 OR (state IN (4, 5) AND mp3 = ''))"
#define V2M_SQLITE_ENDED "CASE done_at WHEN 0 THEN created_at ELSE done_at END"
#define V2M_SQLITE_TOUCHED "max(" V2M_SQLITE_ENDED ", queued_at, " \
	"fetched_at, video_gone)"
_Static_assert(V2M_JOB_DONE == 4 && V2M_JOB_FAILED == 5 &&
    V2M_JOB_CANCELLED == 6, "the states that the indexes name");

/* Ends that are not told yet, or could not be; jobs that no worker had. */
#define V2M_SQLITE_UNTOLD "told IN ('', 'sending')"
#define V2M_SQLITE_UNDELIVERED "told IN ('failed', 'sent?')"
#define V2M_SQLITE_FRESH "state = 2 AND fence = 0"
_Static_assert(V2M_JOB_QUEUED == 2, "the state that the index names");

#endif
