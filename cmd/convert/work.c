/* Converts the inputs, several at a time. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/board.h"
#include "base/hold.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/stop.h"
#include "media/need.h"
#include "run.h"

/* One conversion. */
struct making {
	const struct run *run;
	const char *name;
	int fd;			/* the MP3 */
	int64_t length;		/* of the input */
	const struct v2m_media_result *result;
	bool sized;
	int line;		/* of the board */
};

/* Allocate about as much as the MP3 can need, so that others see that the space
 * is used.  If there is less, it may still be enough. */
static void
hold_room(struct making *m)
{
	struct v2m_err err;

	if (m->sized || m->result->format[0] == '\0')
		return;
	m->sized = true;
	if (v2m_hold_file(m->fd, v2m_need(&m->run->settings, m->result,
	    m->run->max_duration_ms, m->length), 0, &err) < 0)
		v2m_warn("%s: there may be %s", m->name, err.msg);
}

static int
tick(void *arg, int percent, struct v2m_err *err)
{
	struct making *m = arg;

	if (v2m_stop_check(err) < 0)
		return -1;
	hold_room(m);
	if (m->run->n == 1)
		v2m_progress_update(percent < 0 ? 0 : percent);
	else
		v2m_board_update(m->line, percent);
	return 0;
}

/* --force replaces an older MP3, not the video that it is made of. */
static int
check_not_input(const struct target *t, int in, struct v2m_err *err)
{
	struct stat from, to;

	if (t->direct || stat(t->path, &to) < 0 || fstat(in, &from) < 0 ||
	    from.st_dev != to.st_dev || from.st_ino != to.st_ino)
		return 0;
	return v2m_err_set(err, V2M_CANTCREATE,
	    "'%s' is the input itself", t->path);
}

static int
convert(struct run *run, int i, struct target *t, struct v2m_media_result *r,
    struct v2m_err *err)
{
	struct v2m_media_input in = { .fd = -1,
	    .name = run_input_name(run, i) };
	struct making making = { .run = run, .name = in.name, .result = r };
	int ret = -1;

	making.line = v2m_board_add(in.name);
	/* The target first: if it exists, that is found out at once. */
	if (target_open(run, i, t, err) < 0)
		goto out;
	if (t->skipped) {
		ret = 0;
		goto out;
	}
	in.fd = run_open_input(run, i, &in.length, err);
	if (in.fd < 0 || check_not_input(t, in.fd, err) < 0)
		goto out;
	making.fd = t->file.fd;
	making.length = in.length;
	if (v2m_media_convert(run->media, &in, &run->settings, t->file.fd,
	    tick, &making, r, err) < 0)
		goto out;
	v2m_hold_end(t->file.fd);
	ret = target_deliver(run, t, err);
out:
	if (in.fd > STDERR_FILENO)
		close(in.fd);
	target_close(t);
	v2m_board_remove(making.line);
	return ret;
}

static void *
work(void *arg)
{
	struct run *run = arg;

	pthread_mutex_lock(&run->lock);
	while (run->next < run->n && v2m_stop_count() == 0) {
		int i = run->next++, ret;
		struct target t = { .fd = -1, .file.fd = -1 };
		struct v2m_media_result result;
		struct v2m_err err;

		pthread_mutex_unlock(&run->lock);
		ret = convert(run, i, &t, &result, &err);
		pthread_mutex_lock(&run->lock);
		v2m_board_clear();
		run_report(run, i, &t, &result, ret < 0 ? &err : NULL);
	}
	pthread_mutex_unlock(&run->lock);
	return NULL;
}

static void
work_all(struct run *run)
{
	pthread_t workers[256];
	int n = 0, most = run->at_a_time < run->n ? run->at_a_time : run->n;

	while (n < most - 1 &&
	    pthread_create(&workers[n], NULL, work, run) == 0)
		n++;
	work(run);
	while (n > 0)
		pthread_join(workers[--n], NULL);
}

void
run_convert_all(struct run *run)
{
	if (run->n == 1)
		v2m_progress_begin(run_input_name(run, 0), 100, false,
		    run->cli->quiet);
	else
		v2m_board_begin(run->n, run->cli->quiet);
	work_all(run);
	if (run->n == 1)
		v2m_progress_end();
	else
		v2m_board_end();
}
