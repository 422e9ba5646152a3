/* Copies documents and accounts.  "there" is the v2m they come from, "here" is
 * ours. */
#include "flow/import_private.h"

#include <string.h>

#include "auth/users.h"
#include "store/document.h"

#define PAGE 100

/* --- documents --- */

static bool
is_equal(const struct v2m_document *a, const struct v2m_document *b)
{
	return a->rev != 0 && b->rev != 0 && a->until == b->until &&
	    strcmp(v2m_document_text(a), v2m_document_text(b)) == 0;
}

static int
copy_document(struct v2m_store *to, const struct v2m_document *there,
    struct v2m_err *err)
{
	struct v2m_document here = { .rev = 0 };
	int put = v2m_document_get(to, there->kind, there->key, &here, err);

	if (put >= 0 && !is_equal(there, &here)) {
		here.until = there->until;
		put = v2m_document_set(&here, v2m_document_text(there),
		    err) < 0 ? -1 : v2m_document_put(to, &here, err);
		if (put == 0)
			put = v2m_err_busy(err, "'%s %s' was changed here "
			    "meanwhile", there->kind, there->key);
	}
	v2m_document_clear(&here);
	return put < 0 ? -1 : 0;
}

/* Drop a document here that does not exist there. */
static int
drop_document(struct v2m_store *from, struct v2m_store *to,
    const struct v2m_document *here, struct v2m_err *err)
{
	struct v2m_document there = { .rev = 0 };
	int found = v2m_document_get(from, here->kind, here->key, &there, err);

	v2m_document_clear(&there);
	if (found != 0)
		return found < 0 ? -1 : 0;
	return v2m_document_drop(to, here->kind, here->key, here->rev,
	    err) < 0 ? -1 : 0;
}

/* Go through the documents of one kind in the store `in`: copy those of `from`,
 * or drop those of `to` that are not in `from`. */
static int
all_documents(struct v2m_import_run *run, struct v2m_store *in,
    const char *kind, struct v2m_err *err)
{
	struct v2m_store *from = run->from.store, *to = run->to.store;
	char after[V2M_DOCUMENT_KEY] = "";
	struct v2m_document *list;
	size_t i, n;
	int ret;

	do {
		ret = v2m_document_list(in, kind, 0, after, PAGE, &list, &n,
		    err);
		for (i = 0; i < n && ret == 0; i++)
			ret = in == from ? copy_document(to, &list[i], err) :
			    drop_document(from, to, &list[i], err);
		if (n > 0)
			memcpy(after, list[n - 1].key, sizeof after);
		v2m_documents_free(list, n);
	} while (ret == 0 && n == PAGE);
	return ret;
}

int
v2m_import_documents(struct v2m_import_run *run, struct v2m_err *err)
{
	size_t i;

	for (i = 0; v2m_documents_moved[i] != NULL; i++) {
		const char *kind = v2m_documents_moved[i];

		if (all_documents(run, run->from.store, kind, err) < 0 ||
		    all_documents(run, run->to.store, kind, err) < 0)
			return -1;
	}
	return 0;
}

/* --- accounts --- */

struct accounts {
	struct v2m_import_run *run;
	struct v2m_users *to;
	struct v2m_err err;
};

/* 1: the same account is here; 0: none; -1: a different one, or an error. */
static int
look_here(struct accounts *a, const struct v2m_user *there, struct v2m_err *err)
{
	struct v2m_user here;
	int got = v2m_users_get(a->to, there->email, &here, err);
	bool same = got == 0 && strcmp(here.hash, there->hash) == 0 &&
	    here.admin == there->admin &&
	    here.tokens_valid_from_s == there->tokens_valid_from_s;

	explicit_bzero(&here, sizeof here);
	if (got < 0)
		return err->code == V2M_NOINPUT ? 0 : -1;
	if (!same)
		v2m_err_set(err, V2M_CANTCREATE, "this account is here "
		    "already, with another password or role, or tokens were "
		    "revoked, and stays so");
	return same ? 1 : -1;
}

/* If an account cannot be added, report it and go on, unless a service is the
 * cause. */
static int
one_account(void *arg, const struct v2m_user *there)
{
	struct accounts *a = arg;
	struct v2m_user user = *there;
	struct v2m_err why;
	int here = look_here(a, there, &why);

	if (here == 0) {
		here = v2m_users_copy(a->to, &user, &why);
		a->run->i->accounts += here == 0;
	}
	explicit_bzero(&user, sizeof user);
	if (here >= 0)
		return 0;
	if (why.code != V2M_CANTCREATE && why.code != V2M_USAGE)
		return v2m_err_pass(&a->err, &why);
	a->run->i->failed(a->run->i->arg, there->email, &why);
	return 0;
}

int
v2m_import_accounts(struct v2m_import_run *run, struct v2m_err *err)
{
	struct accounts a = { .run = run, .err = { .code = V2M_OK } };
	struct v2m_users *from;
	int ret = -1;

	if (strcmp(v2m_conf_text(run->from.conf, "users"),
	    v2m_conf_text(run->to.conf, "users")) == 0)
		return 0;
	from = v2m_users_open(run->from.conf, err);
	if (from == NULL)
		return -1;
	a.to = v2m_users_open(run->to.conf, err);
	if (a.to != NULL) {
		ret = v2m_users_each(from, one_account, &a, err);
		if (ret < 0 && a.err.code != V2M_OK)
			v2m_err_pass(err, &a.err);
	}
	v2m_users_close(a.to);
	v2m_users_close(from);
	return ret < 0 ? -1 : 0;
}
