#include "flow/check_private.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/stop.h"
#include "base/tls.h"
#include "flow/account_jobs.h"
#include "flow/announce.h"
#include "flow/job.h"
#include "flow/limits.h"
#include "flow/prune.h"
#include "flow/sweep.h"
#include "store/document.h"

#define PROXIES_MOST 100
#define HOUR_MS INT64_C(3600000)

void
v2m_check_report(struct v2m_check_run *run, const char *item,
    enum v2m_remedy remedy, const char *fmt, ...)
{
	struct v2m_finding f = { .remedy = remedy };
	char what[sizeof f.what];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	v2m_text_copy(f.what, sizeof f.what, what);
	v2m_text_copy(f.item, sizeof f.item, item);
	run->found(run->arg, &f);
}

/* --- owners --- */

/* 1, 0, -1. */
static int
has_account(struct v2m_check_run *run, const char *owner)
{
	struct v2m_user user;
	int got = v2m_users_get(run->users, owner, &user, &run->err);

	explicit_bzero(&user, sizeof user);
	if (got == 0)
		return 1;
	return run->err.code == V2M_NOINPUT || run->err.code == V2M_USAGE ?
	    0 : -1;
}

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
	int has = has_account(run, owner);
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

/* --- jobs that nobody will come to --- */

static int
report_lost(void *arg, const struct v2m_record *r)
{
	struct v2m_check_run *run = arg;

	/* That was told already. */
	if (v2m_check_wrong_lease(run, r))
		return v2m_stop_count() > 0;
	v2m_check_report(run, r->id, V2M_REMEDY_PUBLISH, "%s",
	    r->state == V2M_JOB_RUNNING ? "its worker died" :
	    r->state == V2M_JOB_QUEUED ?
	    "its message is lost" : r->end_published_at == 0 ?
	    "its end was never announced" : "its owner was not told: the "
	    "message is lost");
	return v2m_stop_count() > 0;
}

/* It was tried for give_up_after, and is told of for as long then: an address
 * that is wrong for good is not news for ever. */
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

/* --- what is stored and belongs to nothing --- */

/* An upload that failed on a disk that is full or bad may leave what it could
 * not remove either; v2m-prune comes by. */
static bool
is_fresh(const struct v2m_check_run *run, const char *id,
    enum v2m_prune_why why)
{
	return why == V2M_PRUNE_REMOVED && v2m_id_valid(id) &&
	    run->now - v2m_id_time_ms(id) < HOUR_MS;
}

static void
report_useless(void *arg, const char *id, const char *what,
    enum v2m_prune_why why)
{
	/* What only waits for its time is as it should be. */
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

/* --- the way there --- */

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

/* What an older v2m set up goes on without the limits that are the default now,
 * until somebody has decided. */
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

int
v2m_check(struct v2m_services *s, enum v2m_check_depth depth,
    void (*found)(void *arg, const struct v2m_finding *f), void *arg,
    struct v2m_err *err)
{
	struct v2m_check_run run = { .s = s, .depth = depth, .found = found,
	    .arg = arg };
	int ret = -1;

	run.users = v2m_users_open(s->conf, &run.err);
	if (run.users == NULL || v2m_store_now(s->store, &run.now,
	    &run.err) < 0)
		goto out;
	check_tls(&run, "store", V2M_REMEDY_STORE_TLS);
	check_tls(&run, "objects", V2M_REMEDY_OBJECTS_TLS);
	check_tls(&run, "queue", V2M_REMEDY_QUEUE_TLS);
	ret = check_proxies(&run);
	if (ret == 0)
		ret = check_limits(&run);
	if (ret == 0)
		ret = v2m_store_concerns(s->store, on_concern, &run,
		    &run.err);
	if (ret == 0)
		ret = v2m_check_records(&run);
	if (ret == 0)
		ret = check_owners(&run);
	if (ret == 0)
		ret = v2m_sweep_look(s, report_lost, &run, &run.err);
	if (ret == 0)
		ret = v2m_announce_look(s, report_lost, &run, &run.err);
	if (ret == 0)
		ret = check_notices(&run);
	if (ret == 0)
		ret = check_useless(&run);
	if (ret == 0)
		ret = check_queue(&run, v2m_conf_text(s->conf, "queue_video"));
	if (ret == 0)
		ret = check_queue(&run, v2m_conf_text(s->conf, "queue_mp3"));
	if (ret == 0)
		ret = check_queue(&run, V2M_QUEUE_NOTIFY);
	if (ret == 0 && depth == V2M_CHECK_BYTES)
		ret = v2m_check_all_bytes(&run);
out:
	v2m_users_close(run.users);
	if (ret < 0)
		v2m_err_pass(err, &run.err);
	return ret < 0 ? -1 : 0;
}
