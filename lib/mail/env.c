/* The environment of a program that delivers notifications. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/variables.h"
#include "mail/private.h"

extern char **environ;

struct env {
	char **list;		/* ends with NULL; has room for all */
	size_t n;
	bool failed;
};

static bool
is_fact(const char *entry, size_t n)
{
	size_t i;

	for (i = 0; v2m_variables_of_hooks[i] != NULL; i++)
		if (strlen(v2m_variables_of_hooks[i]) == n &&
		    strncmp(v2m_variables_of_hooks[i], entry, n) == 0)
			return true;
	return false;
}

/* Does this value look like scheme://user:password@host? */
static bool
holds_password(const char *value)
{
	const char *host = strstr(value, "://"), *at, *colon;

	if (host == NULL)
		return false;
	at = strrchr(host + 3, '@');
	colon = strchr(host + 3, ':');
	return at != NULL && colon != NULL && colon < at;
}

/* A command that sends mail needs neither our token nor our passwords. */
static bool
is_secret(const char *entry, size_t n)
{
	if (strncmp(entry, "V2M_", 4) == 0 && holds_password(entry + n))
		return true;
	return (n == 9 && strncmp(entry, "V2M_TOKEN", n) == 0) ||
	    memmem(entry, n, "_PASSWORD", 9) != NULL ||
	    (n == 9 && strncmp(entry, "MYSQL_PWD", n) == 0);
}

static void
add_entry(struct env *env, char *entry)
{
	if (entry == NULL)
		env->failed = true;
	else
		env->list[env->n++] = entry;
}

static void
add_fact(struct env *env, const char *name, const char *value)
{
	char *entry;

	if (asprintf(&entry, "%s=%s", name, value == NULL ? "" : value) < 0)
		entry = NULL;
	else
		v2m_text_clean(entry);
	add_entry(env, entry);
}

/* An unknown number (0) becomes "". */
static void
add_number_entry(struct env *env, const char *name, int64_t n)
{
	char digits[32] = "";

	if (n > 0)
		snprintf(digits, sizeof digits, "%" PRId64, n);
	add_fact(env, name, digits);
}

static void
add_facts(struct env *env, const struct v2m_notification *notification,
    const struct v2m_mail_message *message)
{
	char *warnings = v2m_notification_warnings(notification);

	add_fact(env, "V2M_ID", notification->id);
	add_fact(env, "V2M_TO", notification->to);
	add_fact(env, "V2M_FROM", message->from);
	add_fact(env, "V2M_SUBJECT", message->subject);
	add_fact(env, "V2M_MESSAGE_ID", message->message_id);
	add_fact(env, "V2M_OUTCOME", v2m_notification_outcome(notification));
	add_fact(env, "V2M_NAME", notification->name);
	add_fact(env, "V2M_MP3", notification->mp3);
	add_fact(env, "V2M_MP3_NAME", notification->mp3_name);
	add_number_entry(env, "V2M_DURATION",
	    (notification->duration_ms + 500) / 1000);
	add_number_entry(env, "V2M_SIZE", notification->mp3_length);
	add_fact(env, "V2M_REASON", notification->reason);
	add_fact(env, "V2M_WARNINGS", warnings);
	env->failed = env->failed || warnings == NULL;
	free(warnings);
}

char **
v2m_mail_env(const struct v2m_notification *notification,
    const struct v2m_mail_message *message)
{
	struct env env = { .n = 0 };
	size_t i, total = 0;

	while (environ != NULL && environ[total] != NULL)
		total++;
	env.list = calloc(total + sizeof v2m_variables_of_hooks /
	    sizeof *v2m_variables_of_hooks, sizeof *env.list);
	if (env.list == NULL)
		return NULL;
	for (i = 0; i < total; i++) {
		size_t n = strcspn(environ[i], "=");

		if (!is_fact(environ[i], n) && !is_secret(environ[i], n))
			add_entry(&env, strdup(environ[i]));
	}
	if (notification != NULL)
		add_facts(&env, notification, message);
	if (env.failed) {
		v2m_mail_env_free(env.list);
		return NULL;
	}
	return env.list;
}

void
v2m_mail_env_free(char **env)
{
	size_t i;

	for (i = 0; env != NULL && env[i] != NULL; i++)
		free(env[i]);
	free(env);
}
