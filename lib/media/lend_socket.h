/* lend_socket.h - the socket by which an engine is lent (media/lend.h), for
 * both sides. */
#ifndef V2M_MEDIA_LEND_SOCKET_H
#define V2M_MEDIA_LEND_SOCKET_H

#include <stdbool.h>
#include <sys/un.h>

/* Its address in this folder.  false: the folder's name is too long. */
bool v2m_lend_address(struct sockaddr_un *at, const char *folder);

/* A connection, at which every wait ends within a second; -1 with errno. */
int v2m_lend_reach(const struct sockaddr_un *at);

/* Is it the same user at the other end? */
bool v2m_lend_is_own_user(int fd);

/* A control socket to an engine that is lent there; -1: there is none, or none
 * that answers within a second. */
int v2m_lend_connect(const char *folder);

#endif
