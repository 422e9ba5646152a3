#include "client/await.h"

#include "base/clock.h"
#include "base/stop.h"

/* 1: the MP3 is ready; 0: not yet; -1: it never will be. */
static int
ready(const struct v2m_record *r, struct v2m_err *err)
{
	switch ((enum v2m_state)r->state) {
	case V2M_JOB_DONE:
		return 1;
	case V2M_JOB_FAILED:
		return v2m_err_set(err, V2M_FAILED, "the conversion failed: %s",
		    r->reason);
	case V2M_JOB_CANCELLED:
		return v2m_err_set(err, V2M_NOINPUT, "it was removed");
	default:
		return 0;
	}
}

int
v2m_await(v2m_await_look *look, void *arg, const char *id,
    const struct v2m_fetch *f, int poll_ms, struct v2m_record *r,
    struct v2m_err *err)
{
	int64_t begun = v2m_mono_ms(), wait_ms = f->wait_ms;

	for (;;) {
		int64_t left = wait_ms - (v2m_mono_ms() - begun);
		int64_t asked = 0;
		int is_ready;

		if (look(arg, id, r, &asked, err) < 0)
			return -1;
		is_ready = ready(r, err);
		if (is_ready != 0)
			return is_ready < 0 ? -1 : 0;
		if (wait_ms >= 0 && left <= 0)
			return v2m_err_set(err, V2M_TEMP, wait_ms == 0 ?
			    "not converted yet (%s): try again, or --wait" :
			    "still not converted (%s)",
			    v2m_state_word((enum v2m_state)r->state));
		if (f->waiting != NULL && wait_ms != 0)
			f->waiting(f->progress_arg, r, asked);
		if (v2m_stop_sleep(wait_ms < 0 || left > poll_ms ? poll_ms :
		    (int)left) > 0)
			return v2m_err_set(err, V2M_TEMP, "interrupted");
	}
}
