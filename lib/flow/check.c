#include "flow/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/users.h"
#include "base/stop.h"
#include "base/tls.h"
#include "flow/account_jobs.h"
#include "flow/announce.h"
#include "flow/job.h"
#include "flow/lease.h"
#include "flow/limits.h"
#include "flow/prune.h"
#include "flow/requeue.h"
#include "flow/sweep.h"
#include "store/document.h"

#define COPY_SIZE (256 * 1024)
#define PROXIES_MOST 100
#define NEWEST 1000		/* jobs that are looked at in any case */
#define HOUR_MS INT64_C(3600000)

struct run {
	struct v2m_services *s;
	struct v2m_users *users;
	int64_t now;
	enum v2m_check_depth depth;
	char oldest[V2M_ID_SIZE];	/* of the newest jobs: those from here
					 * on were looked at */
	void (*found)(void *arg, const struct v2m_finding *f);
	void *arg;
	struct v2m_err err;
};

static void __attribute__((format(printf, 4, 5)))
report(struct run *run, const char *item, enum v2m_remedy remedy,
    const char *fmt, ...)
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

/* 0 go on, 1 enough, -1. */
static int
go_on_or_stop(int ret)
{
	return ret < 0 ? -1 : v2m_stop_count() > 0;
}

enum { ERROR = -1, MISSING, THERE, DAMAGED };

/* DAMAGED: with run->err. */
static int
find_object(struct run *run, enum v2m_kind kind, const char *id,
    struct v2m_object *object)
{
	int found = v2m_store_stat(run->s->store, kind, id, object,
	    &run->err);

	if (found >= 0)
		return found == 1 ? THERE : MISSING;
	if (run->err.code == V2M_IO && run->err.sys == ENOENT)
		return MISSING;
	return run->err.code == V2M_IO || v2m_err_is_access(&run->err) ?
	    DAMAGED : ERROR;
}

/* Is the record still as it was when its objects were looked for? */
static int
is_unchanged(struct run *run, const struct v2m_record *r)
{
	struct v2m_record now;

	if (v2m_store_get(run->s->store, r->id, &now, &run->err) < 0)
		return run->err.code == V2M_NOINPUT ? 0 : -1;
	return now.rev == r->rev;
}

/* --- records --- */

/* One that we may not read is made no better by another. */
static enum v2m_remedy
restores(int sys)
{
	return sys == EACCES || sys == EPERM ? V2M_REMEDY_ACCESS :
	    V2M_REMEDY_RESTORE;
}

static int
check_video(struct run *run, const struct v2m_record *r, int has,
    const struct v2m_err *why)
{
	bool ended = r->state == V2M_JOB_DONE || r->state == V2M_JOB_FAILED;
	int same;

	if (has == THERE || r->state == V2M_JOB_NEW ||
	    r->state == V2M_JOB_CANCELLED || r->video_gone != 0)
		return 0;
	same = is_unchanged(run, r);
	if (same == 1 && has == DAMAGED)
		report(run, r->id, restores(why->sys), "its video: %s",
		    why->msg);
	else if (same == 1)
		report(run, r->id, ended ? V2M_REMEDY_NOTE : V2M_REMEDY_RESTORE,
		    "its video is missing%s", ended ? "" :
		    ": it will fail when its turn comes");
	return same < 0 ? -1 : 0;
}

static int
check_mp3(struct run *run, const struct v2m_record *r, bool has_video)
{
	enum v2m_remedy remedy = has_video ? V2M_REMEDY_AGAIN :
	    V2M_REMEDY_RESTORE;
	struct v2m_object mp3;
	char why[sizeof run->err.msg];
	int has, same;

	if (r->state != V2M_JOB_DONE || r->mp3[0] == '\0')
		return 0;
	has = find_object(run, V2M_MP3, r->mp3, &mp3);
	if (has == ERROR || (has == THERE && mp3.length == r->mp3_length))
		return has == ERROR ? -1 : 0;
	memcpy(why, run->err.msg, sizeof why);
	if (has == DAMAGED && restores(run->err.sys) == V2M_REMEDY_ACCESS)
		remedy = V2M_REMEDY_ACCESS;
	same = is_unchanged(run, r);
	if (same == 1 && has == MISSING)
		report(run, r->id, remedy, "its MP3 %s is missing", r->mp3);
	else if (same == 1 && has == DAMAGED)
		report(run, r->id, remedy, "its MP3: %s", why);
	else if (same == 1)
		report(run, r->id, remedy, "its MP3 %s has %" PRId64 " bytes, "
		    "not %" PRId64, r->mp3, mp3.length, r->mp3_length);
	return same < 0 ? -1 : 0;
}

