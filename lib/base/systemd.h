/* systemd.h - what a daemon tells systemd(1), and is given by it.
 *
 * The protocols of sd_notify(3) and sd_listen_fds(3): words in a datagram to
 * the socket that NOTIFY_SOCKET names; listening sockets from descriptor 3 on,
 * as many as LISTEN_FDS says.  Spoken here, without a library that every
 * command would have to load.  Where this process was started by something
 * else, all of these do nothing.
 */
#ifndef V2M_BASE_SYSTEMD_H
#define V2M_BASE_SYSTEMD_H

#include "base/err.h"

/* Read the variables and remove them, so that no child takes them for its own.
 * Call once, before any descriptor is opened and before there are threads. */
void v2m_systemd_start(void);

void v2m_systemd_ready(void);		/* the start is over */
void v2m_systemd_stopping(void);	/* told once, however often called */

/* The watchdog: call about once a second, from one thread at a time.  Tells
 * systemd no more often than it asked for. */
void v2m_systemd_alive(void);

/* The listening TCP socket for a setting (`listen`, `metrics_listen`): the one
 * whose FileDescriptorName= is the setting's name, or for `listen` any other.
 * Close on exec, not blocking, the caller's to close; -1 in *fd: there is none.
 * Returns -1 where what was passed cannot be served: V2M_CONFIG. */
int v2m_systemd_socket(const char *key, int *fd, struct v2m_err *err);

#endif
