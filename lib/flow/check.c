#include "flow/check_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/stop.h"
#include "base/tls.h"
#include "flow/account_jobs.h"
#include "flow/announce.h"
#include "flow/job.h"
#include "flow/limits.h"
#include "flow/prune.h"
#include "flow/requeue.h"
#include "flow/sweep.h"
#include "store/document.h"
#include "store/moved.h"

#define PROXIES_MOST 100
#define HOUR_MS INT64_C(3600000)

/* --- owners --- */

struct count {
	int64_t kept, n;	/* those made before `kept` stay on purpose */
};

static int
count_job(void *arg, struct v2m_record *r)
{
	struct count *c = arg;

	c->n += v2m_account_has(r) && r->created_at >= c->kept;
	return 0;
}

static int
check_owner(struct v2m_check_run *run, const char *owner)
{
	const struct v2m_filter all = { .state = -1, .owner = owner };
	int has = v2m_users_has(run->users, owner, &run->err);
	struct count c = { 0, 0 };

	if (has != 0)
		return has < 0 ? -1 : 0;
	if (v2m_account_kept(run->s, owner, &c.kept, &run->err) < 0 ||
	    v2m_store_each(run->s->store, &all, count_job, &c, &run->err) < 0)
		return -1;
	if (c.n > 0)
		v2m_check_report(run, owner, V2M_REMEDY_ACCOUNT,
		    "no such user, of %" PRId64 " job%s", c.n,
		    c.n == 1 ? "" : "s");
	return 0;
}

static int
check_owners(struct v2m_check_run *run)
{
	char owner[V2M_EMAIL_MAX] = "", after[V2M_EMAIL_MAX];
	int found;

	do {
		memcpy(after, owner, sizeof after);
		found = v2m_store_next_owner(run->s->store, after, owner,
		    &run->err);
		if (found == 1 && check_owner(run, owner) < 0)
			return -1;
	} while (found == 1 && v2m_stop_count() == 0);
	return found < 0 ? -1 : v2m_stop_count() > 0;
}

/* --- jobs that nobody works on, and notices that failed --- */

static int
report_lost(void *arg, const struct v2m_record *r)
{
	struct v2m_check_run *run = arg;

	/* check_records.c has reported it. */
	if (v2m_check_wrong_lease(run, r))
		return v2m_stop_count() > 0;
	v2m_check_report(run, r->id, V2M_REMEDY_PUBLISH, "%s",
	    v2m_requeue_lost_text(r));
	return v2m_stop_count() > 0;
}

/* A failed notice is reported for give_up_after: an address that is wrong for
 * good need not be reported for ever. */
static bool
is_old_news(const struct v2m_check_run *run, const struct v2m_record *r)
{
	int64_t give_up = v2m_conf_number(run->s->conf, "give_up_after");
	int64_t since = r->notify_since > r->done_at ? r->notify_since :
	    r->done_at;

	return give_up > 0 && since < run->now - 2 * give_up;
}

static int
report_untold(void *arg, struct v2m_record *r)
{
	struct v2m_check_run *run = arg;

	if (is_old_news(run, r))
		return v2m_stop_count() > 0;
	if (r->told == V2M_TOLD_FAILED)
		v2m_check_report(run, r->id, V2M_REMEDY_TELL,
		    "its notice failed: %s", r->notify_reason);
	else
		v2m_check_report(run, r->id, V2M_REMEDY_TELL,
		    "it is not known whether its notice was sent");
	return v2m_stop_count() > 0;
}

static int
check_notices(struct v2m_check_run *run)
{
	const struct v2m_filter undelivered = { .state = -1,
	    .undelivered = true };

	return v2m_store_each(run->s->store, &undelivered, report_untold, run,
	    &run->err);
}

/* --- what is stored and of no use --- */

/* An upload that failed on a full disk may leave a file that it could not
 * remove either, and one that was broken off leaves its bytes.  They are
 * reported only if v2m-prune has not removed them soon. */
static bool
is_fresh(const struct v2m_check_run *run, const char *id,
    enum v2m_prune_why why)
{
	int64_t soon_ms = why == V2M_PRUNE_REMOVED ? HOUR_MS :
	    why == V2M_PRUNE_NOT_CONTINUED ? 24 * HOUR_MS : 0;

	return v2m_id_valid(id) && run->now - v2m_id_time_ms(id) < soon_ms;
}

static void
report_useless(void *arg, const char *id, const char *what,
    enum v2m_prune_why why)
{
	/* What keep_... says is not a fault. */
	if (!v2m_prune_is_kept_time(why) && !is_fresh(arg, id, why))
		v2m_check_report(arg, id, V2M_REMEDY_PRUNE, "%s: %s", what,
		    v2m_prune_word(why));
}

static void
report_unreadable(void *arg, const char *id, const struct v2m_err *err)
{
	v2m_check_report(arg, id, v2m_check_restores(err->sys), "%s", err->msg);
}

static int
check_useless(struct v2m_check_run *run)
{
	bool indexed = run->depth == V2M_CHECK_INDEXED;
	const struct v2m_prune look = { .dry = true, .full = !indexed,
	    .indexed = indexed, .found = report_useless,
	    .failed = report_unreadable, .arg = run };

	return v2m_prune(run->s, &look, &run->err);
}

/* --- queues --- */

static int
check_queue(struct v2m_check_run *run, const char *queue)
{
	char failed[64];
	int64_t n;

	snprintf(failed, sizeof failed, "%s.failed", queue);
	if (v2m_queue_depth(run->s->queue, failed, &n, &run->err) < 0)
		return -1;
	if (n > 0)
		v2m_check_report(run, failed,
		    strncmp(v2m_conf_text(run->s->conf, "queue"), "amqp",
		    4) == 0 ? V2M_REMEDY_RABBITMQ :
		    V2M_REMEDY_SQLITE, "%" PRId64 " message%s that %s no job",
		    n, n == 1 ? "" : "s", n == 1 ? "is" : "are");
	return 0;
}

