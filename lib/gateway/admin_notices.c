/* GET /admin/notices and POST /admin/tell: notices that were not sent, or may
 * not have arrived, and sending one again. */
#include <string.h>

#include "flow/status.h"
#include "flow/tell_again.h"
#include "gateway/admin.h"
#include "gateway/fail.h"
#include "gateway/identity.h"

struct notices {
	struct v2m_untold_filter filter;
	int64_t limit;
	char last[V2M_ID_SIZE];
	bool more;
	json_t *list;
};

static json_t *
describe_notice(const struct v2m_record *r, const char *useless)
{
	json_t *o = v2m_status_json(r);

	json_object_set_new(o, "told_reason", json_string(r->notify_reason));
	json_object_set_new(o, "useless", useless == NULL ? json_null() :
	    json_string(useless));
	return o;
}

static int
add_notice(void *arg, const struct v2m_record *r, const char *useless)
{
	struct notices *n = arg;

	n->more = (int64_t)json_array_size(n->list) == n->limit;
	if (n->more)
		return 1;
	json_array_append_new(n->list, describe_notice(r, useless));
	memcpy(n->last, r->id, sizeof n->last);
	return 0;
}

static int
read_notices(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	struct notices *n = arg;

	return v2m_tell_again_select(s, &n->filter, add_notice, n, err) < 0 ?
	    -1 : 0;
}

void
v2m_admin_notices_get(struct v2m_rq *rq)
{
	struct notices n = { .filter = { .maybe = true } };
	struct v2m_admin_page page;
	struct v2m_err err;

	if (!v2m_admin_page(rq, &page))
		return;
	n.filter.after = page.after;
	n.limit = page.limit;
	n.list = json_array();
	if (v2m_admin_list(rq, read_notices, &n, &err) < 0)
		v2m_admin_fail_apart(rq, V2M_ADMIN_LISTING, &err);
	else
		v2m_admin_reply(rq, json_pack("{s:O, s:s?}", "notices",
		    n.list, "next", n.more ? n.last : NULL));
	json_decref(n.list);
}

/* --- once more --- */

struct request {
	const char *id;
	bool force;
};

static int
tell_again(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	const struct request *q = arg;

	return v2m_tell_again(s, q->id, q->force, "force=1 sends it again",
	    err);
}

void
v2m_admin_tell_post(struct v2m_rq *rq)
{
	struct v2m_claims identity;
	struct request q;
	struct v2m_err err;

	if (!v2m_identity_admin(rq, &identity) ||
	    !v2m_admin_flag(rq, "force", &q.force) ||
	    (q.id = v2m_fail_or_id(rq, "fid")) == NULL)
		return;
	v2m_rq_note(rq, "job", q.id);
	if (v2m_pool_use(v2m_rq_pool(rq), tell_again, &q, &err) < 0)
		v2m_admin_fail(rq, &err);
	else
		v2m_admin_reply(rq, json_pack("{s:s, s:b}", "id", q.id,
		    "again", 1));
}
