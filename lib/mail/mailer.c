/* Opens the driver that `notify` names. */
#include <stdlib.h>
#include <string.h>

#include "base/driver.h"
#include "mail/private.h"

static const struct v2m_driver drivers[] = {
	{ .scheme = "log", .form = "log:[FILE]", .ops = &v2m_mail_log },
	{ .scheme = "exec", .form = "exec:COMMAND", .ops = &v2m_mail_exec },
	{ .scheme = "sendmail", .form = "sendmail:[PATH]",
	    .ops = &v2m_mail_sendmail },
	{ .scheme = "smtp", .form = "smtp://HOST", .module = "mail-smtp",
	    .symbol = "v2m_mail_smtp" },
	{ .scheme = "smtps", .form = "smtps://HOST", .module = "mail-smtp",
	    .symbol = "v2m_mail_smtp" },
	{ .scheme = NULL }
};

struct v2m_mailer {
	const struct v2m_mail_ops *ops;
	void *self;
};

struct v2m_mailer *
v2m_mailer_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	const struct v2m_mail_ops *ops = v2m_driver(conf, "notify", drivers,
	    err);
	struct v2m_mailer *m;

	if (ops == NULL || v2m_mail_check(conf, err) < 0)
		return NULL;
	if (v2m_conf_number(conf, "notify_timeout") == 0) {
		v2m_err_set(err, V2M_CONFIG, "notify_timeout must be more "
		    "than 0");
		return NULL;
	}
	m = calloc(1, sizeof *m);
	if (m == NULL) {
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	m->ops = ops;
	m->self = ops->open(conf, err);
	if (m->self == NULL) {
		free(m);
		return NULL;
	}
	return m;
}

void
v2m_mailer_close(struct v2m_mailer *m)
{
	if (m == NULL)
		return;
	m->ops->close(m->self);
	free(m);
}

int
v2m_mailer_send(struct v2m_mailer *m,
    const struct v2m_notification *notification,
    const struct v2m_mail_message *message, struct v2m_err *err)
{
	return m->ops->send(m->self, notification, message, err);
}
