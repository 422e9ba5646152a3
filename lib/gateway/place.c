#include "gateway/place.h"

#include <stdio.h>

#include "base/id.h"

void
v2m_place_of_job(struct v2m_rq *rq, const char *id)
{
	char location[V2M_PREFIX_MAX + sizeof "/download?fid=" + V2M_ID_SIZE];

	snprintf(location, sizeof location, "%s/download?fid=%s",
	    v2m_rq_prefix(rq), id);
	v2m_rq_reply_header(rq, "Location", location);
}
