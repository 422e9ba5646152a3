#include "media/lend_socket.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/wire.h"

#define NAME "media.sock"
#define HELLO_S 1

bool
v2m_lend_address(struct sockaddr_un *at, const char *folder)
{
	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return snprintf(at->sun_path, sizeof at->sun_path, "%s/" NAME,
	    folder) < (int)sizeof at->sun_path;
}

bool
v2m_lend_is_own_user(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	    peer.uid == geteuid();
}

int
v2m_lend_reach(const struct sockaddr_un *at)
{
	const struct timeval most = { .tv_sec = HELLO_S };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), e;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
	if (connect(fd, (const struct sockaddr *)at, sizeof *at) == 0)
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

int
v2m_lend_connect(const char *folder)
{
	struct v2m_wire_hello hello;
	struct sockaddr_un at;
	int fd = v2m_lend_address(&at, folder) ? v2m_lend_reach(&at) : -1;

	if (fd < 0)
		return -1;
	if (v2m_lend_is_own_user(fd) &&
	    recv(fd, &hello, sizeof hello, 0) == sizeof hello &&
	    hello.magic == V2M_WIRE_HELLO &&
	    hello.version == V2M_WIRE_VERSION)
		return fd;
	close(fd);
	return -1;
}
