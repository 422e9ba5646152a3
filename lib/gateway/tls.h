/* tls.h - the gateway's own certificate. */
#ifndef V2M_GATEWAY_TLS_H
#define V2M_GATEWAY_TLS_H

#include "base/conf.h"
#include "base/err.h"

struct v2m_tls {
	char *cert, *key;	/* PEM, for as long as the daemon runs */
};

/* Read listen_cert_file and listen_key_file (empty: the same file), and check
 * that they belong together.  Both empty: cert stays NULL.  V2M_CONFIG. */
int v2m_tls_read(struct v2m_tls *tls, const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_tls_release(struct v2m_tls *tls);

#endif
