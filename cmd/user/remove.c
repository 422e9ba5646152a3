#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "flow/account_jobs.h"
#include "flow/limits.h"
#include "run.h"

/* Keep the jobs.  With --jobs that is on purpose, so v2m-check does not report
 * them. */
static int
leave_jobs(struct run *run, const char *email, int64_t n, struct v2m_err *err)
{
	struct v2m_services *services = &run->services;
	bool wanted = run->opt->jobs != NULL;

	if (v2m_account_silence(services, email, err) < 0 ||
	    (wanted ? v2m_account_keep(services, email, err) :
	    v2m_account_forget(services, email, err)) < 0)
		return -1;
	v2m_info("%" PRId64 " job%s of %s stay%s, with videos and MP3s, for "
	    "administrators, and their owner is not told of them%s%s%s", n,
	    n == 1 ? "" : "s", email, n == 1 ? "s" : "",
	    wanted ? "" : " (v2m-user remove --jobs=remove ",
	    wanted ? "" : email, wanted ? "" : ")");
	return 0;
}

/* Remove the account first, so that no more jobs come.  With --jobs it is no
 * error if the account is gone already. */
int
user_remove(struct run *run, const char *email, struct v2m_err *err)
{
	int gone = v2m_users_remove(run->users, email, err);
	const char *jobs = run->opt->jobs;
	int64_t n = 0;
	int ret;

	if (gone < 0 && (err->code != V2M_NOINPUT || jobs == NULL))
		return -1;
	if (gone == 0) {
		run->removed_any = true;
		v2m_info("removed %s", email);
	}
	ret = user_count_jobs(run, email, &n, err);
	if (ret == 0)
		ret = v2m_limits_free(&run->services, email, false, err);
	if (ret == 0 && n == 0)
		return gone < 0 ? v2m_err_set(err, V2M_NOINPUT, "no such user, "
		    "and no job of one") : 0;
	if (ret == 0 && jobs != NULL && strcmp(jobs, "remove") == 0)
		ret = user_remove_jobs(run, email, n, err) < 0 ? -1 :
		    v2m_account_forget(&run->services, email, err);
	else if (ret == 0)
		ret = leave_jobs(run, email, n, err);
	return ret == 0 ? 0 : v2m_err_prefix(err, "the account is removed, "
	    "its jobs are not settled (do it again, with --jobs)");
}
