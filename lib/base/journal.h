/* journal.h - the log's lines as entries of systemd's journal, with fields.
 *
 * The native protocol: NAME=value lines in a datagram.  A line of text on
 * stderr would end there too, but without a priority and without the job to
 * search for: `journalctl V2M_JOB=ID`.  Thread-safe once opened.
 */
#ifndef V2M_BASE_JOURNAL_H
#define V2M_BASE_JOURNAL_H

#include <stdbool.h>

/* As syslog(3) has them. */
enum v2m_priority {
	V2M_PRIORITY_WARNING = 4,
	V2M_PRIORITY_NOTICE = 5,
	V2M_PRIORITY_INFO = 6,
	V2M_PRIORITY_DEBUG = 7,
};

/* If stderr goes to the journal, as JOURNAL_STREAM says, connect to it.
 * program is our name there.  Call before there are threads. */
void v2m_journal_open(const char *program);

/* Does stderr go to the journal, and is it connected? */
bool v2m_journal_is_open(void);

/* Send an entry: text without control characters; job and event may be NULL.
 * false: the journal did not take it, or is not connected. */
bool v2m_journal_send(enum v2m_priority priority, const char *job,
    const char *event, const char *text);

#endif
