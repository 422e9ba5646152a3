/* Compare with the store that the jobs were moved from.  In names and comments,
 * "there" is that store, "here" is ours. */
#include <string.h>

#include "auth/password.h"
#include "base/stop.h"
#include "flow/account_jobs.h"
#include "flow/check_private.h"
#include "flow/pairs.h"
#include "flow/prune_rules.h"
#include "store/moved.h"

struct against {
	struct v2m_check_run run;
	struct v2m_services from;
	struct v2m_users *there;
	bool in_use;		/* our store is: the move is complete */
};

/* The remedy for something that is missing here. */
static enum v2m_remedy
remedy(const struct against *a)
{
	return a->in_use ? V2M_REMEDY_FETCH : V2M_REMEDY_IMPORT;
}

static void
report(struct against *a, const char *item, const char *what)
{
	v2m_check_report(&a->run, item, remedy(a), "%s", what);
}

/* --- objects --- */

/* An object that is not there any more cannot be compared. */
static int
compare_object(struct against *a, enum v2m_kind kind, const char *id,
    const char *job)
{
	const char *word = v2m_kind_word(kind);
	struct v2m_object there, here;
	int is_there = v2m_store_stat(a->from.store, kind, id, &there,
	    &a->run.err);
	int is_here = is_there != 1 ? is_there : v2m_store_stat(
	    a->run.s->store, kind, id, &here, &a->run.err);

	if (is_there < 0 || is_here < 0)
		return -1;
	if (is_there == 1 && is_here == 0)
		v2m_check_report(&a->run, job, remedy(a),
		    "its %s is in the other store only", word);
	else if (is_there == 1 && (there.length != here.length ||
	    (there.sha256[0] != '\0' && here.sha256[0] != '\0' &&
	    strcmp(there.sha256, here.sha256) != 0)))
		v2m_check_report(&a->run, job, remedy(a),
		    "its %s has another length or SHA-256 than in the other "
		    "store", word);
	return 0;
}

static bool
has_video(const struct v2m_record *r)
{
	return r->state != V2M_JOB_CANCELLED && r->video_gone == 0;
}

static int
compare_objects(struct against *a, const struct v2m_record *there,
    const struct v2m_record *here)
{
	if (has_video(there) && has_video(here) &&
	    compare_object(a, V2M_VIDEO, here->id, here->id) < 0)
		return -1;
	return here->mp3[0] == '\0' || here->state == V2M_JOB_CANCELLED ||
	    strcmp(there->mp3, here->mp3) != 0 ? 0 :
	    compare_object(a, V2M_MP3, here->mp3, here->id);
}

/* --- records --- */

/* Compares the fields that no step of a job ever changes. */
static bool
is_same_job(const struct v2m_record *x, const struct v2m_record *y)
{
	return strcmp(x->owner, y->owner) == 0 &&
	    strcmp(x->name, y->name) == 0 && x->length == y->length &&
	    strcmp(x->sha256, y->sha256) == 0 &&
	    x->created_at == y->created_at;
}

/* Should the record be here?  Incomplete uploads are not moved, and v2m-prune
 * may have removed old jobs here. */
static bool
is_to_be_here(const struct against *a, const struct v2m_record *r)
{
	return v2m_account_has(r) &&
	    !(r->state == V2M_JOB_NEW && r->sha256[0] == '\0') &&
	    !(a->in_use && v2m_prune_forgets(a->run.s->conf, r, a->run.now));
}

/* The list of v2m_pairs() may be behind: look again.  1: it is here; 0; -1. */
static int
find_here(struct against *a, const char *id)
{
	struct v2m_record r;

	if (v2m_store_get(a->run.s->store, id, &r, &a->run.err) == 0)
		return 1;
	return a->run.err.code == V2M_NOINPUT ? 0 : -1;
}

static int
compare_pair(void *arg, struct v2m_record *there, struct v2m_record *here)
{
	struct against *a = arg;
	int found;

	if (v2m_stop_count() > 0)
		return 1;
	if (there == NULL)
		return 0;
	if (here == NULL) {
		found = is_to_be_here(a, there) ? find_here(a, there->id) : 1;
		if (found == 0)
			report(a, there->id, "it is in the other store only");
		return found < 0 ? -1 : 0;
	}
	if (!is_same_job(there, here))
		report(a, there->id, "it is not the same job as in the other "
		    "store");
	else if (!a->in_use && !v2m_pair_is_equal(there, here))
		report(a, there->id, "it was changed in the other store since "
		    "it was copied");
	return compare_objects(a, there, here);
}

