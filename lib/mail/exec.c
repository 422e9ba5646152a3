/* exec:COMMAND - notifications by the administrator's own command.
 *
 * /bin/sh runs it.  It gets the facts in the environment and the message on
 * stdin, so no file name is ever part of what the shell reads as code. */
#include <stdlib.h>
#include <string.h>

#include "mail/private.h"

struct hook {
	char *command;
	int64_t timeout_ms, drain_ms;
};

static void
exec_close(void *self)
{
	struct hook *hook = self;

	free(hook->command);
	free(hook);
}

static void *
exec_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *command = v2m_conf_rest(conf, "notify", "exec");
	struct hook *hook;

	command += strspn(command, " \t");
	if (command[0] == '\0') {
		v2m_err_set(err, V2M_CONFIG,
		    "notify: exec: without a command (exec:COMMAND)");
		return NULL;
	}
	hook = calloc(1, sizeof *hook);
	if (hook == NULL || (hook->command = strdup(command)) == NULL) {
		free(hook);
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	hook->timeout_ms = v2m_conf_number(conf, "notify_timeout");
	hook->drain_ms = v2m_conf_number(conf, "drain_timeout");
	return hook;
}

static int
exec_send(void *self, const struct v2m_notification *notification,
    const struct v2m_mail_message *message, struct v2m_err *err)
{
	struct hook *hook = self;
	char shell[] = "sh", option[] = "-c";
	char *argv[] = { shell, option, hook->command, NULL };
	char **env = v2m_mail_env(notification, message);
	struct v2m_run run = { "/bin/sh", argv, env, hook->timeout_ms,
		hook->drain_ms, true };
	int ret;

	if (env == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	ret = v2m_run(&run, "the notify command", message, err);
	v2m_mail_env_free(env);
	return ret;
}

const struct v2m_mail_ops v2m_mail_exec = {
	.scheme = "exec",
	.open = exec_open,
	.close = exec_close,
	.send = exec_send,
};
