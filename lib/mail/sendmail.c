/* sendmail:[PATH] - notifications by the machine's mail program: sendmail, or
 * the one of that name from Postfix, Exim, OpenSMTPD, msmtp and others.  It is
 * run without a shell. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/private.h"

#define SENDMAIL "/usr/sbin/sendmail"

struct program {
	char *path;
	int64_t timeout_ms, drain_ms;
};

static void
sendmail_close(void *self)
{
	struct program *program = self;

	free(program->path);
	free(program);
}

static int
check_path(const char *path, struct v2m_err *err)
{
	struct stat st;

	if (path[0] != '/')
		return v2m_err_set(err, V2M_CONFIG, "notify: sendmail:%s: not "
		    "the absolute path of a program", path);
	if (stat(path, &st) == 0) {
		if (S_ISREG(st.st_mode) && access(path, X_OK) == 0)
			return 0;
		errno = EACCES;
	}
	return v2m_err_set(err, V2M_CONFIG, "notify: cannot run '%s': %s: "
	    "install a mail program, or name it as sendmail:/path", path,
	    strerror(errno));
}

static void *
sendmail_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *path = v2m_conf_rest(conf, "notify", "sendmail");
	struct program *program;

	if (path[0] == '\0')
		path = SENDMAIL;
	if (check_path(path, err) < 0)
		return NULL;
	program = calloc(1, sizeof *program);
	if (program == NULL || (program->path = strdup(path)) == NULL) {
		free(program);
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	program->timeout_ms = v2m_conf_number(conf, "notify_timeout");
	program->drain_ms = v2m_conf_number(conf, "drain_timeout");
	return program;
}

static int
sendmail_send(void *self, const struct v2m_notification *notification,
    const struct v2m_mail_message *message, struct v2m_err *err)
{
	struct program *program = self;
	char from[V2M_EMAIL_MAX], to[V2M_EMAIL_MAX];
	char dots[] = "-i", sender[] = "-f", end[] = "--";
	char *argv[] = { program->path, dots, sender, from, end, to, NULL };
	struct v2m_run run = { program->path, argv, NULL,
		program->timeout_ms, program->drain_ms, false };
	char **env;
	int ret;

	/* v2m_text_email() refuses addresses that begin with '-', which would
	 * be options. */
	if (!v2m_text_email(from, message->from) ||
	    !v2m_text_email(to, notification->to))
		return v2m_err_set(err, V2M_DATA, "cannot mail to '%s': not "
		    "an e-mail address", notification->to);
	env = v2m_mail_env(NULL, message);
	if (env == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	run.env = env;
	ret = v2m_run(&run, program->path, message, err);
	v2m_mail_env_free(env);
	return ret;
}

const struct v2m_mail_ops v2m_mail_sendmail = {
	.scheme = "sendmail",
	.open = sendmail_open,
	.close = sendmail_close,
	.send = sendmail_send,
};
