#include <string.h>

#include "base/clock.h"
#include "base/cli.h"
#include "base/each.h"
#include "base/log.h"
#include "base/stop.h"
#include "flow/convert.h"
#include "flow/loop.h"
#include "flow/sweep.h"
#include "media/media.h"

static int64_t jobs = 1;
static bool once;

static const char *const synopsis[] = {
	"[-j N] [--once] [--drain-timeout TIME]",
	"[-0] [-j N] [--json] ID ... | -",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_INT, 'j', "jobs", .arg = "N", .value = &jobs, .min = 1,
	    .max = 256, .help = "videos to convert at a time; default 1" },
	{ V2M_OPT_FLAG, 0, "once", .value = &once,
	    .help = "end when the queue has nothing to take" },
	{ V2M_OPT_CONF, 0, "drain-timeout", .arg = "TIME",
	    .key = "drain_timeout",
	    .help = "how long running jobs may go on after SIGTERM" },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_FAILED, V2M_WARNED, V2M_DATA, V2M_NOINPUT,
	V2M_UNAVAILABLE, V2M_BUG, V2M_CANTCREATE, V2M_IO, V2M_TEMP, V2M_PROTOCOL,
	V2M_DENIED,
	V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-convert-worker",
	.summary = "convert queued videos to MP3",
	.synopsis = synopsis,
	.opts = opts,
	.shared = V2M_CLI_CONFIG | V2M_CLI_JSON | V2M_CLI_NULL,
	.operands = "id",
	.statuses = statuses,
};

static int64_t next_sweep;	/* monotonic ms */

/* The loop's idle time: look for jobs that were left.  Trouble is logged and
 * tried again at the next turn. */
static void
sweep(struct v2m_loop *loop)
{
	struct v2m_services s;
	struct v2m_err err;
	unsigned found;
	int ret = -1;

	if (v2m_mono_ms() < next_sweep || v2m_stop_count() > 0)
		return;
	next_sweep = v2m_mono_ms() + v2m_sweep_pause_ms(loop->conf);
	if (v2m_services_open(&s, loop->conf, true, &err) == 0) {
		ret = v2m_sweep(&s, &found, &err);
		v2m_services_close(&s);
	}
	if (ret < 0)
		v2m_event_always(NULL, "sweep", "result=tempfail reason=\"%s\"",
		    err.msg);
	else if (found > 0)
		v2m_event(NULL, "sweep", "found=%u result=ok", found);
}

/* Wrong settings are worth an exit, a service that is away is waited for: so
 * try everything once before the work begins. */
static int
try_services(const struct v2m_conf *conf, bool pipe, bool wait,
    struct v2m_err *err)
{
	struct v2m_services s;

	if (v2m_services_open(&s, conf, !pipe, err) == 0) {
		v2m_services_close(&s);
		return 0;
	}
	return wait && err->code == V2M_TEMP ? 0 : -1;
}

int
main(int argc, char **argv)
{
	struct v2m_loop loop = { .step = v2m_convert_step };
	struct v2m_conf conf;
	struct v2m_each each;
	struct v2m_cli cli;
	struct v2m_err err;
	int status;

	v2m_cli_start(&cli, &program, argc, argv);
	if (once && cli.noperands > 0)
		v2m_cli_usage(&cli, "--once is for the queue, not for IDs");
	v2m_cli_conf(&cli, &conf);
	loop.cli = &cli;
	loop.conf = &conf;
	loop.once = once;
	if (cli.noperands > 0)
		loop.each = &each;
	else
		loop.queues[0] = v2m_conf_text(&conf, "queue_video");
	if (once || loop.each != NULL)
		v2m_log_terse();
	if (v2m_stop_init(&err) < 0 ||
	    try_services(&conf, loop.each != NULL, loop.each == NULL && !once,
	    &err) < 0 ||
	    (loop.arg = v2m_media_start(&err)) == NULL)
		v2m_cli_die(&cli, &err);
	v2m_each_init(&each, cli.operands, cli.null, false);
	v2m_event(NULL, "started", "jobs=%d", (int)jobs);
	if (loop.each == NULL)
		sweep(&loop);
	status = v2m_loop_run(&loop, (int)jobs,
	    once || loop.each != NULL ? NULL : sweep);
	v2m_event(NULL, "stopped", "status=%d", status);
	v2m_each_release(&each);
	v2m_media_free(loop.arg);
	v2m_conf_release(&conf);
	return v2m_cli_finish(&cli, status);
}
