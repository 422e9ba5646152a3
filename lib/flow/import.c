#include "flow/import.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "flow/import_private.h"
#include "store/moved.h"

#define LOOK_MS 500		/* between two looks at who is at work */

/* "there" is the store that the jobs come from, "here" is ours. */

/* --- the marks in both stores (store/moved.h) --- */

/* The name of the configuration's store, for a mark in the other store. */
static int
name_store(const struct v2m_conf *conf, struct v2m_moved *m,
    struct v2m_err *err)
{
	char *name = v2m_conf_masked(conf, "store");

	if (name == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot begin");
	v2m_text_copy(m->other, sizeof m->other, name);
	free(name);
	return 0;
}

static int
mark_from(struct v2m_import_run *run, enum v2m_moved_state state,
    struct v2m_err *err)
{
	struct v2m_moved m = { .state = state };

	if (name_store(run->to.conf, &m, err) < 0 ||
	    v2m_moved_set(run->from.store, run->mark_from, &m, err) < 0)
		return -1;
	run->mark_from = state;
	run->i->closes = state == V2M_MOVED_CLOSING ||
	    state == V2M_MOVED_CLOSED;
	return 0;
}

static int
mark_to(struct v2m_import_run *run, enum v2m_moved_state state,
    struct v2m_err *err)
{
	struct v2m_moved m = { .state = state };

	if (name_store(run->from.conf, &m, err) < 0 ||
	    v2m_moved_set(run->to.store, run->mark_to, &m, err) < 0)
		return -1;
	run->mark_to = state;
	return 0;
}

/* Read the mark in a store; *ours: it names the other store. */
static int
read_mark(const struct v2m_services *in, const struct v2m_services *other,
    struct v2m_moved *m, bool *ours, struct v2m_err *err)
{
	struct v2m_moved name;

