/* log:[FILE] - notifications as lines key=value: on stderr, or appended to a
 * file.
 *
 * The file is opened for each line, so it may be rotated at any time.  Each
 * line is one write(2) with O_APPEND, so several notifiers may share the
 * file. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "mail/private.h"

struct sink {
	char *path;		/* "": stderr */
};

static void
log_close(void *self)
{
	struct sink *sink = self;

	free(sink->path);
	free(sink);
}

static int
open_file(const char *path, struct v2m_err *err)
{
	/* O_NONBLOCK: open(2) of a FIFO without a reader would never return. */
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY | O_NONBLOCK, 0640);

	if (fd >= 0)
		return fd;
	v2m_err_sys(err, V2M_CANTCREATE, "notify: cannot open '%s'", path);
	/* The administrator has to repair it; the job did nothing wrong. */
	if (err != NULL && err->code == V2M_DENIED)
		err->code = V2M_CANTCREATE;
	return -1;
}

static void *
log_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *path = v2m_conf_rest(conf, "notify", "log");
	struct sink *sink;
	int fd;

	if (path[0] != '\0' && path[0] != '/') {
		v2m_err_set(err, V2M_CONFIG,
		    "notify: log:%s: not the absolute path of a file", path);
		return NULL;
	}
	if (path[0] != '\0') {
		fd = open_file(path, err);
		if (fd < 0)
			return NULL;
		close(fd);
	}
	sink = calloc(1, sizeof *sink);
	if (sink == NULL || (sink->path = strdup(path)) == NULL) {
		free(sink);
		v2m_err_set(err, V2M_TEMP, "out of memory");
		return NULL;
	}
	return sink;
}

/* " key=value"; the value is quoted if it would be ambiguous. */
static void
put_pair(FILE *out, const char *key, const char *value)
{
	char clean[1024];
	const char *p;

	v2m_text_copy(clean, sizeof clean, value);
	fprintf(out, " %s=", key);
	if (clean[0] != '\0' && strpbrk(clean, " \"\\=") == NULL) {
		fputs(clean, out);
		return;
	}
	fputc('"', out);
	for (p = clean; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			fputc('\\', out);
		fputc(*p, out);
	}
	fputc('"', out);
}

/* The pairs after event=notice, each after a blank.  NULL: no memory. */
static char *
describe_notification(const struct v2m_notification *notification)
{
	char *line = NULL, *warnings = v2m_notification_warnings(notification);
	bool done = strcmp(v2m_notification_outcome(notification), "done") == 0;
	size_t n;
	FILE *out = warnings == NULL ? NULL : open_memstream(&line, &n);

	if (out == NULL)
		goto out;
	put_pair(out, "outcome", v2m_notification_outcome(notification));
	put_pair(out, "to", notification->to);
	if (done)
		fprintf(out, " mp3=%s bytes=%" PRId64 " duration_ms=%" PRId64,
		    notification->mp3, notification->mp3_length,
		    notification->duration_ms);
	else
		put_pair(out, "reason", notification->reason);
	if (warnings[0] != '\0')
		put_pair(out, "warnings", warnings);
	put_pair(out, "name", notification->name);
	if (fclose(out) != 0) {
		free(line);
		line = NULL;
	}
out:
	free(warnings);
	return line;
}

static int
append_line(const char *path, const char *line, size_t n, struct v2m_err *err)
{
	int fd = open_file(path, err);
	ssize_t put;
	int ret = -1;

	if (fd < 0)
		return -1;
	put = write(fd, line, n);
	if (put < 0) {
		v2m_err_sys(err, V2M_IO, "cannot write to '%s'", path);
		goto out;
	}
	/* On a disk that is nearly full, only a part may be written. */
	if ((size_t)put < n &&
	    v2m_io_write(fd, line + put, n - (size_t)put, path, err) < 0)
		goto out;
	/* Devices and pipes cannot be flushed (EINVAL), and need not be. */
	if (fdatasync(fd) < 0 && errno != EINVAL && errno != EROFS) {
		v2m_err_sys(err, V2M_IO, "cannot write to '%s'", path);
		goto out;
	}
	ret = 0;
out:
	close(fd);
	return ret;
}

static int
log_send(void *self, const struct v2m_notification *notification,
    const struct v2m_mail_message *message, struct v2m_err *err)
{
	struct sink *sink = self;
	char *pairs = describe_notification(notification), *line = NULL;
	char when[32];
	int n, ret = -1;

	(void)message;
	if (pairs == NULL)
		goto out;
	if (sink->path[0] == '\0') {
		v2m_event_always(notification->id, "notice", "%s", pairs + 1);
		ret = 0;
		goto out;
	}
	n = asprintf(&line, "%s job=%s event=notice%s\n",
	    v2m_wall_text(when, v2m_wall_ms()), notification->id, pairs);
	if (n < 0)
		line = NULL;
	else
		ret = append_line(sink->path, line, (size_t)n, err);
out:
	if (pairs == NULL || (line == NULL && ret < 0))
		v2m_err_set(err, V2M_TEMP, "out of memory");
	else if (ret < 0 && err->code == V2M_IO)
		err->code = V2M_TEMP;	/* the notification may still be good */
	free(pairs);
	free(line);
	return ret;
}

const struct v2m_mail_ops v2m_mail_log = {
	.scheme = "log",
	.open = log_open,
	.close = log_close,
	.send = log_send,
};
