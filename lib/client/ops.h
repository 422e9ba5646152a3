/* ops.h - the two kinds of desk, for lib/client alone. */
#ifndef V2M_CLIENT_OPS_H
#define V2M_CLIENT_OPS_H

#include "client/client.h"

/* self is what open returned; who is set by open.  See desk.h. */
struct v2m_desk_ops {
	bool looks_itself;	/* v2m_desk_media() may do without */
	void *(*open)(const struct v2m_conf *conf, bool with_queue,
	    struct v2m_claims *who, struct v2m_err *err);
	void (*close)(void *self);
	int (*upload)(void *self, const struct v2m_upload *u, int fd,
	    int64_t length, char id[V2M_ID_SIZE], bool *existed,
	    struct v2m_err *err);
	int (*fetch)(void *self, const struct v2m_claims *who, const char *id,
	    const struct v2m_fetch *f, char *path, size_t size,
	    char job[V2M_ID_SIZE], bool *warned, struct v2m_err *err);
	int (*find)(void *self, const struct v2m_claims *who, const char *id,
	    struct v2m_record *r, struct v2m_err *err);
	int (*list)(void *self, const char *owner, struct v2m_record **list,
	    size_t *n, struct v2m_err *err);	/* owner NULL: everybody */
	int (*remove)(void *self, const struct v2m_claims *who,
	    const char *id, struct v2m_err *err);
	char *(*login)(const struct v2m_conf *conf, const char *address,
	    const char *password, struct v2m_claims *claims,
	    struct v2m_err *err);
	int (*whoami)(const struct v2m_conf *conf, struct v2m_claims *claims,
	    struct v2m_err *err);
	int (*netrc)(const struct v2m_conf *conf,
	    char address[V2M_ADDRESS_MAX], char **password,
	    struct v2m_err *err);	/* NULL: it knows none */
};

extern const struct v2m_desk_ops v2m_desk_local;
extern const struct v2m_desk_ops v2m_desk_remote;

#endif
