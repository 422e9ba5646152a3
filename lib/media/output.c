#include "media/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/frame.h"

/* Does it begin with an ID3 tag or a frame, as players expect? */
static bool
begins_as_mp3(const uint8_t *head, ssize_t n)
{
	struct v2m_frame frame;

	return (n >= 3 && memcmp(head, "ID3", 3) == 0) ||
	    (n == V2M_FRAME_HEADER && v2m_frame_parse(&frame, head));
}

static enum v2m_output
look_into(const char *path)
{
	/* O_NONBLOCK, as a pipe may have replaced the file meanwhile. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	uint8_t head[V2M_FRAME_HEADER];
	ssize_t n;

	if (fd < 0)
		return V2M_OUTPUT_OTHER;
	n = pread(fd, head, sizeof head, 0);
	close(fd);
	return n == 0 || begins_as_mp3(head, n) ? V2M_OUTPUT_MP3 :
	    V2M_OUTPUT_OTHER;
}

enum v2m_output
v2m_output_look(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return lstat(path, &st) < 0 ? V2M_OUTPUT_FREE :
		    V2M_OUTPUT_OTHER;
	if (S_ISREG(st.st_mode))
		return look_into(path);
	return S_ISDIR(st.st_mode) ? V2M_OUTPUT_OTHER : V2M_OUTPUT_STREAM;
}

int
v2m_output_check(const char *path, bool force, struct v2m_err *err)
{
	enum v2m_output found = v2m_output_look(path);

	if (found == V2M_OUTPUT_FREE || (found == V2M_OUTPUT_MP3 && force))
		return 0;
	if (found == V2M_OUTPUT_MP3)
		return v2m_err_set(err, V2M_CANTCREATE,
		    "'%s' exists already (--force replaces it)", path);
	if (access(path, R_OK) < 0 && errno == EACCES)
		return v2m_err_set(err, V2M_CANTCREATE,
		    "'%s' exists and cannot be read: %s", path,
		    strerror(errno));
	return v2m_err_set(err, V2M_CANTCREATE,
	    "'%s' exists and is not an MP3: choose another name", path);
}

int
v2m_output_open_stream(const char *path, struct v2m_err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	return fd >= 0 ? fd : v2m_err_sys(err, V2M_CANTCREATE,
	    "cannot write to '%s'", path);
}
