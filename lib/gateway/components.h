/* components.h - the parts of which a gateway has one each, opened before the
 * first request, and closed after the last.  Each is thread-safe. */
#ifndef V2M_GATEWAY_COMPONENTS_H
#define V2M_GATEWAY_COMPONENTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/conf.h"
#include "base/err.h"

struct v2m_components {
	struct v2m_counters_kept *counters;	/* counters.h */
	struct v2m_pool *pool;			/* pool.h */
	struct v2m_session_cache *sessions;	/* auth/session_cache.h */
	struct v2m_throttle *throttle;		/* auth/throttle.h */
	struct v2m_login_queue *logins;		/* auth/login_queue.h */
	struct v2m_media *media;		/* media/media.h; NULL: no
						 * sandbox, no look */
	struct v2m_finishing *finishing;	/* finishing.h */
	struct v2m_picture *picture;		/* metrics.c */
	struct v2m_page_tags *page_tags;	/* page.h */
	struct v2m_unknown_proxy *unknown_proxy; /* unknown_proxy.h */
	pthread_mutex_t checks, lists;		/* admin.h: one at a time */
	atomic_int large_pieces;		/* of download.c, in memory */
};

/* Open all; conf is borrowed.  On failure some are open: close them. */
int v2m_components_open(struct v2m_components *c, const struct v2m_conf *conf,
    struct v2m_err *err);

/* A zeroed struct is fine. */
void v2m_components_close(struct v2m_components *c);

#endif
