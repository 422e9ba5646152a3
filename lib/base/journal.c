#include "base/journal.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET "/run/systemd/journal/socket"

static int journal_fd = -1;
static char identifier[64];

/* JOURNAL_STREAM is "DEVICE:INODE" of the stderr that systemd gave; it may have
 * been redirected since. */
static bool
is_stderr(const char *stream)
{
	unsigned long long device, inode;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &device,
	    &inode) == 2 && fstat(STDERR_FILENO, &st) == 0 &&
	    st.st_dev == device && st.st_ino == inode;
}

void
v2m_journal_open(const char *program)
{
	const struct sockaddr_un to = { AF_UNIX, SOCKET };

	if (journal_fd >= 0 || !is_stderr(getenv("JOURNAL_STREAM")))
		return;
	snprintf(identifier, sizeof identifier, "%s", program);
	journal_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (journal_fd >= 0 && connect(journal_fd, (const void *)&to,
	    sizeof to) < 0) {
		close(journal_fd);
		journal_fd = -1;
	}
}

bool
v2m_journal_is_open(void)
{
	return journal_fd >= 0;
}

bool
v2m_journal_send(enum v2m_priority priority, const char *job,
    const char *event, const char *text)
{
	char entry[2048];
	int n;

	if (journal_fd < 0)
		return false;
	n = snprintf(entry, sizeof entry, "PRIORITY=%d\n"
	    "SYSLOG_IDENTIFIER=%s\n%s%s%s%s%s%sMESSAGE=%s\n", (int)priority,
	    identifier, job == NULL ? "" : "V2M_JOB=", job == NULL ? "" : job,
	    job == NULL ? "" : "\n", event == NULL ? "" : "V2M_EVENT=",
	    event == NULL ? "" : event, event == NULL ? "" : "\n", text);
	return n < (int)sizeof entry && send(journal_fd, entry, (size_t)n,
	    MSG_NOSIGNAL) == n;
}
