/* systemd.h - what a daemon tells systemd(1), and the sockets it gets from it.
 *
 * The protocols of sd_notify(3) and sd_listen_fds(3): text in a datagram to the
 * socket that NOTIFY_SOCKET names; listening sockets from descriptor 3 on, as
 * many as LISTEN_FDS says.  Implemented here, so that commands need not load
 * another library.  If this process was not started by systemd, all of these do
 * nothing.
 */
#ifndef V2M_BASE_SYSTEMD_H
#define V2M_BASE_SYSTEMD_H

#include "base/err.h"

/* Read the variables and remove them, so that children do not use them.  Call
 * once, before any descriptor is opened and before there are threads. */
void v2m_systemd_start(void);

void v2m_systemd_ready(void);		/* the daemon works now */
void v2m_systemd_stopping(void);	/* sent once, however often called */

/* For the watchdog: call about once a second, from one thread at a time.  It
 * tells systemd only as often as that asked for. */
void v2m_systemd_alive(void);

/* The listening TCP socket for a setting (`listen`, `metrics_listen`): the one
 * whose FileDescriptorName= is the name of the setting, or for `listen` any
 * other.  It is close-on-exec and non-blocking; the caller closes it.  *fd is
 * -1 if there is none.  V2M_CONFIG: what was passed is not such a socket. */
int v2m_systemd_socket(const char *key, int *fd, struct v2m_err *err);

#endif
