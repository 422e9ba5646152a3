#include "gateway/admin.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/id.h"
#include "base/text.h"
#include "gateway/components.h"
#include "gateway/fail.h"
#include "gateway/identity.h"

#define LIMIT 100
#define LIMIT_MOST 1000
#define LIST_WAIT_MS 10000
#define RETRY_S 5	/* another request's work may have ended then */

bool
v2m_admin_page_by_text(struct v2m_rq *rq, struct v2m_admin_page *page)
{
	const char *limit = v2m_rq_query(rq, "limit");
	struct v2m_claims identity;

	if (!v2m_identity_admin(rq, &identity))
		return false;
	page->after = v2m_rq_query(rq, "after");
	page->limit = LIMIT;
	if (limit == NULL ||
	    v2m_text_parse_int(limit, 1, LIMIT_MOST, &page->limit))
		return true;
	v2m_fail_text(rq, 400, V2M_USAGE, "limit is not a number from 1 to %d",
	    LIMIT_MOST);
	return false;
}

bool
v2m_admin_page(struct v2m_rq *rq, struct v2m_admin_page *page)
{
	if (!v2m_admin_page_by_text(rq, page))
		return false;
	if (page->after == NULL || v2m_id_valid(page->after))
		return true;
	v2m_fail_text(rq, 400, V2M_USAGE, "after is not an ID");
	return false;
}

bool
v2m_admin_flag(struct v2m_rq *rq, const char *key, bool *set)
{
	const char *value = v2m_rq_query(rq, key);

	*set = value != NULL;
	if (value == NULL || strcmp(value, "1") == 0)
		return true;
	v2m_fail_text(rq, 400, V2M_USAGE, "%s has to be 1 or left out", key);
	return false;
}

void
v2m_admin_reply(struct v2m_rq *rq, json_t *json)
{
	v2m_rq_reply_header(rq, "Cache-Control", "no-store");
	v2m_rq_reply_json(rq, 200, json);
}

static int
work_apart(const struct v2m_conf *conf, v2m_pool_work *work, void *arg,
    struct v2m_err *err)
{
	struct v2m_services s;
	int ret;

	if (v2m_services_open(&s, conf, true, err) < 0)
		return -1;
	ret = work(&s, arg, err);
	v2m_services_close(&s);
	return ret;
}

int
v2m_admin_apart(struct v2m_rq *rq, pthread_mutex_t *lock, int64_t wait_ms,
    v2m_pool_work *work, void *arg, struct v2m_err *err)
{
	struct timespec until;
	int ret;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	if (pthread_mutex_clocklock(lock, CLOCK_MONOTONIC, &until) != 0)
		return v2m_err_busy(err, "another is looking");
	ret = work_apart(v2m_rq_conf(rq), work, arg, err);
	pthread_mutex_unlock(lock);
	return ret;
}

int
v2m_admin_list(struct v2m_rq *rq, v2m_pool_work *work, void *arg,
    struct v2m_err *err)
{
	return v2m_admin_apart(rq, &v2m_rq_components(rq)->lists,
	    LIST_WAIT_MS, work, arg, err);
}

static bool
is_busy(const struct v2m_err *err)
{
	return err->code == V2M_TEMP && err->sys == EBUSY;
}

void
v2m_admin_fail_apart(struct v2m_rq *rq, const char *busy,
    const struct v2m_err *err)
{
	if (!is_busy(err)) {
		v2m_fail(rq, err);
		return;
	}
	v2m_fail_retry_after(rq, RETRY_S);
	v2m_fail_text(rq, 503, V2M_TEMP, "%s: try again", busy);
}

void
v2m_admin_fail(struct v2m_rq *rq, const struct v2m_err *err)
{
	if (err->code == V2M_FAILED || is_busy(err))
		v2m_rq_reply_error(rq, 409, err);
	else
		v2m_fail(rq, err);
}
