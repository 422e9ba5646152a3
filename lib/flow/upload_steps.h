/* upload_steps.h - the steps that make a job of a video, both for a local file
 * (client/local_upload.c) and for bytes that a gateway receives
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

/* Fill *r for a new job, with a new ID.  It is not written to the store yet. */
void v2m_upload_step_describe(const struct v2m_upload_facts *in,
    struct v2m_record *r);

/* Set the file's name, if it becomes known only later. */
void v2m_upload_step_name(struct v2m_record *r, const char *name);

/* Write the record, in state `new` and with a lease, before the first byte of
 * the video. */
int v2m_upload_step_begin(struct v2m_services *s, struct v2m_record *r,
    struct v2m_err *err);

/* While bytes come: renew the record's lease for lease_ms from now, if less
 * than half of that is left.  V2M_TEMP: the record was removed meanwhile. */
int v2m_upload_step_renew(struct v2m_services *s, struct v2m_record *r,
    int64_t lease_ms, struct v2m_err *err);

/* Set err: V2M_DATA, naming max_upload.  Returns -1. */
int v2m_upload_too_large(int64_t limit, struct v2m_err *err);

/* Has the owner another job for the same bytes and options, which has an MP3 or
 * will have one?  If it is not certain whether that job was accepted, it is
 * accepted now.  1 with id; 0; -1. */
int v2m_upload_step_existing(struct v2m_services *s, const struct v2m_record *r,
    const char *sha256, char id[V2M_ID_SIZE], struct v2m_err *err);

/* Does the file have the sound that the settings want?  0: yes; -1: no.  1: not
 * known, as the check itself failed, and not because of the file: accept the
 * file, and log err, which says why. */
int v2m_upload_step_check(struct v2m_media *media,
    const struct v2m_media_input *in, const struct v2m_settings *settings,
    v2m_media_tick *tick, void *tick_arg, struct v2m_err *err);

/* The same for the stored video, with the options of the record. */
int v2m_upload_step_probe(struct v2m_services *s, struct v2m_media *media,
    const struct v2m_record *r, v2m_media_tick *tick, struct v2m_err *err);

/* Write length and digest of the stored video into the record.  V2M_TEMP: the
 * record was removed meanwhile. */
int v2m_upload_step_stored(struct v2m_services *s, struct v2m_record *r,
    const struct v2m_object *video, struct v2m_err *err);

/* Queue the job, or hold it.  *out: a message may have been published, even if
 * this failed. */
int v2m_upload_step_accept(struct v2m_services *s, struct v2m_record *r,
    bool *out, struct v2m_err *err);

/* Undo all steps.  message_out: *out of v2m_upload_step_accept().  -1: undone;
 * nothing stays, or only what v2m-prune removes.  0: a worker has the job
 * already, so it is accepted.  1: it could not be undone, and it is not known
 * whether the job is accepted. */
int v2m_upload_step_undo(struct v2m_services *s, struct v2m_record *r,
    bool message_out);

/* Set err: V2M_TEMP, the job may have been accepted as id, and the message that
 * err had before.  Returns -1. */
int v2m_upload_maybe(const char *id, struct v2m_err *err);

#endif