static int
compare_records(struct against *a)
{
	struct v2m_err err = { .code = V2M_OK };
	int ret = v2m_pairs(a->from.store, a->run.s->store, compare_pair, a,
	    &err);

	if (err.code != V2M_OK)
		a->run.err = err;
	return ret;
}

/* --- accounts: they come last --- */

/* With legacy_passwords = upgrade, the password may be in plain text there, and
 * hashed here.  1, 0, -1. */
static int
is_same_password(struct against *a, const struct v2m_user *there,
    const struct v2m_user *here)
{
	struct v2m_err why;

	if (strcmp(here->hash, there->hash) == 0)
		return 1;
	if (!v2m_password_is_plain(there->hash))
		return 0;
	if (v2m_password_check(there->hash, here->hash, &why) == 0)
		return 1;
	return why.code == V2M_DENIED ? 0 : v2m_err_pass(&a->run.err, &why);
}

/* A new password also changes tokens_valid_from_s; if it was set here since the
 * move, that is no fault. */
static int
compare_user(struct against *a, const struct v2m_user *there,
    const struct v2m_user *here)
{
	const char *what = NULL;
	int same = here->tokens_valid_from_s != there->tokens_valid_from_s ?
	    1 : is_same_password(a, there, here);

	if (same < 0)
		return -1;
	if (here->admin != there->admin)
		what = here->admin ? "an administrator here, but not in the "
		    "other v2m" : "an administrator in the other v2m, but "
		    "not here";
	else if (here->tokens_valid_from_s < there->tokens_valid_from_s)
		what = "tokens are valid here that were revoked in the other "
		    "v2m";
	else if (same == 0)
		what = "its password is another one than in the other v2m";
	if (what != NULL)
		v2m_check_report(&a->run, there->email, V2M_REMEDY_USER, "%s",
		    what);
	return 0;
}

static int
compare_account(void *arg, const struct v2m_user *there)
{
	struct against *a = arg;
	struct v2m_user here;
	int got = v2m_users_get(a->run.users, there->email, &here,
	    &a->run.err);
	int ret = got == 0 ? compare_user(a, there, &here) : 0;

	explicit_bzero(&here, sizeof here);
	if (got == 0)
		return ret < 0 ? -1 : v2m_stop_count() > 0;
	if (a->run.err.code != V2M_NOINPUT && a->run.err.code != V2M_USAGE)
		return -1;
	v2m_check_report(&a->run, there->email, V2M_REMEDY_USER,
	    "this account is with the other store only");
	return 0;
}

static int
compare_accounts(struct against *a)
{
	struct v2m_err err = { .code = V2M_OK };
	int ret = v2m_users_each(a->there, compare_account, a, &err);

	if (err.code != V2M_OK)
		a->run.err = err;
	return ret;
}

static int
open_all(struct against *a, const struct v2m_conf *from)
{
	struct v2m_err *err = &a->run.err;
	struct v2m_moved m;

	if (v2m_services_open(&a->from, from, false, err) < 0 ||
	    (a->there = v2m_users_open(from, err)) == NULL ||
	    (a->run.users = v2m_users_open(a->run.s->conf, err)) == NULL ||
	    v2m_moved_get(a->run.s->store, &m, err) < 0 ||
	    v2m_store_now(a->run.s->store, &a->run.now, err) < 0)
		return -1;
	a->in_use = m.state == V2M_MOVED_NOT || m.state >= V2M_MOVED_HERE;
	return 0;
}

int
v2m_check_against(struct v2m_services *s, const struct v2m_conf *from,
    bool bytes, void (*found)(void *arg, const struct v2m_finding *f),
    void *arg, struct v2m_err *err)
{
	struct against a = { .run = { .s = s, .found = found, .arg = arg } };
	int ret = open_all(&a, from);

	if (ret == 0)
		ret = compare_records(&a);
	if (ret == 0 && a.in_use)
		ret = compare_accounts(&a);
	if (ret == 0 && bytes)
		ret = v2m_check_all_bytes(&a.run);
	v2m_users_close(a.run.users);
	v2m_users_close(a.there);
	v2m_services_close(&a.from);
	return ret < 0 ? v2m_err_pass(err, &a.run.err) : 0;
}
