/* Follows an SMTP dialogue: the last command and its answer decide what the
 * result is.  libcurl's codes are not enough: a refused recipient and a broken
 * connection have the same one, and the answer that it remembers may belong to
 * an earlier command. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "mail/smtp/smtp.h"

#define LEAVE_MS 1000		/* for the answer to QUIT */

/* Any other line that is sent is part of AUTH, and secret. */
static const char *const commands[] = {
	"EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET",
	NULL
};

static void
hear_command(struct v2m_smtp_talk *t, const char *line, size_t n)
{
	size_t i;

	/* libcurl sends QUIT after an error; its answer tells nothing. */
	t->leaving = n >= 4 && strncmp(line, "QUIT", 4) == 0;
	if (t->leaving) {
		t->left_at = v2m_mono_ms();
		return;
	}
	t->code = 0;
	t->complete = false;
	for (i = 0; commands[i] != NULL; i++) {
		size_t len = strlen(commands[i]);

		if (n > len && strncmp(line, commands[i], len) == 0 &&
		    (line[len] == ' ' || line[len] == '\r'))
			snprintf(t->command, sizeof t->command, "%s",
			    commands[i]);
	}
}

static void
add_words(struct v2m_smtp_talk *t, const char *s, size_t n)
{
	size_t at = strlen(t->words);

	while (n > 0 && isspace((unsigned char)s[n - 1]))
		n--;
	if (n > 0 && at < sizeof t->words - 1)
		snprintf(t->words + at, sizeof t->words - at, "%s%.*s",
		    at == 0 ? "" : " ", (int)n, s);
}

/* After "250-words" more lines follow; "250 words" and "250" are the last. */
static void
hear_reply(struct v2m_smtp_talk *t, const char *line, size_t n)
{
	if (t->leaving || n < 4 || !isdigit((unsigned char)line[0]) ||
	    !isdigit((unsigned char)line[1]) ||
	    !isdigit((unsigned char)line[2]))
		return;
	if (t->complete || t->code == 0)
		t->words[0] = '\0';
	t->code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
	t->complete = line[3] != '-';
	add_words(t, line + 4, n - 4);
}

static int
hear_server(CURL *curl, curl_infotype type, char *data, size_t n, void *arg)
{
	struct v2m_smtp *smtp = arg;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT)
		hear_command(&smtp->talk, data, n);
	else if (type == CURLINFO_HEADER_IN)
		hear_reply(&smtp->talk, data, n);
	return 0;
}

static size_t
give(char *buf, size_t size, size_t n, void *arg)
{
	struct v2m_smtp_talk *t = &((struct v2m_smtp *)arg)->talk;
	size_t left = t->length - t->given;

	n *= size;
	if (n > left)
		n = left;
	memcpy(buf, t->text + t->given, n);
	t->given += n;
	return n;
}

/* libcurl calls it at least once a second.  Not 0: end the transfer. */
static int
watch_transfer(void *arg, curl_off_t a, curl_off_t b, curl_off_t c,
    curl_off_t d)
{
	struct v2m_smtp_talk *t = &((struct v2m_smtp *)arg)->talk;
	int signals = v2m_stop_count();
	int64_t now = v2m_mono_ms();

	(void)a, (void)b, (void)c, (void)d;
	if (signals > 0 && !t->draining) {
		t->draining = true;
		if (now + t->drain_ms < t->until)
			t->until = now + t->drain_ms;
	}
	t->stopped = signals > 1 || (signals > 0 && now >= t->until);
	return t->stopped || (t->leaving && now - t->left_at > LEAVE_MS);
}

