/* A notification as an Internet message (RFC 5322, RFC 2045). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "mail/private.h"

/* The sender: what people see, and the address. */
struct sender {
	char phrase[200];
	char address[V2M_EMAIL_MAX];
};

static bool
is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static void
default_sender(struct sender *from)
{
	char host[65] = "", address[80];

	if (gethostname(host, sizeof host - 1) < 0 || host[0] == '\0')
		snprintf(host, sizeof host, "localhost");
	snprintf(address, sizeof address, "v2m@%s", host);
	if (!v2m_text_email(from->address, address) ||
	    !is_ascii(from->address))
		snprintf(from->address, sizeof from->address, "v2m@localhost");
}

/* "address", or "Name <address>" with or without quotes around the name. */
static bool
parse_sender(struct sender *from, const char *value)
{
	const char *open = strrchr(value, '<');
	size_t n = strlen(value);
	char address[2 * V2M_EMAIL_MAX];
	char *p = from->phrase;

	if (open == NULL)
		return v2m_text_email(from->address, value);
	if (value[n - 1] != '>' || (size_t)(value + n - open) > sizeof address)
		return false;
	snprintf(address, sizeof address, "%.*s",
	    (int)(value + n - open) - 2, open + 1);
	n = (size_t)(open - value);
	while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
		n--;
	if (n >= 2 && value[0] == '"' && value[n - 1] == '"') {
		value++;
		n -= 2;
	}
	if (n >= sizeof from->phrase)
		return false;
	memcpy(p, value, n);
	p[n] = '\0';
	v2m_text_clean(p);
	return v2m_text_email(from->address, address);
}

static int
find_sender(struct sender *from, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	const char *value = v2m_conf_text(conf, "mail_from");

	memset(from, 0, sizeof *from);
	if (value[0] == '\0')
		default_sender(from);
	else if (!parse_sender(from, value) || !is_ascii(from->address))
		return v2m_err_set(err, V2M_CONFIG, "mail_from: '%s' is not "
		    "an address (v2m@example.org, Name <v2m@example.org>)",
		    value);
	return 0;
}

/* Addresses beyond ASCII need SMTPUTF8, which cannot be asked for in a sendmail
 * program.  So mail goes to ASCII addresses only; a log or a command takes
 * all. */
static int
find_recipient(char to[V2M_EMAIL_MAX], const struct v2m_conf *conf,
    const char *owner, struct v2m_err *err)
{
	if (owner == NULL || !v2m_text_email(to, owner))
		return v2m_err_set(err, V2M_DATA, "cannot mail to '%s': not "
		    "an e-mail address", owner == NULL ? "" : owner);
	if (!is_ascii(to) && v2m_conf_rest(conf, "notify", "log") == NULL &&
	    v2m_conf_rest(conf, "notify", "exec") == NULL)
		return v2m_err_set(err, V2M_DATA, "cannot mail to '%s': the "
		    "address has characters that are not ASCII: write the "
		    "domain as xn--...", to);
	return 0;
}

static int
check_ids(const struct v2m_notification *notification, struct v2m_err *err)
{
	const char *mp3 = notification->mp3 == NULL ? "" : notification->mp3;

	if (notification->id == NULL || !v2m_id_valid(notification->id))
		return v2m_err_set(err, V2M_DATA, "'%s' is not an ID",
		    notification->id == NULL ? "" : notification->id);
	if (mp3[0] != '\0' && !v2m_id_valid(mp3))
		return v2m_err_set(err, V2M_DATA, "'%s' is not the ID of an "
		    "MP3",
		    mp3);
	return 0;
}

/* Not strftime(3): the names must not depend on the locale. */
static void
put_date(FILE *out, int64_t wall_ms)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		return;
	fprintf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static int
make_message_id(struct v2m_mail_message *message,
    const struct v2m_notification *notification, struct v2m_err *err)
{
	int n = snprintf(message->message_id, sizeof message->message_id,
	    "<%s.%" PRId64 ".%s@%s>", notification->id,
	    notification->generation, v2m_notification_outcome(notification),
	    strchr(message->from, '@') + 1);

	if (n < 0 || (size_t)n >= sizeof message->message_id)
		return v2m_err_set(err, V2M_CONFIG,
		    "mail_from: the domain is too long");
	return 0;
}

/* What `put` writes of this part, as a string.  NULL: no memory. */
static char *
filled(void (*put)(FILE *, const struct v2m_template_part *,
    const struct v2m_facts *), const struct v2m_template_part *part,
    const struct v2m_facts *facts)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		return NULL;
	put(out, part, facts);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* A template may have tabs, a header field may not. */
static void
blanks_for_tabs(char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '\t')
			*s = ' ';
}

static int
put_message(struct v2m_mail_message *message, const struct sender *from,
    const char *to, const char *body)
{
	FILE *out = open_memstream(&message->text, &message->length);
	bool qp = v2m_body_needs_qp(body), failed;

	if (out == NULL)
		return -1;
	put_date(out, v2m_wall_ms());
	v2m_header_mailbox(out, "From", from->phrase, from->address);
	v2m_header_mailbox(out, "To", "", to);
	v2m_header_text(out, "Subject", message->subject);
	fprintf(out, "Message-ID: %s\r\n", message->message_id);
	fprintf(out, "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: %s\r\n"
	    "Auto-Submitted: auto-generated\r\n\r\n",
	    qp ? "quoted-printable" : "7bit");
	v2m_body_write(out, body, qp);
	failed = ferror(out) != 0;
	return fclose(out) == 0 && !failed ? 0 : -1;
}

int
v2m_mail_compose(const struct v2m_conf *conf,
    const struct v2m_notification *notification,
    struct v2m_mail_message *message, struct v2m_err *err)
{
	struct v2m_template template = { .source = NULL };
	const struct v2m_template_part *part;
	struct v2m_facts facts = { .warnings = NULL };
	char to[V2M_EMAIL_MAX], *body = NULL;
	struct sender from;
	int ret = -1;

	memset(message, 0, sizeof *message);
	if (check_ids(notification, err) < 0 ||
	    find_recipient(to, conf, notification->to, err) < 0 ||
	    find_sender(&from, conf, err) < 0 ||
	    v2m_template_load(&template, v2m_conf_text(conf, "mail_template"),
	    err) < 0 ||
	    v2m_facts_make(&facts, notification, err) < 0)
		goto out;
	memcpy(message->from, from.address, sizeof message->from);
	if (make_message_id(message, notification, err) < 0)
		goto out;
	part = strcmp(v2m_notification_outcome(notification), "done") == 0 ?
	    &template.done : &template.failed;
	message->subject = filled(v2m_template_subject, part, &facts);
	body = filled(v2m_template_text, part, &facts);
	if (message->subject != NULL)
		blanks_for_tabs(message->subject);
	if (message->subject == NULL || body == NULL ||
	    put_message(message, &from, to, body) < 0) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		goto out;
	}
	ret = 0;
out:
	if (ret < 0)
		v2m_mail_message_release(message);
	free(body);
	v2m_facts_release(&facts);
	v2m_template_release(&template);
	return ret;
}

void
v2m_mail_message_release(struct v2m_mail_message *message)
{
	free(message->text);
	free(message->subject);
	memset(message, 0, sizeof *message);
}

int
v2m_mail_check(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_template template;
	struct sender from;

	if (find_sender(&from, conf, err) < 0 ||
	    v2m_template_load(&template, v2m_conf_text(conf, "mail_template"),
	    err) < 0)
		return -1;
	v2m_template_release(&template);
	return 0;
}
