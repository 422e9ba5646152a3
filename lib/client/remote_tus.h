/* remote_tus.h - a resumable upload by the tus protocol 1.0.0, as the client
 * sees it: created, then sent in pieces.  For one thread. */
#ifndef V2M_CLIENT_REMOTE_TUS_H
#define V2M_CLIENT_REMOTE_TUS_H

#include "client/remote.h"

/* Metadata: "filename BASE64,options BASE64".  A value of "" is a key alone. */
struct v2m_tus_pair {
	const char *key, *value;
};

/* All of pairs, ended by a NULL key, as the header's value in dst.  false: it
 * does not fit. */
bool v2m_tus_metadata(char *dst, size_t size,
    const struct v2m_tus_pair *pairs);

/* POST /files/: id is the one that its job has from the beginning.  -1: what
 * the gateway says. */
int v2m_tus_create(struct v2m_remote *r, int64_t length, const char *metadata,
    char id[V2M_ID_SIZE], struct v2m_err *err);

/* HEAD: how many bytes the gateway has.  1 with *offset; 0 the upload is gone,
 * or is a job by now; 2 it is in use, by an older connection of ours or by the
 * gateway itself; -1. */
int v2m_tus_offset(struct v2m_remote *r, const char *id, int64_t *offset,
    struct v2m_err *err);

/* One PATCH of n bytes from *offset on, read as rq.read has it (at counts from
 * there).  0 with the new *offset.  -1: a->fate and a->status say how it
 * ended; a is released. */
int v2m_tus_patch(struct v2m_remote *r, const char *id, int64_t *offset,
    const struct v2m_http_request *piece, struct v2m_http_answer *a,
    struct v2m_err *err);

/* DELETE, tried once.  Is it gone? */
bool v2m_tus_drop(struct v2m_remote *r, const char *id);

#endif