void
v2m_smtp_listen(struct v2m_smtp *smtp)
{
	curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(smtp->curl, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(smtp->curl, CURLOPT_READDATA, smtp);
	curl_easy_setopt(smtp->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(smtp->curl, CURLOPT_XFERINFOFUNCTION, watch_transfer);
	curl_easy_setopt(smtp->curl, CURLOPT_XFERINFODATA, smtp);
	/* No other interface tells which command an answer belongs to. */
	curl_easy_setopt(smtp->curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(smtp->curl, CURLOPT_DEBUGFUNCTION, hear_server);
	curl_easy_setopt(smtp->curl, CURLOPT_DEBUGDATA, smtp);
}

void
v2m_smtp_begin(struct v2m_smtp *smtp, const struct v2m_mail_message *message)
{
	struct v2m_smtp_talk *t = &smtp->talk;

	t->text = message->text;
	t->length = message->length;
	t->given = 0;
	t->command[0] = t->words[0] = '\0';
	t->code = 0;
	t->complete = t->leaving = false;
	curl_easy_setopt(smtp->curl, CURLOPT_INFILESIZE_LARGE,
	    (curl_off_t)message->length);
}

bool
v2m_smtp_was_stale(const struct v2m_smtp *smtp)
{
	const struct v2m_smtp_talk *t = &smtp->talk;

	return t->given == 0 && !t->stopped &&
	    (t->code < 400 || t->code == 421);
}

/* Did the server get the whole message and the "." after it? */
static bool
is_handed_over(const struct v2m_smtp_talk *t)
{
	return strcmp(t->command, "DATA") == 0 && t->given == t->length;
}

/* Does the answer begin with an enhanced code (RFC 3463) of this kind? */
static bool
has_kind(const struct v2m_smtp_talk *t, const char *kind)
{
	return strncmp(t->words, kind, strlen(kind)) == 0;
}

/* Is the answer about this sender (policy, rights, route, missing AUTH), and
 * not about the recipient or the message? */
static bool
is_about_us(const struct v2m_smtp_talk *t)
{
	static const int codes[] = { 530, 534, 535, 538, 0 };
	size_t i;

	for (i = 0; codes[i] != 0; i++)
		if (t->code == codes[i])
			return true;
	return has_kind(t, "5.7.") || has_kind(t, "5.4.");
}

/* An answer of 5xx to the recipient or the message is final.  If the server
 * refuses us, it refuses every mail: the administrator has to repair that, and
 * the notifications wait. */
static enum v2m_code
code_of(const struct v2m_smtp_talk *t)
{
	if (t->code < 500 || t->code > 599 || is_about_us(t))
		return V2M_TEMP;
	if (strcmp(t->command, "RCPT") == 0)
		return has_kind(t, "5.1.") ? V2M_DATA :
		    strcasestr(t->words, "relay") != NULL ? V2M_TEMP :
		    V2M_UNAVAILABLE;
	/* 552: over a quota, or its disk is full; this may pass. */
	return strcmp(t->command, "DATA") == 0 && t->code != 552 ?
	    V2M_UNAVAILABLE : V2M_TEMP;
}

static const char *
advice(CURLcode rc)
{
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
		return ": is it up, and is notify right?";
	case CURLE_USE_SSL_FAILED:
		return ": it offers no STARTTLS (notify_tls = off would do "
		    "without)";
	case CURLE_PEER_FAILED_VERIFICATION:
		return ": see notify_ca_file, and the name in notify";
	case CURLE_LOGIN_DENIED:
		return ": see the user in notify, and notify_password_file";
	default:
		return "";
	}
}

static const char *
step_word(const struct v2m_smtp_talk *t)
{
	if (t->command[0] == '\0')
		return "our call";
	return is_handed_over(t) ? "the message" : t->command;
}

static int
no_answer(struct v2m_smtp *smtp, CURLcode rc, struct v2m_err *err)
{
	const struct v2m_smtp_talk *t = &smtp->talk;
	const char *words = smtp->error[0] != '\0' ? smtp->error :
	    curl_easy_strerror(rc);

	if (is_handed_over(t))
		return v2m_err_set(err, V2M_FAILED, "%s: it is not known "
		    "whether it accepted the message: %s", smtp->server,
		    t->stopped ? "no answer yet at shutdown" : words);
	if (t->stopped)
		return v2m_err_set(err, V2M_TEMP, "%s: shutting down",
		    smtp->server);
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return v2m_err_set(err, V2M_TEMP, "%s: no answer in time to "
		    "%s: is it up? (%s)", smtp->server, step_word(t), words);
	return v2m_err_set(err, V2M_TEMP, "%s: %s%s", smtp->server, words,
	    advice(rc));
}

int
v2m_smtp_verdict(struct v2m_smtp *smtp, CURLcode rc, struct v2m_err *err)
{
	const struct v2m_smtp_talk *t = &smtp->talk;

	if (rc == CURLE_OK)
		return 0;
	/* The mail was accepted; an error after that changes nothing. */
	if (is_handed_over(t) && t->complete && t->code / 100 == 2)
		return 0;
	if (!t->complete || t->code < 400 || t->code > 599)
		return no_answer(smtp, rc, err);
	return v2m_err_set(err, code_of(t),
	    "%s: answer to %s: %d %s%s", smtp->server, step_word(t), t->code,
	    t->words, advice(rc == CURLE_LOGIN_DENIED ? rc : CURLE_OK));
}
