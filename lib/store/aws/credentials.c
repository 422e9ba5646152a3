/* Credentials are searched in the order of all AWS tools: environment, a role
 * by web identity (EKS), the shared files, a container's role (ECS), an
 * instance's role (EC2).  The process has one set, renewed by the first call
 * after it is due. */
#include "store/aws/aws.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* Renew so long before they expire; AWS offers new ones 5 min before. */
#define EARLY_MS 240000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct v2m_aws_credentials kept;
static int64_t kept_at;			/* wall ms; 0: none yet */

static int
of_environment(struct v2m_aws_credentials *c, struct v2m_err *err)
{
	const char *access = getenv("AWS_ACCESS_KEY_ID");
	const char *secret = getenv("AWS_SECRET_ACCESS_KEY");
	const char *token = getenv("AWS_SESSION_TOKEN");

	if (access == NULL || access[0] == '\0')
		return 0;
	if (secret == NULL || secret[0] == '\0')
		return v2m_err_set(err, V2M_CONFIG, "AWS_ACCESS_KEY_ID is "
		    "set, and AWS_SECRET_ACCESS_KEY is not");
	snprintf(c->access, sizeof c->access, "%s", access);
	snprintf(c->secret, sizeof c->secret, "%s", secret);
	snprintf(c->token, sizeof c->token, "%s", token == NULL ? "" : token);
	return 1;
}

static int
find_credentials(struct v2m_aws_credentials *c, const char *region,
    struct v2m_err *err)
{
	int found = of_environment(c, err);

	if (found == 0)
		found = v2m_aws_web_identity(c, region, err);
	if (found == 0)
		found = v2m_aws_profile_credentials(c, err);
	if (found == 0)
		found = v2m_aws_container(c, err);
	if (found == 0)
		found = v2m_aws_instance(c, err);
	if (found == 0)
		return v2m_err_set(err, V2M_CONFIG, "there are no AWS "
		    "credentials: not in AWS_ACCESS_KEY_ID, nor in the shared "
		    "files, nor by a role of EKS, ECS or EC2");
	return found < 0 ? -1 : 0;
}

static bool
is_good(const struct v2m_aws_credentials *c, int64_t early_ms)
{
	return c->expires_at == 0 ||
	    c->expires_at - v2m_wall_ms() > early_ms;
}

/* Call it with the lock held.  A failure counts only if the old credentials
 * have expired. */
static int
renew(const char *region, struct v2m_err *err)
{
	struct v2m_aws_credentials c;
	struct v2m_err failure;

	memset(&c, 0, sizeof c);
	if (find_credentials(&c, region, &failure) == 0) {
		kept = c;
		kept_at = v2m_wall_ms();
		explicit_bzero(&c, sizeof c);
		return 0;
	}
	if (kept_at != 0 && is_good(&kept, 0))
		return 0;
	return v2m_err_pass(err, &failure);
}

int
v2m_aws_credentials(struct v2m_aws_credentials *c, const char *region,
    int64_t wanted_after, struct v2m_err *err)
{
	int ret = 0;

	pthread_mutex_lock(&lock);
	if (kept_at == 0 || kept_at < wanted_after ||
	    !is_good(&kept, EARLY_MS))
		ret = renew(region, err);
	*c = kept;
	pthread_mutex_unlock(&lock);
	return ret;
}
