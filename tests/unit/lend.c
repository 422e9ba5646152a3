/* Which jobs a lent engine gets.  This program is also the engine, and reports
 * which limits a job came with. */
#include "media/lend.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "media/lend_socket.h"
#include "media/private.h"

#include "tap.h"

static char folder[] = "/tmp/v2m-lend.XXXXXX";

/* --- the engine --- */

static int
engine(void)
{
	const struct v2m_wire_hello hello = {
		V2M_WIRE_HELLO, V2M_WIRE_VERSION
	};
	struct v2m_wire_job job;
	int fds[V2M_WIRE_FDS_MAX], n;

	if (send(V2M_WIRE_CONTROL_FD, &hello, sizeof hello, 0) < 0)
		return 1;
	while (v2m_wire_receive(V2M_WIRE_CONTROL_FD, &job, fds, &n) > 0) {
		(void)send(fds[1], &job.limits, sizeof job.limits, 0);
		while (n > 0)
			close(fds[--n]);
	}
	return 0;
}

/* --- a guest --- */

static struct v2m_wire_job
probe(void)
{
	return (struct v2m_wire_job){ .kind = V2M_WIRE_PROBE, .magic =
	    V2M_WIRE_JOB, .version = V2M_WIRE_VERSION, .length = 1000,
	    .limits = { .memory_bytes = INT64_MAX, .cpu_ms = INT64_MAX } };
}

/* Send the job with so many descriptors.  true: it was passed on, with
 * *limits. */
static bool
handed_on(struct v2m_wire_job job, int nfds, struct v2m_wire_limits *limits)
{
	int control = v2m_lend_connect(folder), pair[2], fds[4];
	bool ret;

	socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
	for (int i = 0; i < 4; i++)
		fds[i] = pair[1];
	v2m_wire_send(control, &job, fds, nfds);
	close(pair[1]);
	/* If the job was refused, the other end of the socket is closed. */
	ret = recv(pair[0], limits, sizeof *limits, 0) == sizeof *limits;
	close(pair[0]);
	if (!ret)
		ok(recv(control, limits, 1, 0) == 0, "who sent it has to go");
	close(control);
	return ret;
}

static void
limits_kept(struct v2m_media *m)
{
	struct v2m_wire_limits got = { .sandbox = 9 };
	struct v2m_media_limits ours = { .sandbox = V2M_SANDBOX_PARTLY,
	    .memory_bytes = 123, .cpu_ms = 456, .time_ms = 789 };
	struct v2m_wire_job job = probe();

	v2m_media_set_limits(m, &ours);
	ok(handed_on(job, 3, &got), "a check without a sandbox is handed on");
	ok(got.sandbox == V2M_SANDBOX_PARTLY, "within that of the worker");
	ok(got.memory_bytes == 123 && got.cpu_ms == 456,
	    "with the memory and time that the worker allows");
	ok(got.cpu_ms_per_hour == 0 && got.read_bytes == 64 << 20,
	    "and the bytes that a check may read");
	job.limits.sandbox = V2M_SANDBOX_YES;
	job.limits.memory_bytes = 12;
	job.limits.cpu_ms = 34;
	ok(handed_on(job, 3, &got) && got.sandbox == V2M_SANDBOX_YES,
	    "who wants more of a sandbox gets it");
	ok(got.memory_bytes == 12 && got.cpu_ms == 34,
	    "and so does who wants less memory and time");
}

static int
open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* A message without bytes may have descriptors, too. */
static void
empty(void)
{
	char room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { NULL, 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = room, .msg_controllen = sizeof room };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int control = v2m_lend_connect(folder), before = open_files();
	const int fd = 0;
	char end;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	ok(sendmsg(control, &msg, 0) == 0 && recv(control, &end, 1, 0) == 0,
	    "nor is an empty message");
	close(control);
	/* Two descriptors less: our end and the lender's. */
	ok(open_files() == before - 2, "of which no descriptor is left");
}

static void
refused(void)
{
	struct v2m_wire_limits got;
	struct v2m_wire_job job = probe();

	job.kind = V2M_WIRE_CONVERT;
	ok(!handed_on(job, 4, &got), "a conversion is not handed on");
	job = probe();
	job.version++;
	ok(!handed_on(job, 3, &got), "nor a job of another version");
	job = probe();
	job.limits.sandbox = V2M_SANDBOX_YES + 1;
	ok(!handed_on(job, 3, &got), "nor one with no such sandbox");
	ok(!handed_on(probe(), 4, &got), "nor one with a descriptor too many");
	ok(!handed_on(probe(), 2, &got), "nor one with too few");
	ok(handed_on(probe(), 3, &got), "others are served");
	empty();
}

static bool
serves(void)
{
	struct v2m_wire_limits got;
	int fd = v2m_lend_connect(folder);

	if (fd >= 0)
		close(fd);
	return fd >= 0 && handed_on(probe(), 3, &got);
}

static void
several(struct v2m_media *m)
{
	struct v2m_lender *one = v2m_lend_start(m, folder), *two;
	struct stat before, after;
	char name[64];

	snprintf(name, sizeof name, "%s/media.sock", folder);
	ok(serves() && lstat(name, &before) == 0, "one lends");
	ok((before.st_mode & 07777) == 0600, "to nobody else");
	two = v2m_lend_start(m, folder);
	ok(two != NULL && lstat(name, &after) == 0 &&
	    before.st_ino == after.st_ino, "a second one lets it");
	v2m_lend_end(two);
	ok(serves(), "and leaves it the name");
	v2m_lend_end(one);
	ok(lstat(name, &after) < 0 && !serves(), "its end takes it away");
}

/* What a killed worker leaves. */
static void
left_over(struct v2m_media *m)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	struct v2m_lender *l;

	snprintf(at.sun_path, sizeof at.sun_path, "%s/media.sock", folder);
	ok(bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
	    listen(fd, 1) == 0, "somebody listens and says no hello");
	ok(v2m_lend_connect(folder) < 0, "he is not waited for");
	close(fd);
	ok(v2m_lend_connect(folder) < 0, "nor is one who is gone");
	l = v2m_lend_start(m, folder);
	ok(serves(), "another takes over");
	v2m_lend_end(l);
}

int
main(void)
{
	const char *base = strrchr((const char *)getauxval(AT_EXECFN), '/');
	struct v2m_lender *l;
	struct v2m_media *m;
	char self[4096], name[64], deep[200];

	if (base != NULL && strcmp(base, "/v2m-media") == 0)
		return engine();
	if (mkdtemp(folder) == NULL || realpath("/proc/self/exe", self) == NULL)
		abort();
	snprintf(name, sizeof name, "%s/v2m-media", folder);
	if (symlink(self, name) < 0)
		abort();
	setenv("V2M_LIBEXECDIR", folder, 1);
	m = v2m_media_start(NULL);
	if (m == NULL)
		abort();
	ok(v2m_lend_connect(folder) < 0, "nobody lends anything");
	l = v2m_lend_start(m, folder);
	limits_kept(m);
	refused();
	v2m_lend_end(l);
	several(m);
	left_over(m);
	memset(deep, 'x', sizeof deep - 1);
	deep[sizeof deep - 1] = '\0';
	ok(v2m_lend_start(m, deep) == NULL && v2m_lend_connect(deep) < 0,
	    "a name too long for a socket's harms nobody");
	v2m_media_free(m);
	unlink(name);
	rmdir(folder);
	return tap_done();
}