/* A fault of ours, or an attack: either is news to who runs us. */
static void
check_failure(struct run *run, const struct v2m_record *r)
{
	if (r->state == V2M_JOB_FAILED && r->failure == V2M_BUG)
		report(run, r->id, V2M_REMEDY_UPGRADE, "failed: %s", r->reason);
}

static bool
has_wrong_lease(const struct run *run, const struct v2m_record *r)
{
	return r->state == V2M_JOB_RUNNING &&
	    v2m_lease_is_wrong(r->until, r->lease_ms, run->now);
}

/* They hold nobody up, but they tell of a clock that was wrong. */
static void
check_leases(struct run *run, const struct v2m_record *r)
{
	int64_t hour = INT64_C(3600000);

	if (has_wrong_lease(run, r))
		report(run, r->id, V2M_REMEDY_PUBLISH, "its worker's lease "
		    "ends in %" PRId64 " h: a clock was ahead, so it counts "
		    "as run out", (r->until - run->now) / hour);
	if (r->told == V2M_TOLD_SENDING &&
	    v2m_lease_is_wrong(r->notify_until, r->notify_lease_ms, run->now))
		report(run, r->id, V2M_REMEDY_NOTIFY, "its notifier's lease "
		    "ends in %" PRId64 " h: a clock was ahead, so it counts "
		    "as run out", (r->notify_until - run->now) / hour);
}

static int
check_record(void *arg, struct v2m_record *r)
{
	struct run *run = arg;
	int has = find_object(run, V2M_VIDEO, r->id, NULL);
	struct v2m_err why = run->err;

	check_failure(run, r);
	check_leases(run, r);
	if (has == ERROR || check_video(run, r, has, &why) < 0)
		return -1;
	return go_on_or_stop(check_mp3(run, r, has == THERE));
}

static int
check_new(void *arg, struct v2m_record *r)
{
	struct run *run = arg;

	memcpy(run->oldest, r->id, sizeof run->oldest);
	return check_record(run, r);
}

static int
check_old(void *arg, struct v2m_record *r)
{
	struct run *run = arg;

	return strcmp(r->id, run->oldest) >= 0 ? 0 : check_record(run, r);
}

/* Those that wait or failed by a fault are the business of others. */
static int
check_old_notice(void *arg, struct v2m_record *r)
{
	struct run *run = arg;

	if (strcmp(r->id, run->oldest) < 0 && (r->state == V2M_JOB_DONE ||
	    (r->state == V2M_JOB_FAILED && r->failure != V2M_BUG)))
		check_leases(run, r);
	return v2m_stop_count() > 0;
}

static int
each(struct run *run, const struct v2m_filter *filter,
    int (*check)(void *arg, struct v2m_record *r))
{
	struct v2m_err err = { .code = V2M_OK };
	int ret = v2m_store_each(run->s->store, filter, check, run, &err);

	if (err.code != V2M_OK)
		run->err = err;
	return ret;
}

/* The newest, and of all others those that wait, or are in trouble. */
static int
check_likely(struct run *run)
{
	static const enum v2m_state waiting[] = { V2M_JOB_HELD, V2M_JOB_QUEUED,
		V2M_JOB_RUNNING };
	const struct v2m_filter newest = { .state = -1, .newest_first = true,
	    .limit = NEWEST };
	const struct v2m_filter faults = { .state = V2M_JOB_FAILED,
	    .failure = V2M_BUG };
	const struct v2m_filter notices = { .state = -1,
	    .sending = true };
	struct v2m_filter filter = { .state = -1 };
	int ret = each(run, &newest, check_new);
	size_t i;

	for (i = 0; i < 3 && ret == 0; i++) {
		filter.state = (int)waiting[i];
		ret = each(run, &filter, check_old);
	}
	if (ret == 0)
		ret = each(run, &faults, check_old);
	if (ret == 0)
		ret = each(run, &notices, check_old_notice);
	return ret;
}

