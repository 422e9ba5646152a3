/* status.h - a job's record as commands and the gateway show it. */
#ifndef V2M_FLOW_STATUS_H
#define V2M_FLOW_STATUS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "store/record.h"

/* "converting" for running, "removed" for cancelled, "warnings" for done with
 * warnings, "expired" for done without its MP3; else the word of the state. */
const char *v2m_status_word(const struct v2m_record *r);

/* Change a record before it is shown to a user who is not an administrator: a
 * reason that is trouble of the service, and may name folders and servers, is
 * replaced by a general one. */
void v2m_status_hide(struct v2m_record *r);

/* One object for a program: id, state, percent, name, length, options,
 * created (RFC 3339), and, as far as it got: mp3, mp3_length, duration_s,
 * warnings, reason, attempts, told, fetched.  Caller drops the reference. */
json_t *v2m_status_json(const struct v2m_record *r);

/* Add what only concerns administrators: via, generation, lost, tries, runs,
 * announced, and, as far as they apply, lease_until and told_reason. */
void v2m_status_add_inner(json_t *o, const struct v2m_record *r);

/* One line with the ID first, tab-separated: ID, state, percent, file name,
 * bytes of the video, bytes of the MP3, milliseconds of sound, seconds since
 * the upload, reason or warnings.  "-" stands for what is not known. */
void v2m_status_line(FILE *out, const struct v2m_record *r, int64_t now_ms);

/* Why it failed or pauses, or its warnings, and whether its notice failed,
 * joined by "; ", in at most size bytes; "" where there is nothing to say. */
void v2m_status_remark(char *dst, size_t size, const struct v2m_record *r);

#endif
