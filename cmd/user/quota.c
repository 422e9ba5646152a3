#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "flow/limits.h"
#include "run.h"

static void
print_limit(const char *name, int64_t n)
{
	if (n == 0)
		printf("\t%s=none", name);
	else
		printf("\t%s=%" PRId64, name, n);
}

static int
show_limits(struct run *run, const char *email, struct v2m_err *err)
{
	struct v2m_limits limits = { 0, 0, 0 };
	struct v2m_user user;

	if (v2m_users_get(run->users, email, &user, err) < 0 ||
	    (!user.admin && v2m_limits_of(&run->services, email, &limits,
	    err) < 0))
		return -1;
	printf("%s", email);
	print_limit("bytes", limits.bytes);
	print_limit("jobs", limits.jobs);
	print_limit("unfinished", limits.unfinished);
	putchar('\n');
	return 0;
}

int
user_quota(struct run *run, const char *email, struct v2m_err *err)
{
	const char *word = run->cli.operands[2];
	struct v2m_user user;

	if (v2m_users_get(run->users, email, &user, err) < 0 ||
	    run_need_services(run, err) < 0)
		return -1;
	if (word == NULL)
		return show_limits(run, email, err);
	if (v2m_limits_free(&run->services, email, strcmp(word, "none") == 0,
	    err) < 0)
		return -1;
	v2m_info(strcmp(word, "none") == 0 ? "no limit holds for %s" :
	    "the limits of the configuration hold for %s", email);
	return 0;
}