static int
check_records(struct run *run)
{
	const struct v2m_filter all = { .state = -1 };

	return run->depth == V2M_CHECK_INDEXED ? check_likely(run) :
	    each(run, &all, check_record);
}

/* --- owners --- */

/* 1, 0, -1. */
static int
has_account(struct run *run, const char *owner)
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
check_owner(struct run *run, const char *owner)
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
		report(run, owner, V2M_REMEDY_ACCOUNT, "no such user, of %"
		    PRId64 " job%s", c.n, c.n == 1 ? "" : "s");
	return 0;
}

static int
check_owners(struct run *run)
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
	struct run *run = arg;

	/* That was told already. */
	if (has_wrong_lease(run, r))
		return v2m_stop_count() > 0;
	report(run, r->id, V2M_REMEDY_PUBLISH, r->state == V2M_JOB_RUNNING ?
	    "its worker died" : r->state == V2M_JOB_QUEUED ?
	    "its message is lost" : r->end_published_at == 0 ?
	    "its end was never announced" : "its owner was not told: the "
	    "message is lost");
	return v2m_stop_count() > 0;
}

/* It was tried for give_up_after, and is told of for as long then: an address
 * that is wrong for good is no news for ever. */
static bool
is_old_news(const struct run *run, const struct v2m_record *r)
{
	int64_t give_up = v2m_conf_number(run->s->conf, "give_up_after");
	int64_t since = r->notify_since > r->done_at ? r->notify_since :
	    r->done_at;

	return give_up > 0 && since < run->now - 2 * give_up;
}

static int
report_untold(void *arg, struct v2m_record *r)
{
	struct run *run = arg;

	if (is_old_news(run, r))
		return v2m_stop_count() > 0;
	if (r->told == V2M_TOLD_FAILED)
		report(run, r->id, V2M_REMEDY_TELL, "its notice failed: %s",
		    r->notify_reason);
	else
		report(run, r->id, V2M_REMEDY_TELL,
		    "it is not known whether its notice was sent");
	return v2m_stop_count() > 0;
}

static int
check_notices(struct run *run)
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
is_fresh(const struct run *run, const char *id, enum v2m_prune_why why)
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
		report(arg, id, V2M_REMEDY_PRUNE, "%s: %s", what,
		    v2m_prune_word(why));
}

static void
report_unreadable(void *arg, const char *id, const struct v2m_err *err)
{
	report(arg, id, restores(err->sys), "%s", err->msg);
}

static int
check_useless(struct run *run)
{
	bool indexed = run->depth == V2M_CHECK_INDEXED;
	const struct v2m_prune look = { .dry = true, .full = !indexed,
	    .indexed = indexed, .found = report_useless,
	    .failed = report_unreadable, .arg = run };

	return v2m_prune(run->s, &look, &run->err);
}

/* --- queues --- */

static int
check_queue(struct run *run, const char *queue)
{
	char failed[64];
	int64_t n;

	snprintf(failed, sizeof failed, "%s.failed", queue);
	if (v2m_queue_depth(run->s->queue, failed, &n, &run->err) < 0)
		return -1;
	if (n > 0)
		report(run, failed, strncmp(v2m_conf_text(run->s->conf,
		    "queue"), "amqp", 4) == 0 ? V2M_REMEDY_RABBITMQ :
		    V2M_REMEDY_SQLITE, "%" PRId64 " message%s that %s no job",
		    n, n == 1 ? "" : "s", n == 1 ? "is" : "are");
	return 0;
}

/* --- bytes --- */

static int
hash_object(struct run *run, enum v2m_kind kind, const char *id, char *buf,
    char sha256[V2M_SHA256_HEX])
{
	struct v2m_reader *reader = v2m_store_read(run->s->store, kind, id,
	    NULL, &run->err);
	struct v2m_sha256 h;
	int64_t at = 0;
	ssize_t n;

	if (reader == NULL)
		return -1;
	v2m_reader_read_on(reader);
	v2m_sha256_init(&h);
	while ((n = v2m_reader_pread(reader, buf, COPY_SIZE, at,
	    &run->err)) > 0 && v2m_stop_count() == 0) {
		v2m_sha256_update(&h, buf, (size_t)n);
		at += n;
	}
	v2m_reader_free(reader);
	v2m_sha256_final(&h, sha256);
	return n < 0 ? -1 : 0;
}

