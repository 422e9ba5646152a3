/* Copies the records.  "there" is the store they come from, "here" is ours. */
#include "flow/import_private.h"

#include <string.h>

#include "base/stop.h"
#include "flow/lease.h"
#include "flow/pairs.h"

/* An upload that is going on, or was broken off: no worker may claim it. */
static bool
is_incomplete(const struct v2m_record *r)
{
	return r->state == V2M_JOB_NEW && r->sha256[0] == '\0';
}

/* May a process be about to change it? */
static bool
is_open(const struct v2m_record *r)
{
	return r->state < V2M_JOB_DONE || r->told == V2M_TOLD_SENDING;
}

/* Write the record there once more.  A process that read it before the store
 * was closed, and was stopped since, can then not change it: the revision
 * differs. */
static int
fence(struct v2m_import_run *run, struct v2m_record *r, struct v2m_err *err)
{
	int put;

	while ((put = v2m_store_put(run->from.store, r, err)) == 0)
		if (v2m_store_get(run->from.store, r->id, r, err) < 0)
			return -1;
	return put < 0 ? -1 : 0;
}

static int
insert(struct v2m_import_run *run, const struct v2m_record *there,
    struct v2m_record *here, struct v2m_err *err)
{
	*here = *there;
	switch (v2m_store_insert(run->to.store, here, err)) {
	case 1:
		run->i->jobs++;
		return 1;
	case 0:		/* it exists: the list of v2m_pairs() was behind */
		return v2m_store_get(run->to.store, here->id, here, err);
	default:
		return -1;
	}
}

static int
replace(struct v2m_import_run *run, const struct v2m_record *there,
    const struct v2m_record *here, struct v2m_err *err)
{
	struct v2m_record r = *there;
	int put;

	if (v2m_pair_is_equal(there, here))
		return 0;
	r.rev = here->rev;
	put = v2m_store_put(run->to.store, &r, err);
	if (put == 0)
		return v2m_err_busy(err, "job %s was changed here meanwhile",
		    r.id);
	run->i->jobs += put == 1;
	return put < 0 ? -1 : 0;
}

static int
copy_record(struct v2m_import_run *run, struct v2m_record *there,
    const struct v2m_record *here, struct v2m_err *err)
{
	struct v2m_record made;
	int ret;

	if (here != NULL)
		return replace(run, there, here, err);
	ret = insert(run, there, &made, err);
	return ret == 0 ? replace(run, there, &made, err) : ret < 0 ? -1 : 0;
}

/* Objects first: they may be new since the objects were listed, and a record
 * may only be here if its objects are. */
static int
copy_job(struct v2m_import_run *run, struct v2m_record *there,
    const struct v2m_record *here, struct v2m_err *err)
{
	return v2m_import_objects_of(run, there, err) < 0 ? -1 :
	    copy_record(run, there, here, err);
}

/* While the store there is open.  Uploads are left for later. */
static int
copy_open(struct v2m_import_run *run, struct v2m_record *there,
    const struct v2m_record *here, struct v2m_err *err)
{
	if (there->state == V2M_JOB_NEW ||
	    (here != NULL && v2m_pair_is_equal(there, here)))
		return 0;
	return copy_job(run, there, here, err);
}

static int
copy_closed(struct v2m_import_run *run, struct v2m_record *there,
    const struct v2m_record *here, struct v2m_err *err)
{
	if (is_open(there) && fence(run, there, err) < 0)
		return -1;
	if (is_incomplete(there)) {
		run->i->unfinished++;
		return 0;
	}
	if (here != NULL && !is_open(there) && v2m_pair_is_equal(there, here))
		return 0;
	return copy_job(run, there, here, err);
}

/* Remove a record here that was removed there since it was copied; look again,
 * as lists may be behind.  It is cancelled first, by compare-and-set: so a
 * record that was changed here meanwhile stays. */
static int
forget(struct v2m_import_run *run, struct v2m_record *here, struct v2m_err *err)
{
	struct v2m_record r;
	int put;

	if (v2m_store_get(run->from.store, here->id, &r, err) == 0)
		return 0;
	if (err->code != V2M_NOINPUT)
		return -1;
	here->state = V2M_JOB_CANCELLED;
	put = v2m_store_put(run->to.store, here, err);
	if (put == 0)
		return v2m_err_busy(err, "job %s was changed here meanwhile",
		    here->id);
	return put < 0 ? -1 : v2m_store_forget(run->to.store, here->id, err);
}

static int
one_pair(void *arg, struct v2m_record *there, struct v2m_record *here)
{
	struct v2m_import_run *run = arg;

	if (v2m_stop_check(&run->err) < 0)
		return -1;
	if (there == NULL)
		return forget(run, here, &run->err);
	return run->closed ? copy_closed(run, there, here, &run->err) :
	    copy_open(run, there, here, &run->err);
}

int
v2m_import_records(struct v2m_import_run *run, struct v2m_err *err)
{
	struct v2m_err why = { .code = V2M_OK };

	run->err.code = V2M_OK;
	if (v2m_pairs(run->from.store, run->to.store, one_pair, run,
	    &why) == 0)
		return 0;
	return v2m_err_pass(err, why.code != V2M_OK ? &why : &run->err);
}

/* --- who is at work there --- */

struct held {
	int64_t now, n;
};

/* An incomplete upload does not count: it keeps its lease for as long as it can
 * be resumed. */
static int
count_lease(void *arg, struct v2m_record *r)
{
	struct held *h = arg;

	h->n += !is_incomplete(r) && !v2m_lease_is_over(r, h->now);
	return 0;
}

static int
count_notice(void *arg, struct v2m_record *r)
{
	struct held *h = arg;

	h->n += !v2m_notify_lease_is_over(r, h->now);
	return 0;
}

int
v2m_import_count_held(struct v2m_import_run *run, int64_t *n,
    struct v2m_err *err)
{
	const struct v2m_filter running = { .state = V2M_JOB_RUNNING };
	const struct v2m_filter new = { .state = V2M_JOB_NEW };
	const struct v2m_filter sending = { .state = -1, .sending = true };
	struct v2m_store *s = run->from.store;
	struct held h = { .n = 0 };

	if (v2m_store_now(s, &h.now, err) < 0 ||
	    v2m_store_each(s, &running, count_lease, &h, err) < 0 ||
	    v2m_store_each(s, &new, count_lease, &h, err) < 0 ||
	    v2m_store_each(s, &sending, count_notice, &h, err) < 0)
		return -1;
	*n = h.n;
	return 0;
}
