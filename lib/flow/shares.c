#include "flow/shares.h"

#include <stdlib.h>
#include <string.h>

#include "flow/lease.h"

#define MOST_OWNERS 256		/* of running jobs; more are not counted */
#define MOST_LOOKS 64		/* waiting owners to look at for a choice */

/* The jobs that run, in all workers. */
struct running {
	int64_t now;
	int64_t jobs;
	size_t owners;
	struct {
		char owner[V2M_EMAIL_MAX];
		int64_t jobs;
	} of[MOST_OWNERS];
};

static int
count_one(void *arg, struct v2m_record *r)
{
	struct running *running = arg;
	size_t i;

	if (v2m_lease_is_over(r, running->now))
		return 0;
	running->jobs++;
	for (i = 0; i < running->owners; i++)
		if (strcmp(running->of[i].owner, r->owner) == 0)
			break;
	if (i == MOST_OWNERS)
		return 0;
	memcpy(running->of[i].owner, r->owner, sizeof r->owner);
	running->of[i].jobs++;
	if (i == running->owners)
		running->owners++;
	return 0;
}

static int
count_running(struct v2m_services *s, struct running *running,
    struct v2m_err *err)
{
	const struct v2m_filter filter = { .state = V2M_JOB_RUNNING };

	if (v2m_store_now(s->store, &running->now, err) < 0)
		return -1;
	return v2m_store_each(s->store, &filter, count_one, running, err);
}

/* Does the owner have as many jobs running as their share?  The job that is to
 * begin counts, too: otherwise all waiting owners could be over their share. */
static bool
has_share(const struct v2m_services *s, const struct running *running,
    const char *owner)
{
	int64_t most = v2m_conf_number(s->conf, "max_user_running");
	size_t i;

	if (most == 0)
		most = (running->jobs + 2) / 2;
	for (i = 0; i < running->owners; i++)
		if (strcmp(running->of[i].owner, owner) == 0)
			return running->of[i].jobs >= most;
	return false;
}

/* A job of a foreign gateway: its message may have unknown members. */
static bool
is_foreign(const struct v2m_record *r)
{
	return r->sha256[0] == '\0';
}

/* The oldest waiting job of the next owner, in the order of addresses, after
 * the owner whose turn was last; after the last comes the first.  Not of
 * `owner`, and only of an owner with fewer running jobs than their share;
 * running NULL: of any.  1, 0, -1. */
static int
next_waiting(const struct v2m_shares *shares, struct v2m_services *s,
    const struct running *running, const char *owner,
    struct v2m_record *other, struct v2m_err *err)
{
	char after[V2M_EMAIL_MAX];
	bool round = shares->turn[0] == '\0';
	int looks, found;

	memcpy(after, shares->turn, sizeof after);
	for (looks = 0; looks < MOST_LOOKS; looks++) {
		found = v2m_store_next_fresh(s->store, after, other, err);
		if (found < 0 || (found == 0 && round))
			return found;
		if (found == 0) {
			round = true;
			after[0] = '\0';
			continue;
		}
		if (strcmp(other->owner, owner) != 0 && !is_foreign(other) &&
		    (running == NULL ||
		    !has_share(s, running, other->owner)))
			return 1;
		memcpy(after, other->owner, sizeof after);
	}
	return 0;
}

/* Must a job of this owner wait for another's?  If nothing runs, shares do not
 * help: then owners take turns. */
static bool
goes_back(const struct v2m_shares *shares, const struct v2m_services *s,
    const struct running *running, const char *owner)
{
	return running->jobs == 0 ? strcmp(shares->last, owner) == 0 :
	    has_share(s, running, owner);
}

int
v2m_shares_other(struct v2m_shares *shares, struct v2m_services *s,
    const char *id, struct v2m_record *other, struct v2m_err *err)
{
	struct running *running;
	struct v2m_record r;
	int ret;

	if (v2m_store_get(s->store, id, &r, err) < 0)
		return err->code == V2M_NOINPUT ? 0 : -1;
	if (r.state != V2M_JOB_QUEUED && r.state != V2M_JOB_NEW)
		return 0;
	/* Mostly no other owner waits: then the running jobs need not be
	 * counted. */
	ret = next_waiting(shares, s, NULL, r.owner, other, err);
	if (ret <= 0)
		return ret;
	running = calloc(1, sizeof *running);
	if (running == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot share");
	ret = count_running(s, running, err) < 0 ? -1 : 0;
	if (ret == 0 && goes_back(shares, s, running, r.owner))
		ret = next_waiting(shares, s, running, r.owner, other, err);
	if (ret == 1)
		memcpy(shares->turn, other->owner, sizeof shares->turn);
	free(running);
	return ret;
}

void
v2m_shares_began(struct v2m_shares *shares, const struct v2m_record *r)
{
	memcpy(shares->last, r->owner, sizeof shares->last);
}