static int
check_bytes(struct run *run, enum v2m_kind kind,
    const struct v2m_object *object)
{
	const char *word = kind == V2M_VIDEO ? "video" : "MP3";
	char *buf = malloc(COPY_SIZE), sha256[V2M_SHA256_HEX];
	const char *job = object->video[0] != '\0' ? object->video :
	    object->id;
	int ret;

	if (buf == NULL)
		return v2m_err_sys(&run->err, V2M_TEMP, "cannot read the %s",
		    word);
	ret = hash_object(run, kind, object->id, buf, sha256);
	free(buf);
	if (v2m_stop_count() > 0)
		return 1;
	/* Removed meanwhile. */
	if (ret < 0 && run->err.code == V2M_NOINPUT)
		return 0;
	if (ret < 0 && run->err.code != V2M_IO &&
	    !v2m_err_is_access(&run->err))
		return -1;
	if (ret < 0)
		report(run, job, restores(run->err.sys), "its %s: %s", word,
		    run->err.msg);
	else if (object->sha256[0] != '\0' &&
	    strcmp(sha256, object->sha256) != 0)
		report(run, job, kind == V2M_MP3 ? V2M_REMEDY_AGAIN :
		    V2M_REMEDY_RESTORE, "its %s is damaged: not the SHA-256 it "
		    "was stored with", word);
	return 0;
}

static int
check_video_bytes(void *arg, const struct v2m_object *object)
{
	return check_bytes(arg, V2M_VIDEO, object);
}

static int
check_mp3_bytes(void *arg, const struct v2m_object *object)
{
	return check_bytes(arg, V2M_MP3, object);
}

static int
check_all_bytes(struct run *run)
{
	struct v2m_err err = { .code = V2M_OK };
	int ret = v2m_store_objects(run->s->store, V2M_VIDEO, NULL,
	    check_video_bytes, run, &err);

	if (ret == 0)
		ret = v2m_store_objects(run->s->store, V2M_MP3, NULL,
		    check_mp3_bytes, run, &err);
	if (err.code != V2M_OK)
		run->err = err;
	return ret;
}

/* --- the way there --- */

static void
check_tls(struct run *run, const char *key, enum v2m_remedy remedy)
{
	char host[256], name[32];

	snprintf(name, sizeof name, "%s_tls", key);
	if (strcmp(v2m_conf_text(run->s->conf, name), "off") != 0 &&
	    v2m_tls_of(run->s->conf, key, host, sizeof host) == V2M_TLS_CLEAR)
		report(run, key, remedy, "the connection to %s is not "
		    "encrypted", host);
}

static void
on_concern(void *arg, const char *what)
{
	report(arg, "objects", V2M_REMEDY_BUCKET, "%s", what);
}

