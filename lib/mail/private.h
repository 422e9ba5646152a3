/* private.h - what the files of lib/mail share.
 *
 * The texts of a notification are not trusted; texts that are returned here are
 * clean (see base/text.h).  Thread-safe: there is no global state.
 */
#ifndef V2M_MAIL_PRIVATE_H
#define V2M_MAIL_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "mail/mail.h"

/* --- template.c --- */

enum v2m_fact {
	V2M_FACT_ID,
	V2M_FACT_MP3,
	V2M_FACT_MP3_NAME,
	V2M_FACT_NAME,
	V2M_FACT_DURATION,
	V2M_FACT_SIZE,
	V2M_FACT_REASON,
	V2M_FACT_WARNINGS,
	V2M_FACT_TO,
	V2M_FACT_COUNT
};

/* One outcome's half of a template.  Pointers into the template. */
struct v2m_template_part {
	char *subject;
	char *text;
	unsigned line;		/* of its [section] */
};

struct v2m_template {
	char *source;
	struct v2m_template_part done, failed;
};

/* The facts as a template sees them: clean, one line each. */
struct v2m_facts {
	char *values[V2M_FACT_COUNT];	/* never NULL once made */
	char **warnings;		/* NULL-ended */
};

/* Read the file, or take the built-in one where path is "", and check all of
 * it: both sections, every fact.  V2M_CONFIG with file and line, V2M_TEMP. */
int v2m_template_load(struct v2m_template *t, const char *path,
    struct v2m_err *err);
void v2m_template_release(struct v2m_template *t);

/* --- fill.c --- */

/* s points at a '{'.  The fact that begins there, and *n, the length of
 * "{fact}"; -1: there is none. */
int v2m_fact_at(const char *s, size_t *n);

/* Write the subject (one line, without an end) or the text (lines end with LF)
 * with the facts filled in.  Braces in a fact have no meaning. */
void v2m_template_subject(FILE *out, const struct v2m_template_part *part,
    const struct v2m_facts *facts);
void v2m_template_text(FILE *out, const struct v2m_template_part *part,
    const struct v2m_facts *facts);

/* --- compose.c --- */

/* The sender and the template, as v2m_mail_compose() would check them. */
int v2m_mail_check(const struct v2m_conf *conf, struct v2m_err *err);

/* --- facts.c --- */

/* Clean copies of all that a template may ask for.  V2M_TEMP. */
int v2m_facts_make(struct v2m_facts *facts,
    const struct v2m_notification *notification, struct v2m_err *err);
void v2m_facts_release(struct v2m_facts *facts);

/* "done" or "failed". */
const char *v2m_notification_outcome(
    const struct v2m_notification *notification);

/* The warnings in one text, "a; b", clean.  Caller frees.  NULL: no memory. */
char *v2m_notification_warnings(const struct v2m_notification *notification);

/* --- rfc2047.c --- */

/* Write "name: text" CRLF; text must be clean UTF-8 in one line.  Anything but
 * short printable ASCII goes out as encoded words of at most 75 characters,
 * folded on characters' borders. */
void v2m_header_text(FILE *out, const char *name, const char *text);

/* Write "name: phrase <address>" CRLF; phrase "" leaves the bare address. */
void v2m_header_mailbox(FILE *out, const char *name, const char *phrase,
    const char *address);

/* --- body.c --- */

/* Must this text (lines end with LF) be quoted-printable, or can it travel as
 * it is? */
bool v2m_body_needs_qp(const char *text);

/* Write it with CRLF, quoted-printable (RFC 2045) where qp says so. */
void v2m_body_write(FILE *out, const char *text, bool qp);

/* --- env.c --- */

/* The environment of a program that delivers: ours, without secrets, and with
 * the facts where notification is not NULL.  NULL: no memory. */
char **v2m_mail_env(const struct v2m_notification *notification,
    const struct v2m_mail_message *message);
void v2m_mail_env_free(char **env);	/* NULL is fine */

/* --- run.c --- */

struct v2m_run {
	const char *path;		/* absolute */
	char *const *argv, *const *env;	/* NULL-ended */
	int64_t timeout_ms;		/* then it is killed */
	int64_t drain_ms;		/* the same, from SIGTERM on */
	bool hook;			/* of the administrator's, not a mail
					 * program */
};

/* Run the program in a session of its own, with the message on stdin (lines end
 * with LF), without stdout and without our descriptors.  name is its name in
 * messages; the reason of a failure is the last line that it wrote to stderr.
 * Returns as v2m_mailer_send(), by the exit status: 0: accepted; 129 to 192, a
 * signal and a time-out: not known; 64 to 68 and 77: refused; 71, 74, 75, 78,
 * 126 and 127 of a mail program: temporary; all others: V2M_IO. */
int v2m_run(const struct v2m_run *run, const char *name,
    const struct v2m_mail_message *message, struct v2m_err *err);

#endif
