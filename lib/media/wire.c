#include "media/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Space for the descriptors of a message. */
union room {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(V2M_WIRE_FDS_MAX * sizeof(int))];
};

ssize_t
v2m_wire_send(int control, struct v2m_wire_job *job, const int *fds, int nfds)
{
	union room room;
	struct iovec iov = { job, sizeof *job };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room.bytes,
		.msg_controllen = CMSG_SPACE((size_t)nfds * sizeof(int)),
	};
	struct cmsghdr *c;
	ssize_t n;

	memset(&room, 0, sizeof room);
	c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN((size_t)nfds * sizeof(int));
	memcpy(CMSG_DATA(c), fds, (size_t)nfds * sizeof(int));
	do
		n = sendmsg(control, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n;
}

ssize_t
v2m_wire_receive(int control, struct v2m_wire_job *job,
    int fds[V2M_WIRE_FDS_MAX], int *nfds)
{
	union room room;
	struct iovec iov = { job, sizeof *job };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room.bytes, .msg_controllen = sizeof room,
	};
	ssize_t n = recvmsg(control, &msg, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&msg);

	*nfds = 0;
	if (c == NULL || c->cmsg_type != SCM_RIGHTS)
		return n;
	*nfds = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	memcpy(fds, CMSG_DATA(c), (size_t)*nfds * sizeof(int));
	return n;
}