static int
check_proxies(struct run *run)
{
	struct v2m_document *list;
	size_t i, n;

	if (v2m_document_list(run->s->store, V2M_PROXY_DOCUMENT, 0, NULL,
	    PROXIES_MOST, &list, &n, &run->err) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (list[i].until > run->now)
			report(run, list[i].key, V2M_REMEDY_PROXY, "%s sends "
			    "X-Forwarded-For or Forwarded, but "
			    "trusted_proxies does not name it: if it is a "
			    "proxy, all its clients count as one",
			    v2m_document_text(&list[i]));
	v2m_documents_free(list, n);
	return 0;
}

/* What an older v2m set up goes on without the limits that are the default now,
 * until somebody has decided. */
static int
check_limits(struct run *run)
{
	static const char *const keys[] = { "max_user_jobs", "max_user_bytes",
	    "max_user_unfinished" };
	int hold = v2m_limits_hold(run->s, &run->err);
	size_t i;

	for (i = 0; hold == 0 && i < sizeof keys / sizeof keys[0]; i++)
		if (!v2m_conf_is_set(run->s->conf, keys[i]))
			report(run, keys[i], V2M_REMEDY_LIMIT, "no limit holds "
			    "for those who upload through a gateway: an older "
			    "v2m set up this store");
	return hold < 0 ? -1 : 0;
}

int
v2m_check(struct v2m_services *s, enum v2m_check_depth depth,
    void (*found)(void *arg, const struct v2m_finding *f), void *arg,
    struct v2m_err *err)
{
	struct run run = { .s = s, .depth = depth, .found = found,
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
		ret = check_records(&run);
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
		ret = check_all_bytes(&run);
out:
	v2m_users_close(run.users);
	if (ret < 0)
		v2m_err_pass(err, &run.err);
	return ret < 0 ? -1 : 0;
}

const char *
v2m_remedy_text(enum v2m_remedy remedy)
{
	static const char *const texts[] = {
		[V2M_REMEDY_RESTORE] = "restore it from a backup, or upload "
		    "the video again and remove this job (v2m-remove)",
		[V2M_REMEDY_ACCESS] = "give the owner of the state the rights "
		    "to that file",
		[V2M_REMEDY_COPY] = "replace it by a copy: it is a link, or "
		    "has another name elsewhere",
		[V2M_REMEDY_RABBITMQ] = "look at them in that queue, then "
		    "rabbitmqctl purge_queue with its name",
		[V2M_REMEDY_SQLITE] = "look at them with sqlite3, then remove "
		    "them: see v2m-check(1)",
		[V2M_REMEDY_PRUNE] = "v2m-prune removes it",
		[V2M_REMEDY_ROOT] = "v2m-check --repair, run by root",
		[V2M_REMEDY_ACCOUNT] = "v2m-user add --adopt-jobs gives them "
		    "to a new account, v2m-user remove --jobs=remove removes "
		    "them, --jobs=keep lets them be",
		[V2M_REMEDY_STORE_TLS] = "?tls=true in its URL, or "
		    "store_tls = off in a private network",
		[V2M_REMEDY_OBJECTS_TLS] = "?tls=true in its URL, or "
		    "objects_tls = off in a private network",
		[V2M_REMEDY_QUEUE_TLS] = "amqps: in its URL, or "
		    "queue_tls = off in a private network",
		[V2M_REMEDY_BUCKET] = "see S3 in v2m.conf(5) for the bucket's "
		    "rules",
		[V2M_REMEDY_PROXY] = "trusted_proxies with that address, and "
		    "start the gateway again; no more is told after an hour",
		[V2M_REMEDY_LIMIT] = "set it in the configuration; 0 means no "
		    "limit",
		[V2M_REMEDY_NOTIFY] = "v2m-notify with this ID",
		[V2M_REMEDY_TELL] = "v2m-notify --again with this ID",
		[V2M_REMEDY_UPGRADE] = "v2m-requeue --failed=70 after an "
		    "upgrade",
		[V2M_REMEDY_PUBLISH] = "publish its message again",
		[V2M_REMEDY_AGAIN] = "convert it once more",
		[V2M_REMEDY_NOTE] = "note that its video is gone",
		[V2M_REMEDY_OWNER] = "give it to the owner of the state",
	};

	return texts[remedy];
}

bool
v2m_remedy_is_ours(enum v2m_remedy remedy)
{
	return remedy > V2M_REMEDY_UPGRADE;
}

/* The bytes are gone already: what the store still says of them goes, too. */
static int
note_gone(struct v2m_services *s, const char *id, struct v2m_err *err)
{
	struct run run = { .s = s };
	struct v2m_record r;

	if (v2m_job_find(s->store, id, &r, err) < 0)
		return -1;
	if (find_object(&run, V2M_VIDEO, id, NULL) != MISSING)
		return 0;
	if (v2m_job_prune(s->store, &r, true, false, err) < 0)
		return -1;
	return v2m_store_remove(s->store, V2M_VIDEO, id, err);
}

int
v2m_check_repair(struct v2m_services *s, const struct v2m_finding *f,
    struct v2m_err *err)
{
	switch (f->remedy) {
	case V2M_REMEDY_PUBLISH:
		return v2m_requeue_lost(s, f->item, err);
	case V2M_REMEDY_AGAIN:
		return v2m_requeue(s, f->item, true, err);
	case V2M_REMEDY_NOTE:
		return note_gone(s, f->item, err);
	default:
		return v2m_err_set(err, V2M_BUG, "no remedy of ours");
	}
}
