/* GET /admin/users: the accounts, with their space and jobs; with gone=1, the
 * owners of jobs who have no account any more. */
#include <string.h>

#include "auth/users.h"
#include "base/clock.h"
#include "flow/quota.h"
#include "gateway/admin.h"
#include "gateway/fail.h"

#define LOOK 200		/* owners asked for in an answer */

struct people {
	struct v2m_admin_page page;
	json_t *list;
	char last[V2M_EMAIL_MAX];
	bool is_exact;		/* last is the address, not a copy of it that
				 * was cleaned */
	bool more;
};

/* --- space and jobs of an owner --- */

struct person {
	const char *email;
	bool limited;
	json_t *o;
};

static void
set_limit(json_t *o, const char *key, int64_t limit)
{
	json_object_set_new(o, key, limit > 0 ? json_integer(limit) :
	    json_null());
}

static void
set_use(json_t *o, const struct v2m_quota_state *state, int64_t bytes,
    int64_t all)
{
	json_object_set_new(o, "bytes", json_integer(bytes));
	set_limit(o, "max_user_bytes", state->limits.bytes);
	json_object_set_new(o, "jobs", json_integer(state->jobs));
	set_limit(o, "max_user_jobs", state->limits.jobs);
	json_object_set_new(o, "unfinished", json_integer(state->unfinished));
	set_limit(o, "max_user_unfinished", state->limits.unfinished);
	json_object_set_new(o, "all_jobs", json_integer(all));
}

/* The quota counts bytes only if there is a limit for them. */
static int
read_person(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct person *p = arg;
	const struct v2m_filter all = { .state = -1, .owner = p->email };
	struct v2m_quota_state state;
	struct v2m_usage usage = { 0 };
	int64_t n;

	if (v2m_quota_state(s, p->email, &state, err) < 0 ||
	    v2m_store_count(s->store, &all, &n, err) < 0)
		return -1;
	if (state.limits.bytes == 0 && v2m_store_usage(s->store, p->email,
	    NULL, 0, true, &usage, err) < 0)
		return -1;
	if (state.limits.bytes != 0)
		usage.bytes = state.bytes;
	if (!p->limited)
		state.limits = (struct v2m_limits){ 0 };
	set_use(p->o, &state, usage.bytes, n);
	return 0;
}

/* One owner at a time, so that other requests get the connection in between. */
static int
read_people(struct v2m_rq *rq, struct people *all, struct v2m_err *err)
{
	struct person p = { .o = NULL };
	size_t i;

	json_array_foreach(all->list, i, p.o) {
		p.email = json_string_value(json_object_get(p.o, "email"));
		p.limited = strcmp(json_string_value(json_object_get(p.o,
		    "role")), "user") == 0;
		if (v2m_pool_use(v2m_rq_pool(rq), read_person, &p, err) < 0)
			return -1;
	}
	return 0;
}

/* --- accounts --- */

/* A page must end with an address that can be the next `after`. */
static bool
is_full(const struct people *all)
{
	return (int64_t)json_array_size(all->list) >= all->page.limit &&
	    all->is_exact;
}

static void
add(struct people *all, const char *address, const char *role,
    int64_t created)
{
	char email[V2M_EMAIL_MAX], when[32];

	/* A row of another program may contain anything. */
	v2m_text_copy(email, sizeof email, address);
	json_array_append_new(all->list, json_pack("{s:s, s:s, s:s?}", "email",
	    email, "role", role, "created", created == 0 ? NULL :
	    v2m_wall_text(when, created)));
	memcpy(all->last, email, sizeof all->last);
	all->is_exact = strcmp(email, address) == 0;
}

static int
add_account(void *arg, const struct v2m_user *user)
{
	struct people *all = arg;

	all->more = is_full(all);
	if (all->more)
		return 1;
	add(all, user->email, user->admin ? "admin" : "user",
	    user->created_ms);
	return 0;
}

static int
list_accounts(struct v2m_users *users, struct people *all,
    struct v2m_err *err)
{
	return v2m_users_each_after(users, all->page.after, add_account, all,
	    err) < 0 ? -1 : 0;
}

/* --- owners without one --- */

struct walk {
	char after[V2M_EMAIL_MAX], owner[V2M_EMAIL_MAX];
	int found;
};

static int
next_owner(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct walk *w = arg;

	w->found = v2m_store_next_owner(s->store, w->after, w->owner, err);
	return w->found < 0 ? -1 : 0;
}

static int
list_gone(struct v2m_rq *rq, struct v2m_users *users, struct people *all,
    struct v2m_err *err)
{
	struct walk w;
	int has, looked;

	v2m_text_copy(w.after, sizeof w.after, all->page.after);
	for (looked = 0; ; looked++) {
		all->more = is_full(all) || looked == LOOK;
		if (all->more)
			return 0;
		if (v2m_pool_use(v2m_rq_pool(rq), next_owner, &w, err) < 0)
			return -1;
		/* If the copy differs, asking for the next owner behind it
		 * would return the same one for ever. */
		if (w.found == 0 || strcmp(w.owner, w.after) == 0)
			return 0;
		memcpy(w.after, w.owner, sizeof w.after);
		memcpy(all->last, w.owner, sizeof all->last);
		has = v2m_users_has(users, w.owner, err);
		if (has < 0)
			return -1;
		if (has == 0)
			add(all, w.owner, "gone", 0);
	}
}

static int
list_people(struct v2m_rq *rq, struct people *all, bool gone,
    struct v2m_err *err)
{
	struct v2m_users *users = v2m_users_open(v2m_rq_conf(rq), err);
	int ret;

	if (users == NULL)
		return -1;
	ret = gone ? list_gone(rq, users, all, err) :
	    list_accounts(users, all, err);
	v2m_users_close(users);
	return ret;
}

void
v2m_admin_users_get(struct v2m_rq *rq)
{
	struct people all = { .list = NULL };
	struct v2m_err err;
	bool gone;

	if (!v2m_admin_page_by_text(rq, &all.page) ||
	    !v2m_admin_flag(rq, "gone", &gone))
		return;
	if (all.page.after == NULL)
		all.page.after = "";
	all.list = json_array();
	if (list_people(rq, &all, gone, &err) < 0 ||
	    read_people(rq, &all, &err) < 0)
		v2m_fail(rq, &err);
	else
		v2m_admin_reply(rq, json_pack("{s:O, s:s?}", "users",
		    all.list, "next", all.more ? all.last : NULL));
	json_decref(all.list);
}
