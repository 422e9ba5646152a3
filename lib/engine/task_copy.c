#include "engine/task.h"

#include "engine/work.h"

/* A feed_sink function. */
static int
copy_one(void *arg, AVPacket *pkt, enum feed_state state, struct v2m_err *err)
{
	struct task *t = arg;

	if (state == FEED_MOVED) {
		t->copying.copy.why = "its codec changes midway";
		return COPY_CANNOT;
	}
	return copying_packet(&t->copying, pkt, state == FEED_LOST ||
	    state == FEED_SHORT, err);
}

static void
copy_leap(struct task *t)
{
	if (t->may_leap && t->feed.damaged->size == 0)
		t->may_leap = !copying_leap(&t->copying, &t->demux);
}

static int
copy_packets(struct task *t, struct v2m_err *err)
{
	int more, ret = COPY_ON;

	while (ret == COPY_ON &&
	    (more = demux_next(&t->demux, t->pkt, err)) != 0) {
		if (more < 0)
			return -1;
		ret = t->demux.moved ? COPY_CANNOT :
		    feed_packet(&t->feed, t->pkt, err);
		av_packet_unref(t->pkt);
		if (ret == COPY_ON)
			copy_leap(t);
		task_tell_progress(t);
	}
	if (ret == COPY_ON)
		ret = feed_packet(&t->feed, NULL, err);
	if (ret == COPY_ON)
		ret = copy_flush(&t->copying.copy, err);
	if (t->demux.moved)
		t->copying.copy.why = "its sound goes on in another stream";
	t->enough = ret == COPY_ENOUGH;
	return ret;
}

static int
open_copying(struct task *t, struct v2m_err *err)
{
	t->feed.sink = copy_one;
	return copying_open(&t->copying, t->job, &t->demux, WORK_FD_OUTPUT,
	    &t->verdict, err);
}

static bool
copied_rightly(struct task *t, int ret)
{
	if (ret < 0)
		return true;
	t->from_start |= copying_astray(&t->copying);
	return !copying_astray(&t->copying) && (ret != COPY_ON ||
	    !copy_misplaced(&t->copying.copy, &t->verdict));
}

/* As hear_all() in work.c: repeat until nothing is misplaced. */
static int
copy_rightly(struct task *t, struct v2m_err *err)
{
	for (;;) {
		int ret;

		if (open_copying(t, err) < 0)
			return -1;
		ret = copy_packets(t, err);
		if (copied_rightly(t, ret))
			return ret;
		if (task_begin_again(t, err) < 0)
			return -1;
		report_hold();
	}
}

static int
copy_all(struct task *t, struct report_done *done, struct v2m_err *err)
{
	int ret;

	ret = copy_rightly(t, err);
	if (ret < 0 || ret == COPY_CANNOT)
		return ret;
	done->damaged_packets = t->demux.damaged + t->copying.copy.damaged;
	task_tell_shortcomings(t, done->damaged_packets);
	return copying_finish(&t->copying, done, err);
}

int
task_copy(struct task *t, struct v2m_err *err)
{
	struct report_done done = { .bytes = 0 };
	const char *why;
	int ret = COPY_CANNOT;
	bool possible = copying_possible(&t->demux, &why);

	report_hold();
	if (possible) {
		ret = copy_all(t, &done, err);
		why = t->copying.copy.why;
	}
	if (ret == COPY_ENOUGH) {
		report_percent(100);
		report_done(&done);
		report_release();
		return 1;
	}
	report_forget();
	if (ret < 0)
		return -1;
	if (t->job->settings.copy == V2M_COPY_ONLY)
		return v2m_err_set(err, V2M_DATA, "it cannot be taken as it "
		    "is: %s", why);
	if (t->job->settings.copy != V2M_COPY_CONFIGURED)
		report_warning("encoded, not copied: %s", why);
	if (!possible)
		return 0;
	if (task_begin_again(t, err) < 0)
		return -1;
	t->percent = 0;
	return 0;
}
