/* Publishes what waits in a store that was moved here to the queues here. */
#include "flow/import_private.h"

#include <string.h>

#include "flow/announce.h"
#include "flow/publish.h"

/* Then the messages are there already, and publishing them again could make a
 * foreign notifier send notices twice. */
static bool
have_same_queues(const struct v2m_import_run *run)
{
	static const char *const keys[] = { "queue", "queue_video",
	    "queue_mp3" };
	size_t i;

	for (i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strcmp(v2m_conf_text(run->from.conf, keys[i]),
		    v2m_conf_text(run->to.conf, keys[i])) != 0)
			return false;
	return true;
}

static int
note(struct v2m_import_run *run, int published)
{
	run->i->published += published > 0;
	return published < 0 ? -1 : 0;
}

/* A job whose video is stored, but which is not accepted yet: its uploader may
 * have died, and does not know whether it was. */
static int
one_new(void *arg, struct v2m_record *r)
{
	struct v2m_import_run *run = arg;

	return note(run, v2m_publish_job(&run->to, r, &run->err) < 0 ? -1 : 1);
}

static int
one_waiting(void *arg, struct v2m_record *r)
{
	struct v2m_import_run *run = arg;

	return note(run, v2m_publish_job_again(&run->to, r, &run->err));
}

static int
one_end(void *arg, struct v2m_record *r)
{
	struct v2m_import_run *run = arg;

	return note(run, v2m_publish_end(&run->to, r, NULL, &run->err) < 0 ?
	    -1 : 1);
}

/* The owner was not told.  If a sweep would publish it, do so now. */
static int
one_untold(void *arg, struct v2m_record *r)
{
	struct v2m_import_run *run = arg;
	int covered = v2m_announce_covers(&run->to, r, &run->err);

	if (covered != 1)
		return covered;
	return note(run, v2m_publish_end_anew(&run->to, r, &run->err) < 0 ?
	    -1 : 1);
}

int
v2m_import_publish(struct v2m_import_run *run, struct v2m_err *err)
{
	const struct {
		struct v2m_filter filter;
		int (*each)(void *arg, struct v2m_record *r);
	} steps[] = {
		{ { .state = V2M_JOB_NEW }, one_new },
		{ { .state = V2M_JOB_QUEUED }, one_waiting },
		{ { .state = V2M_JOB_RUNNING }, one_waiting },
		{ { .state = V2M_JOB_DONE, .untold = true }, one_untold },
		{ { .state = V2M_JOB_FAILED, .untold = true }, one_untold },
		{ { .state = V2M_JOB_DONE, .end_unpublished = true },
		    one_end },
		{ { .state = V2M_JOB_FAILED, .end_unpublished = true },
		    one_end },
	};
	struct v2m_err why = { .code = V2M_OK };
	int ret = 0;
	size_t i;

	if (have_same_queues(run))
		return 0;
	run->err.code = V2M_OK;
	for (i = 0; i < sizeof steps / sizeof steps[0] && ret == 0; i++)
		ret = v2m_store_each(run->to.store, &steps[i].filter,
		    steps[i].each, run, &why);
	if (ret == 0)
		return 0;
	return v2m_err_pass(err, why.code != V2M_OK ? &why : &run->err);
}
