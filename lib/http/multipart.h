/* multipart.h - a streaming parser of multipart/form-data (RFC 7578).
 *
 * Bytes are pushed in pieces of any size; three functions of the caller are
 * called for each part, its content and its end.  The struct is all memory that
 * is used.  File names may be written as browsers and curl do: with \" or %22
 * in them, or as filename* (RFC 8187).
 *
 * A struct v2m_multipart belongs to one thread, and need not be released.
 * V2M_PROTOCOL: the body, or its type, is malformed; else the error of one of
 * the caller's functions.  After an error nothing may be pushed.
 */
#ifndef V2M_HTTP_MULTIPART_H
#define V2M_HTTP_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

#define V2M_MULTIPART_HEAD 4096		/* bytes of one part's header */
#define V2M_MULTIPART_PARTS 64		/* in one body */
#define V2M_MULTIPART_AROUND 65536	/* bytes before and behind the parts */

/* What a part's header says.  Texts are clean (base/text.h). */
struct v2m_multipart_part {
	char name[128];			/* of the field */
	bool is_file;			/* a file name was given */
	char filename[V2M_NAME_MAX];	/* may be ""; never a path to use */
};

/* Each returns 0, or -1 with err filled to end it. */
struct v2m_multipart_to {
	int (*begin)(void *arg, const struct v2m_multipart_part *part,
	    struct v2m_err *err);
	int (*data)(void *arg, const void *buf, size_t n,
	    struct v2m_err *err);
	int (*end)(void *arg, struct v2m_err *err);
	void *arg;
};

struct v2m_multipart {
	struct v2m_multipart_to to;
	char delimiter[4 + 70 + 1];	/* CR LF - - and the boundary */
	size_t delimiter_length;
	size_t matched;			/* of it, at the end of what came */
	int state;
	unsigned parts;
	int64_t around;
	size_t head_length;
	char head[V2M_MULTIPART_HEAD + 1];
};

/* Is the Content-Type multipart/form-data, with any parameters? */
bool v2m_multipart_is(const char *content_type);

/* Begin.  content_type is the body's, with its boundary. */
int v2m_multipart_begin(struct v2m_multipart *m, const char *content_type,
    const struct v2m_multipart_to *to, struct v2m_err *err);

int v2m_multipart_push(struct v2m_multipart *m, const void *buf, size_t n,
    struct v2m_err *err);

/* The body has ended: was it complete? */
int v2m_multipart_finish(const struct v2m_multipart *m, struct v2m_err *err);

#endif
