#include "gateway/health.h"

void
v2m_health_get(struct v2m_rq *rq)
{
	if (v2m_rq_draining(rq))
		v2m_rq_reply_text(rq, 503, "about to end");
	else
		v2m_rq_reply_text(rq, 200, "ok");
}
