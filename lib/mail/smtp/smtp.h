/* smtp.h - what the files of the SMTP driver share.
 *
 * driver.c sends, open.c reads the configuration, talk.c follows the
 * conversation and decides what its result means.  libcurl implements SMTP.
 *
 * A struct v2m_smtp keeps its connection from one mail to the next and belongs
 * to one thread.
 */
#ifndef V2M_MAIL_SMTP_H
#define V2M_MAIL_SMTP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mail/mail.h"

/* The conversation about one mail. */
struct v2m_smtp_talk {
	const char *text;		/* the message, borrowed */
	size_t length, given;		/* of it, and how much curl has */
	char command[16];		/* the last one: "RCPT"; "" none */
	bool complete;			/* it was answered to the end */
	bool leaving;			/* said QUIT since, */
	int64_t left_at;		/* at this time, monotonic */
	int code;			/* of its answer; 0: none yet */
	char words[300];		/* of its answer */
	int64_t until, drain_ms;	/* monotonic; see v2m_mailer_send() */
	bool draining, stopped;
};

struct v2m_smtp {
	CURL *curl;
	char server[300];		/* "smtp://host:587", for messages */
	char error[CURL_ERROR_SIZE];	/* curl's own words */
	int64_t timeout_ms, drain_ms;
	struct v2m_smtp_talk talk;
};

/* --- open.c --- */

/* A handle that is set up as the configuration says, but for its callbacks.
 * V2M_CONFIG, V2M_TEMP.  On failure smtp->curl is NULL. */
int v2m_smtp_setup(struct v2m_smtp *smtp, const struct v2m_conf *conf,
    struct v2m_err *err);

/* --- talk.c --- */

/* Have curl report to smtp->talk. */
void v2m_smtp_listen(struct v2m_smtp *smtp);

/* A new conversation about this message. */
void v2m_smtp_begin(struct v2m_smtp *smtp,
    const struct v2m_mail_message *message);

/* Did it fail only because the server had closed an idle connection, so that a
 * new connection may work? */
bool v2m_smtp_was_stale(const struct v2m_smtp *smtp);

/* The result, as v2m_mailer_send() returns it. */
int v2m_smtp_verdict(struct v2m_smtp *smtp, CURLcode rc, struct v2m_err *err);

#endif
