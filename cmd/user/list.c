#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "run.h"

struct listing {
	bool json;
	int width;	/* of the address; 0: fields end with a tab */
};

static int
measure(void *arg, const struct v2m_user *user)
{
	struct listing *l = arg;
	int n = (int)strlen(user->email);

	if (n > l->width)
		l->width = n;
	return 0;
}

static int
list_one(void *arg, const struct v2m_user *user)
{
	const struct listing *l = arg;
	const char *role = user->admin ? "admin" : "user";
	char email[V2M_EMAIL_MAX], when[32] = "-";

	/* A row of another program may contain anything. */
	v2m_text_copy(email, sizeof email, user->email);
	if (user->created_ms != 0)
		v2m_wall_text(when, user->created_ms);
	if (l->json)
		v2m_cli_print_json(json_pack("{s:s, s:s, s:s?}", "email", email,
		    "role", role, "created", user->created_ms != 0 ? when :
		    NULL));
	else if (l->width > 0)
		printf("%-*s  %-5s  %s\n", l->width, email, role, when);
	else
		printf("%s\t%s\t%s\n", email, role, when);
	return ferror(stdout) ? 1 : 0;
}

int
user_list(struct run *run, struct v2m_err *err)
{
	struct listing l = { .json = run->cli.json };

	if (!l.json && isatty(STDOUT_FILENO) &&
	    v2m_users_each(run->users, measure, &l, err) < 0)
		return -1;
	return v2m_users_each(run->users, list_one, &l, err) < 0 ? -1 : 0;
}
