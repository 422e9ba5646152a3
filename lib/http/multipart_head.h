/* multipart_head.h - the header of one part.  For multipart.c only. */
#ifndef V2M_HTTP_MULTIPART_HEAD_H
#define V2M_HTTP_MULTIPART_HEAD_H

#include "http/multipart.h"

/* Parse a header: lines that end with CR LF, the last one empty.  It is
 * changed.  -1: it is malformed, is not form-data, or its content is
 * encoded. */
int v2m_multipart_head(char *head, struct v2m_multipart_part *part);

#endif
