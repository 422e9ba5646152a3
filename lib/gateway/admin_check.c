/* GET /admin/check: what v2m-check(1) finds without --full. */
#include "base/stop.h"
#include "flow/check.h"
#include "gateway/admin.h"
#include "gateway/components.h"
#include "gateway/fail.h"
#include "gateway/identity.h"

#define FINDINGS_MOST 1000

struct findings {
	json_t *list;
	bool more;
};

static void
add_finding(void *arg, const struct v2m_finding *f)
{
	struct findings *found = arg;

	found->more = json_array_size(found->list) == FINDINGS_MOST;
	if (found->more)
		return;
	json_array_append_new(found->list, json_pack("{s:s, s:s, s:s, s:b}",
	    "item", f->item, "what", f->what, "remedy",
	    v2m_remedy_text(f->remedy), "repair",
	    v2m_remedy_is_ours(f->remedy)));
}

/* After the gateway was told to stop, the list is not complete. */
static int
check(struct v2m_services *s, void *arg, struct v2m_err *err)
{
	if (v2m_check(s, V2M_CHECK_INDEXED, add_finding, arg, err) < 0)
		return -1;
	return v2m_stop_count() == 0 ? 0 : v2m_err_set(err, V2M_TEMP,
	    "the gateway stops");
}

void
v2m_admin_check_get(struct v2m_rq *rq)
{
	struct findings found = { NULL, false };
	struct v2m_claims identity;
	struct v2m_err err;

	if (!v2m_identity_admin(rq, &identity))
		return;
	found.list = json_array();
	if (v2m_admin_apart(rq, &v2m_rq_components(rq)->checks, 0, check,
	    &found, &err) < 0)
		v2m_admin_fail_apart(rq, "another check is running", &err);
	else
		v2m_admin_reply(rq, json_pack("{s:O, s:b}", "findings",
		    found.list, "more", found.more));
	json_decref(found.list);
}
