/* smtp://HOST, smtps://HOST - notifications to a mail server, several over one
 * connection: the module mail-smtp.so. */
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/module.h"
#include "base/stop.h"
#include "mail/smtp/smtp.h"

/* Close the connection that libcurl keeps for the next mail, if any. */
static void
shut(struct v2m_smtp *smtp)
{
	curl_socket_t s = CURL_SOCKET_BAD;

	if (curl_easy_getinfo(smtp->curl, CURLINFO_ACTIVESOCKET,
	    &s) == CURLE_OK && s != CURL_SOCKET_BAD)
		shutdown(s, SHUT_RDWR);
}

/* libcurl sends QUIT and waits for the answer.  Not for long: a server that
 * hangs does not answer. */
static void
smtp_close(void *self)
{
	struct v2m_smtp *smtp = self;

	curl_easy_setopt(smtp->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, 1L);
	curl_easy_cleanup(smtp->curl);
	free(smtp);
}

static void *
smtp_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_smtp *smtp = calloc(1, sizeof *smtp);

	if (smtp == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	if (v2m_smtp_setup(smtp, conf, err) < 0) {
		free(smtp);
		return NULL;
	}
	v2m_smtp_listen(smtp);
	return smtp;
}

/* An address as the envelope has it.  libcurl sends it as it is, even with
 * line breaks, so it is checked here. */
static int
envelope(char dst[V2M_EMAIL_MAX + 2], const char *address,
    struct v2m_err *err)
{
	char clean[V2M_EMAIL_MAX];
	const char *s;

	if (!v2m_text_email(clean, address))
		return v2m_err_set(err, V2M_DATA, "cannot mail to '%s': not "
		    "an e-mail address", address);
	for (s = clean; *s != '\0'; s++)
		if ((unsigned char)*s <= 0x20 || (unsigned char)*s >= 0x7f)
			return v2m_err_set(err, V2M_DATA, "cannot mail to "
			    "'%s': the address has characters that are not "
			    "ASCII: write the domain as xn--...", clean);
	snprintf(dst, V2M_EMAIL_MAX + 2, "<%s>", clean);
	return 0;
}

static CURLcode
perform(struct v2m_smtp *smtp, const struct v2m_mail_message *message,
    bool fresh)
{
	int64_t left = smtp->talk.until - v2m_mono_ms();

	v2m_smtp_begin(smtp, message);
	smtp->error[0] = '\0';
	curl_easy_setopt(smtp->curl, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
	curl_easy_setopt(smtp->curl, CURLOPT_TIMEOUT_MS,
	    left < 1 ? 1L : (long)left);
	return curl_easy_perform(smtp->curl);
}

/* A server closes a connection that was idle for long, or that had too many
 * mails: then a new one is tried.  After an error a connection is closed:
 * libcurl would use it again even if an answer is still to come. */
static CURLcode
deliver_mail(struct v2m_smtp *smtp, const struct v2m_mail_message *message)
{
	CURLcode rc = perform(smtp, message, false);
	long connects = 1;

	curl_easy_getinfo(smtp->curl, CURLINFO_NUM_CONNECTS, &connects);
	if (rc != CURLE_OK)
		shut(smtp);
	if (rc != CURLE_OK && connects == 0 && v2m_smtp_was_stale(smtp)) {
		rc = perform(smtp, message, true);
		if (rc != CURLE_OK)
			shut(smtp);
	}
	return rc;
}

static int
smtp_send(void *self, const struct v2m_notification *notification,
    const struct v2m_mail_message *message, struct v2m_err *err)
{
	struct v2m_smtp *smtp = self;
	char from[V2M_EMAIL_MAX + 2], to[V2M_EMAIL_MAX + 2];
	struct curl_slist *recipients;
	CURLcode rc;

	if (envelope(from, message->from, err) < 0 ||
	    envelope(to, notification->to, err) < 0)
		return -1;
	if (v2m_stop_count() > 1)
		return v2m_err_set(err, V2M_TEMP, "%s: shutting down",
		    smtp->server);
	recipients = curl_slist_append(NULL, to);
	if (recipients == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	smtp->talk.until = v2m_mono_ms() + smtp->timeout_ms;
	smtp->talk.drain_ms = smtp->drain_ms;
	smtp->talk.draining = smtp->talk.stopped = false;
	curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, recipients);
	rc = deliver_mail(smtp, message);
	curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(recipients);
	return v2m_smtp_verdict(smtp, rc, err);
}

V2M_EXPORT const struct v2m_mail_ops v2m_mail_smtp = {
	.scheme = "smtp",
	.open = smtp_open,
	.close = smtp_close,
	.send = smtp_send,
};