/* --- settings --- */

static void
check_tls(struct v2m_check_run *run, const char *key, enum v2m_remedy remedy)
{
	char host[256], name[32];

	snprintf(name, sizeof name, "%s_tls", key);
	if (strcmp(v2m_conf_text(run->s->conf, name), "off") != 0 &&
	    v2m_tls_of(run->s->conf, key, host, sizeof host) == V2M_TLS_CLEAR)
		v2m_check_report(run, key, remedy,
		    "the connection to %s is not encrypted", host);
}

static void
on_concern(void *arg, const char *what)
{
	v2m_check_report(arg, "objects", V2M_REMEDY_BUCKET, "%s", what);
}

static int
check_proxies(struct v2m_check_run *run)
{
	struct v2m_document *list;
	size_t i, n;

	if (v2m_document_list(run->s->store, V2M_PROXY_DOCUMENT, 0, NULL,
	    PROXIES_MOST, &list, &n, &run->err) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (list[i].until > run->now)
			v2m_check_report(run, list[i].key, V2M_REMEDY_PROXY,
			    "%s sends X-Forwarded-For or Forwarded, but "
			    "trusted_proxies does not name it: if it is a "
			    "proxy, all its clients count as one",
			    v2m_document_text(&list[i]));
	v2m_documents_free(list, n);
	return 0;
}

/* A store that an older v2m set up has no default limits: report that until the
 * keys are set. */
static int
check_limits(struct v2m_check_run *run)
{
	static const char *const keys[] = { "max_user_jobs", "max_user_bytes",
	    "max_user_unfinished" };
	int hold = v2m_limits_hold(run->s, &run->err);
	size_t i;

	for (i = 0; hold == 0 && i < sizeof keys / sizeof keys[0]; i++)
		if (!v2m_conf_is_set(run->s->conf, keys[i]))
			v2m_check_report(run, keys[i], V2M_REMEDY_LIMIT,
			    "no limit holds for those who upload through a "
			    "gateway: an older v2m set up this store");
	return hold < 0 ? -1 : 0;
}

/* --- a move --- */

static const char *
move_text(const struct v2m_moved *m)
{
	if (m->state == V2M_MOVED_AWAY)
		return "all jobs have moved to";
	return v2m_moved_is_left(m) ? "the jobs are being moved to" :
	    "it is not in use yet: jobs are on the way from";
}

static int
check_move(struct v2m_check_run *run, bool *in_use)
{
	struct v2m_moved m;
	struct v2m_err why;

	if (v2m_moved_get(run->s->store, &m, &run->err) < 0)
		return -1;
	*in_use = v2m_moved_refuse(&m, V2M_WRITE_NEW, &why) == 0;
	if (!*in_use)
		v2m_check_report(run, "store", m.state == V2M_MOVED_AWAY ?
		    V2M_REMEDY_MOVED : V2M_REMEDY_MOVE, "%s %s",
		    move_text(&m), m.other);
	return 0;
}

/* --- all of it --- */

static int
check_settings(struct v2m_check_run *run)
{
	int ret;

	check_tls(run, "store", V2M_REMEDY_STORE_TLS);
	check_tls(run, "objects", V2M_REMEDY_OBJECTS_TLS);
	check_tls(run, "queue", V2M_REMEDY_QUEUE_TLS);
	ret = check_proxies(run);
	if (ret == 0)
		ret = check_limits(run);
	return ret != 0 ? ret : v2m_store_concerns(run->s->store, on_concern,
	    run, &run->err);
}

/* What waits for a worker or for v2m-prune.  Not in a store whose jobs have
 * moved elsewhere: there it is no fault that it waits. */
static int
check_waiting(struct v2m_check_run *run)
{
	const struct v2m_conf *conf = run->s->conf;
	int ret = check_owners(run);

	if (ret == 0)
		ret = v2m_sweep_look(run->s, report_lost, run, &run->err);
	if (ret == 0)
		ret = v2m_announce_look(run->s, report_lost, run, &run->err);
	if (ret == 0)
		ret = check_notices(run);
	if (ret == 0)
		ret = check_useless(run);
	if (ret == 0)
		ret = check_queue(run, v2m_conf_text(conf, "queue_video"));
	if (ret == 0)
		ret = check_queue(run, v2m_conf_text(conf, "queue_mp3"));
	return ret != 0 ? ret : check_queue(run, V2M_QUEUE_NOTIFY);
}

int
v2m_check(struct v2m_services *s, enum v2m_check_depth depth,
    void (*found)(void *arg, const struct v2m_finding *f), void *arg,
    struct v2m_err *err)
{
	struct v2m_check_run run = { .s = s, .depth = depth, .found = found,
	    .arg = arg };
	bool in_use = false;
	int ret = -1;

	run.users = v2m_users_open(s->conf, &run.err);
	if (run.users != NULL && v2m_store_now(s->store, &run.now,
	    &run.err) == 0)
		ret = check_move(&run, &in_use);
	if (ret == 0)
		ret = check_settings(&run);
	if (ret == 0)
		ret = v2m_check_records(&run);
	if (ret == 0 && in_use)
		ret = check_waiting(&run);
	if (ret == 0 && depth == V2M_CHECK_BYTES)
		ret = v2m_check_all_bytes(&run);
	v2m_users_close(run.users);
	if (ret < 0)
		v2m_err_pass(err, &run.err);
	return ret < 0 ? -1 : 0;
}
