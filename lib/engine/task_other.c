#include "engine/task.h"

#include "engine/others.h"
#include "engine/tracks.h"

/* The number of another track with sound, or 0.  Closes the source, unless
 * there is no other track. */
static int
find_other(struct task *t)
{
	int chosen = t->demux.sound->index;

	if (t->demux.other != NULL ||
	    tracks_alone(t->demux.fmt, t->demux.sound))
		return 0;
	t->before_us += task_reached_us(t);
	task_close_source(t);
	if (input_again(t->input, NULL) < 0)
		return 0;
	return others_sounding(t->input, t->job->hint, chosen, t->before_us);
}

void
task_tell_silent(struct task *t)
{
	int number = tracks_number(t->demux.fmt, t->demux.sound);
	int other = find_other(t);

	if (other > 0)
		report_warning("track %d is silent throughout, but track %d "
		    "has sound: choose track %d", number, other, other);
}

int
task_take_other(struct task *t, struct v2m_err *err)
{
	int number, other;

	/* Another track may have another language. */
	if (t->job->settings.track > 0 || t->job->settings.lang_strict)
		return 0;
	number = tracks_number(t->demux.fmt, t->demux.sound);
	other = find_other(t);
	if (other == 0)
		return input_failed(t->input, err) ? -1 : 0;
	report_warning("there is no sound in track %d: track %d is taken",
	    number, other);
	t->other_job = *t->job;
	t->other_job.settings.track = other;
	t->job = &t->other_job;
	t->verdict = (struct timeline_verdict){ .known = false };
	t->from_start = t->nothing = false;
	return task_begin_again(t, err) < 0 ? -1 : 1;
}
