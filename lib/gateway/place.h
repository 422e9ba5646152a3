/* place.h - the Location of an answer: where a job's MP3 can be fetched. */
#ifndef V2M_GATEWAY_PLACE_H
#define V2M_GATEWAY_PLACE_H

#include "gateway/server.h"

/* Add "Location: PREFIX/download?fid=ID" to the answer. */
void v2m_place_of_job(struct v2m_rq *rq, const char *id);

#endif
