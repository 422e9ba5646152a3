/* status.h - a job's record as commands and the gateway show it. */
#ifndef V2M_FLOW_STATUS_H
#define V2M_FLOW_STATUS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "store/record.h"

/* "converting" for running, "removed" for cancelled, else the state's word; a
 * done one with warnings is "warnings", without its MP3 "expired". */
const char *v2m_status_word(const struct v2m_record *r);

/* For who is no administrator: where the trouble is the service's and not the
 * job's, its reason names folders, servers and free space.  Plain words come
 * in its place. */
void v2m_status_hide(struct v2m_record *r);

/* One object for a program: id, state, percent, name, length, options,
 * created (RFC 3339), and, as far as it got: mp3, mp3_length, duration_s,
 * warnings, reason, attempts, told, fetched.  Caller drops the reference. */
json_t *v2m_status_json(const struct v2m_record *r);

/* One line with the ID first, tab-separated: ID, state, percent, file name,
 * bytes of the video, bytes of the MP3, milliseconds of sound, seconds since
 * the upload, reason or warnings.  "-" stands for what is not known. */
void v2m_status_line(FILE *out, const struct v2m_record *r, int64_t now_ms);

/* Why it failed or pauses, or its warnings, and whether its notice failed,
 * joined by "; ", in at most size bytes; "" where there is nothing to say. */
void v2m_status_remark(char *dst, size_t size, const struct v2m_record *r);

#endif
