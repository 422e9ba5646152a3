/* upload_steps.h - the steps that make a stored video a job, for whoever stores
 * it: a file that is read (client/local_upload.c) or bytes that are sent
 * (upload_stream.h). */
#ifndef V2M_FLOW_UPLOAD_STEPS_H
#define V2M_FLOW_UPLOAD_STEPS_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/services.h"
#include "media/media.h"
#include "media/settings.h"

/* What is known of an upload before its bytes. */
struct v2m_upload_facts {
	const char *owner;		/* a normalised e-mail */
	const char *name;		/* the file's name, any bytes */
	const struct v2m_settings *settings;
	bool queue;			/* false: hold it */
};

/* Fill *r for a new job, with a new ID.  It is not written yet. */
void v2m_upload_step_describe(const struct v2m_upload_facts *in,
    struct v2m_record *r);

/* The file's name, where it is known only later. */
void v2m_upload_step_name(struct v2m_record *r, const char *name);

/* Write the record, in state `new`, before the first byte of the video, under a
 * lease of the length `lease`. */
int v2m_upload_step_begin(struct v2m_services *s, struct v2m_record *r,
    struct v2m_err *err);

/* Bytes come: renew the record's lease, where half of it is over, for lease_ms
 * from now on.  V2M_TEMP: the record was removed meanwhile. */
int v2m_upload_step_renew(struct v2m_services *s, struct v2m_record *r,
    int64_t lease_ms, struct v2m_err *err);

/* Set err: V2M_DATA, naming max_upload.  Returns -1. */
int v2m_upload_too_large(int64_t limit, struct v2m_err *err);

/* Has the owner another job already for these bytes and options, that will have
 * an MP3 or has it?  One that may have been accepted is accepted with that.  1
 * with id; 0; -1. */
int v2m_upload_step_existing(struct v2m_services *s, const struct v2m_record *r,
    const char *sha256, char id[V2M_ID_SIZE], struct v2m_err *err);

/* Look for the sound that the settings want.  1: it is not known, for the check
 * itself came to an end that is no fault of the file's; it is to be accepted,
 * and err, which says why, to be logged. */
int v2m_upload_step_check(struct v2m_media *media,
    const struct v2m_media_input *in, const struct v2m_settings *settings,
    v2m_media_tick *tick, void *tick_arg, struct v2m_err *err);

/* The same in the stored video, as the record's options have it. */
int v2m_upload_step_probe(struct v2m_services *s, struct v2m_media *media,
    const struct v2m_record *r, v2m_media_tick *tick, struct v2m_err *err);

/* Write length and digest of the stored video into the record.  V2M_TEMP: the
 * record was removed meanwhile. */
int v2m_upload_step_stored(struct v2m_services *s, struct v2m_record *r,
    const struct v2m_object *video, struct v2m_err *err);

/* Queue the job, or hold it.  *out: a message may be on its way, also after a
 * failure. */
int v2m_upload_step_accept(struct v2m_services *s, struct v2m_record *r,
    bool *out, struct v2m_err *err);

/* Undo all steps.  Returns 0 where a worker was faster: then the job is
 * accepted; 1 where that could not be undone, so that it may be accepted or
 * not; else -1, and nothing stays, or only what v2m-prune removes. */
int v2m_upload_step_undo(struct v2m_services *s, struct v2m_record *r,
    bool message_out);

/* Set err: V2M_TEMP, the job may have been accepted as id, with what err said
 * before.  Returns -1. */
int v2m_upload_maybe(const char *id, struct v2m_err *err);

#endif
