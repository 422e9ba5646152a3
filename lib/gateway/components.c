#include "gateway/components.h"

#include "auth/login_queue.h"
#include "auth/session_cache.h"
#include "auth/throttle.h"
#include "auth/token.h"
#include "gateway/counters.h"
#include "gateway/finishing.h"
#include "gateway/media.h"
#include "gateway/page.h"
#include "gateway/picture.h"
#include "gateway/pool.h"
#include "gateway/unknown_proxy.h"
#include "store/moved.h"

/* Without a secret nobody could log in: the administrator should see that
 * now. */
static int
open_sessions(struct v2m_components *c, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	struct v2m_tokens *tokens = v2m_tokens_open(conf, err);

	if (tokens == NULL)
		return v2m_err_configured(err);
	v2m_tokens_free(tokens);
	c->sessions = v2m_session_cache_new(conf, err);
	return c->sessions == NULL ? -1 : 0;
}

static int
open_logins(struct v2m_components *c, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	c->throttle = v2m_throttle_new(0, err);
	if (c->throttle != NULL)
		/* After a move, the accounts are elsewhere as well. */
		c->logins = v2m_login_queue_start(conf,
		    v2m_moved_check_accounts, err);
	return c->logins == NULL ? -1 : 0;
}

static int
open_uploads(struct v2m_components *c, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	if (v2m_gateway_media(&c->media, conf, err) < 0)
		return -1;
	c->finishing = v2m_finishing_new(conf, c->media, c->pool, err);
	return c->finishing == NULL ? -1 : 0;
}

int
v2m_components_open(struct v2m_components *c, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	pthread_mutex_init(&c->checks, NULL);
	pthread_mutex_init(&c->lists, NULL);
	c->pool = v2m_pool_open(conf, (int)v2m_conf_number(conf,
	    "gateway_connections"), err);
	c->counters = v2m_counters_new();
	c->picture = v2m_picture_new();
	c->page_tags = v2m_page_tags_new();
	if (c->pool == NULL)
		return -1;
	c->unknown_proxy = v2m_unknown_proxy_new(conf, c->pool);
	if (c->counters == NULL || c->picture == NULL ||
	    c->page_tags == NULL || c->unknown_proxy == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	if (open_sessions(c, conf, err) < 0 || open_logins(c, conf, err) < 0)
		return -1;
	return open_uploads(c, conf, err);
}

void
v2m_components_close(struct v2m_components *c)
{
	v2m_unknown_proxy_free(c->unknown_proxy);
	v2m_finishing_free(c->finishing);
	v2m_media_free(c->media);
	v2m_login_queue_stop(c->logins);
	v2m_throttle_free(c->throttle);
	v2m_session_cache_free(c->sessions);
	v2m_page_tags_free(c->page_tags);
	v2m_picture_free(c->picture);
	v2m_pool_close(c->pool);
	v2m_counters_free(c->counters);
	pthread_mutex_destroy(&c->checks);
	pthread_mutex_destroy(&c->lists);
}
