/* mail.h - composes the notification to a job's owner, and delivers it.
 *
 * compose.c writes an Internet message (RFC 5322, MIME) from facts and a
 * template; a driver delivers it: log:, exec:COMMAND, sendmail:[PATH], smtp:.
 * No line break or control character of a file name or address reaches a header
 * or a shell.
 *
 * Thread safety: a struct v2m_mailer belongs to one thread.
 */
#ifndef V2M_MAIL_MAIL_H
#define V2M_MAIL_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/text.h"

/* The facts of one notification.  All texts are borrowed. */
struct v2m_notification {
	const char *id;			/* of the job */
	const char *to;			/* the owner's address */
	const char *name;		/* the upload's file name */
	const char *mp3_name;		/* what v2m-fetch will call it */
	const char *mp3;		/* ID of the MP3; "" when it failed */
	int64_t mp3_length;		/* bytes */
	int64_t duration_ms;
	const char *const *warnings;	/* NULL-ended */
	const char *reason;		/* why it failed; "" when it did not */
	int64_t generation;
};

struct v2m_mail_message {
	char *text;		/* the whole message, lines end with CRLF */
	size_t length;
	char *subject;		/* as people read it: one line of clean UTF-8 */
	char message_id[320];	/* with its angle brackets */
	char from[V2M_EMAIL_MAX];	/* the envelope's: a bare address */
};

/* Write the message.  Subject "MP3 Download" for a finished one (as existing
 * deployments have it), with the line "mp3 file_id: ID is now ready!"; a failed
 * one has another subject and never that line.  Message-ID is
 * <ID.GENERATION.OUTCOME@domain of mail_from>, the same on every machine.  The
 * template file (mail_template) has "done" and "failed" parts; see v2m.conf(5).
 * The job is done if the notification has an mp3, else it failed.  V2M_CONFIG:
 * the template cannot be read or has an unknown fact, or mail_from is not an
 * address.  V2M_DATA: the owner's address cannot be mailed to (one beyond ASCII
 * is only accepted with log: and exec:), or the ID is not valid.  V2M_TEMP.  On
 * failure there is nothing to release. */
int v2m_mail_compose(const struct v2m_conf *conf,
    const struct v2m_notification *notification,
    struct v2m_mail_message *message, struct v2m_err *err);
void v2m_mail_message_release(struct v2m_mail_message *message);

/* The built-in template, as a file would hold it. */
extern const char v2m_mail_template[];

/* Can the configured driver reach this address?  0: yes; 1: perhaps not, and
 * err says why; -1: never, V2M_USAGE.  log: and exec: accept any. */
int v2m_mail_reaches(const struct v2m_conf *conf, const char *address,
    struct v2m_err *err);

struct v2m_mailer;

#define V2M_MAIL_HOOK_TRIES 5

/* V2M_CONFIG: unknown scheme, no command, no sendmail there, a template or
 * sender that v2m_mail_compose() would refuse. */
struct v2m_mailer *v2m_mailer_open(const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_mailer_close(struct v2m_mailer *m);	/* NULL is fine */

/* Deliver.  0: the server or program has accepted it.  Else:
 * V2M_TEMP: try again later; also if the server refuses us, and not only this
 * notification.  V2M_IO: a program failed without a known reason: try again, at
 * most V2M_MAIL_HOOK_TRIES times.  V2M_UNAVAILABLE: refused for good, with the
 * reason.  V2M_DATA: the same, as there is no such address.  V2M_FAILED: it is
 * not known whether it was accepted (the connection broke, or it timed out).
 * Takes at most notify_timeout, and at most drain_timeout after a SIGTERM
 * (base/stop.h). */
int v2m_mailer_send(struct v2m_mailer *m,
    const struct v2m_notification *notification,
    const struct v2m_mail_message *message, struct v2m_err *err);

/* --- for drivers --- */

struct v2m_mail_ops {
	const char *scheme;
	void *(*open)(const struct v2m_conf *conf, struct v2m_err *err);
	void (*close)(void *self);
	int (*send)(void *self, const struct v2m_notification *notification,
	    const struct v2m_mail_message *message, struct v2m_err *err);
};

extern const struct v2m_mail_ops v2m_mail_log, v2m_mail_exec,
    v2m_mail_sendmail;

#endif