	if (v2m_moved_get(in->store, m, err) < 0 ||
	    name_store(other->conf, &name, err) < 0)
		return -1;
	*ours = strcmp(m->other, name.other) == 0;
	return 0;
}

static int
check_unused(struct v2m_import_run *run, struct v2m_err *err)
{
	int used = v2m_store_is_used(run->to.store, err);

	return used != 1 ? used : v2m_err_set(err, V2M_CONFIG, "the store "
	    "here has jobs of its own: import into a new one");
}

/* Wait until every process that writes to the store knows the new mark. */
static int
let_know(struct v2m_err *err)
{
	v2m_stop_sleep(V2M_MOVED_WAIT_MS);
	return v2m_stop_check(err);
}

/* Close the store here to all but us.  A job that was written before its writer
 * knew of the mark is found now. */
static int
begin_filling(struct v2m_import_run *run, struct v2m_err *err)
{
	struct v2m_err ignored;

	if (v2m_fault("import-begun", err) < 0 || let_know(err) < 0)
		return -1;
	if (check_unused(run, err) == 0)
		return mark_to(run, V2M_MOVED_FILLING, err);
	if (err->code == V2M_CONFIG)
		mark_to(run, V2M_MOVED_NOT, &ignored);
	return -1;
}

static int
begin_here(struct v2m_import_run *run, struct v2m_err *err)
{
	struct v2m_moved m;
	bool ours;

	if (read_mark(&run->to, &run->from, &m, &ours, err) < 0)
		return -1;
	if (m.state > V2M_MOVED_HERE)
		return v2m_err_set(err, V2M_CONFIG, "the jobs of the store "
		    "here go to %s", m.other);
	if (m.state != V2M_MOVED_NOT && !ours)
		return v2m_err_set(err, V2M_CONFIG, "the store here has the "
		    "jobs of %s", m.other);
	run->mark_to = m.state;
	run->i->was_complete = m.state == V2M_MOVED_HERE;
	if (m.state == V2M_MOVED_NOT && (check_unused(run, err) < 0 ||
	    mark_to(run, V2M_MOVED_BEGUN, err) < 0))
		return -1;
	if (m.state == V2M_MOVED_CANCELLED)
		return mark_to(run, V2M_MOVED_FILLING, err);
	return m.state < V2M_MOVED_FILLING ? begin_filling(run, err) : 0;
}

/* After a final run was interrupted, a run that only copies, perhaps by cron,
 * must not go on with it. */
static int
may_go_on(const struct v2m_import_run *run, struct v2m_err *err)
{
	return !run->i->closes || run->i->final ? 0 : v2m_err_busy(err,
	    "a final run has begun");
}

static int
begin_there(struct v2m_import_run *run, struct v2m_err *err)
{
	struct v2m_moved m;
	bool ours;

	if (read_mark(&run->from, &run->to, &m, &ours, err) < 0)
		return -1;
	run->mark_from = m.state;
	run->i->closes = ours && (m.state == V2M_MOVED_CLOSING ||
	    m.state == V2M_MOVED_CLOSED);
	switch (m.state) {
	case V2M_MOVED_NOT:
	case V2M_MOVED_HERE:
		return 0;
	case V2M_MOVED_BEGUN:
	case V2M_MOVED_CANCELLED:
	case V2M_MOVED_FILLING:
		return v2m_err_set(err, V2M_CONFIG, "the other store is not "
		    "complete itself: its jobs are on the way from %s",
		    m.other);
	default:
		return ours ? may_go_on(run, err) : v2m_err_set(err,
		    V2M_CONFIG, "the jobs of the other store go to %s",
		    m.other);
	}
}

/* --- the steps --- */

static int
copy_all(struct v2m_import_run *run, struct v2m_err *err)
{
	return v2m_import_objects(run, err) < 0 ? -1 :
	    v2m_import_records(run, err);
}

static int
wait_for_held(struct v2m_import_run *run, struct v2m_err *err)
{
	int64_t n, told = 0;

	for (;;) {
		if (v2m_import_count_held(run, &n, err) < 0)
			return -1;
		if (n == 0)
			return 0;
		if (n != told && run->i->waiting != NULL)
			run->i->waiting(run->i->arg, n);
		told = n;
		v2m_stop_sleep(LOOK_MS);
		if (v2m_stop_check(err) < 0)
			return -1;
	}
}

/* Close the store there, in two steps: to new work, and then, when all work has
 * ended, for good.  One that is closed already stays so. */
static int
close_there(struct v2m_import_run *run, struct v2m_err *err)
{
	if (run->mark_from < V2M_MOVED_CLOSED &&
	    (mark_from(run, V2M_MOVED_CLOSING, err) < 0 ||
	    v2m_fault("import-closing", err) < 0 || let_know(err) < 0 ||
	    wait_for_held(run, err) < 0 ||
	    mark_from(run, V2M_MOVED_CLOSED, err) < 0 ||
	    v2m_fault("import-closed", err) < 0))
		return -1;
	return let_know(err);
}

static int
open_here(struct v2m_import_run *run, struct v2m_err *err)
{
	if (v2m_import_documents(run, err) < 0 ||
	    v2m_import_accounts(run, err) < 0 ||
	    v2m_fault("import-rest", err) < 0 ||
	    v2m_import_publish(run, err) < 0 ||
	    v2m_fault("import-published", err) < 0)
		return -1;
	return mark_to(run, V2M_MOVED_HERE, err);
}

/* Objects are left behind only with --leave-failed. */
static int
check_left(const struct v2m_import_run *run, struct v2m_err *err)
{
	return run->nleft == 0 || run->i->leave_failed ? 0 :
	    v2m_err_set(err, run->left_code, "not moved: %zu of the videos "
	    "and MP3s cannot be copied (--leave-failed moves without them)",
	    run->nleft);
}

static int
finish(struct v2m_import_run *run, struct v2m_err *err)
{
	if (check_left(run, err) < 0 || close_there(run, err) < 0)
		return -1;
	run->closed = true;
	if (v2m_import_records(run, err) < 0 || check_left(run, err) < 0 ||
	    open_here(run, err) < 0 ||
	    v2m_fault("import-here", err) < 0)
		return -1;
	return mark_from(run, V2M_MOVED_AWAY, err);
}

/* Do the last step of a run that was killed before it. */
static int
finish_mark(struct v2m_import_run *run, struct v2m_err *err)
{
	return run->mark_from == V2M_MOVED_CLOSED ? mark_from(run,
	    V2M_MOVED_AWAY, err) : 0;
}

static int
work(struct v2m_import_run *run, struct v2m_err *err)
{
	if (begin_there(run, err) < 0 || begin_here(run, err) < 0)
		return -1;
	if (run->i->was_complete)
		return finish_mark(run, err);
	if (v2m_moved_take(run->to.store, err) < 0 || copy_all(run, err) < 0)
		return -1;
	return run->i->final ? finish(run, err) : 0;
}

static int
open_both(struct v2m_import_run *run, const struct v2m_conf *to,
    const struct v2m_conf *from, struct v2m_err *err)
{
	if (strcmp(v2m_conf_text(to, "store"), v2m_conf_text(from,
	    "store")) == 0)
		return v2m_err_set(err, V2M_CONFIG, "both have the same "
		    "store");
	run->buf = malloc(V2M_IMPORT_BUFFER);
	if (run->buf == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot begin");
	if (v2m_services_open(&run->from, from, false, err) < 0)
		return v2m_err_prefix(err, "where the jobs are");
	if (v2m_services_open(&run->to, to, true, err) < 0)
		return -1;
	v2m_moved_ignore(run->from.store);
	return 0;
}

/* The mark here is changed first: after that, a run that is going on cannot
 * open this store any more. */
static int
cancel(struct v2m_import_run *run, struct v2m_err *err)
{
	struct v2m_moved there, here;
	bool ours_there, ours;

	if (v2m_moved_take(run->to.store, err) < 0 ||
	    read_mark(&run->from, &run->to, &there, &ours_there, err) < 0 ||
	    read_mark(&run->to, &run->from, &here, &ours, err) < 0)
		return -1;
	run->mark_from = there.state;
	run->mark_to = here.state;
	if (here.state >= V2M_MOVED_HERE || there.state == V2M_MOVED_AWAY)
		return v2m_err_set(err, V2M_CONFIG, "the move is complete: "
		    "there is no way back");
	if (ours && here.state == V2M_MOVED_BEGUN &&
	    mark_to(run, V2M_MOVED_NOT, err) < 0)
		return -1;
	if (ours && here.state == V2M_MOVED_FILLING &&
	    mark_to(run, V2M_MOVED_CANCELLED, err) < 0)
		return -1;
	return ours_there && there.state >= V2M_MOVED_CLOSING ?
	    mark_from(run, V2M_MOVED_NOT, err) : 0;
}

static int
with_both(const struct v2m_conf *to, const struct v2m_conf *from,
    struct v2m_import *i, int (*step)(struct v2m_import_run *run,
    struct v2m_err *err), struct v2m_err *err)
{
	struct v2m_import_run run = { .i = i };
	int ret = open_both(&run, to, from, err);

	if (ret == 0)
		ret = step(&run, err);
	v2m_moved_leave(run.to.store);
	v2m_services_close(&run.to);
	v2m_services_close(&run.from);
	free(run.left);
	free(run.buf);
	return ret;
}

int
v2m_import(const struct v2m_conf *to, const struct v2m_conf *from,
    struct v2m_import *i, struct v2m_err *err)
{
	return with_both(to, from, i, work, err);
}

int
v2m_import_cancel(const struct v2m_conf *to, const struct v2m_conf *from,
    struct v2m_err *err)
{
	struct v2m_import unused = { .final = false };

	return with_both(to, from, &unused, cancel, err);
}
