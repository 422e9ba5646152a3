/* The jobs of an account, and its limits. */
#include <inttypes.h>

#include "base/log.h"
#include "flow/account_jobs.h"
#include "flow/limits.h"
#include "run.h"

int
run_need_services(struct run *run, struct v2m_err *err)
{
	return run->services.store != NULL ? 0 :
	    v2m_services_open(&run->services, &run->conf, false, err);
}

int
user_count_jobs(struct run *run, const char *email, int64_t *n,
    struct v2m_err *err)
{
	if (run_need_services(run, err) < 0)
		return -1;
	return v2m_account_jobs(&run->services, email, n, err);
}

int
user_remove_jobs(struct run *run, const char *email, int64_t n,
    struct v2m_err *err)
{
	if (v2m_account_remove_jobs(&run->services, email, err) < 0)
		return -1;
	v2m_info("removed %" PRId64 " job%s of %s", n, n == 1 ? "" : "s",
	    email);
	return 0;
}

/* A new account with an old address would get the jobs of the old one: that
 * needs an option. */
int
user_settle_old_jobs(struct run *run, const char *email, struct v2m_err *err)
{
	int64_t n;

	if (run->opt->adopt_jobs)
		return 0;
	if (user_count_jobs(run, email, &n, err) < 0)
		return v2m_err_prefix(err, "cannot tell whether there are jobs "
		    "of an earlier account (--adopt-jobs does not look)");
	if (n == 0)
		return 0;
	if (!run->opt->remove_jobs)
		return v2m_err_set(err, V2M_CANTCREATE, "there %s %" PRId64
		    " job%s of an earlier account: --adopt-jobs gives %s to "
		    "the new one, --remove-jobs removes %s", n == 1 ? "is" :
		    "are", n, n == 1 ? "" : "s", n == 1 ? "it" : "them",
		    n == 1 ? "it" : "them");
	return user_remove_jobs(run, email, n, err);
}

/* A new account has limits, even if an old one of this address was exempt. */
int
user_settle_old_limits(struct run *run, const char *email, struct v2m_err *err)
{
	return run->opt->adopt_jobs ? 0 :
	    v2m_limits_free(&run->services, email, false, err);
}
