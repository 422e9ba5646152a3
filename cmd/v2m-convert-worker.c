#include "base/board.h"
#include "base/cli.h"
#include "base/io.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/state.h"
#include "base/stop.h"
#include "base/systemd.h"
#include "base/variables.h"
#include "flow/convert.h"
#include "flow/loop.h"
#include "flow/sweep.h"
#include "media/lend.h"
#include "media/media.h"

#define FILES_A_JOB 56		/* of which S3 takes 40, for connections */

static int64_t jobs = 1, threads;
static bool once, no_sandbox;

static const char *const synopsis[] = {
	"[-j N] [--threads N] [--once] [--drain-timeout TIME] [--no-sandbox] "
	"[--metrics-file FILE]",
	"[-0] [-j N] [--threads N] [--no-sandbox] [--json] ID ... | -",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_INT, 'j', "jobs", .arg = "N", .value = &jobs, .min = 1,
	    .max = 256, .help = "videos to convert at a time; default 1",
	    .common = true },
	{ V2M_OPT_INT, 0, "threads", .arg = "N", .value = &threads,
	    .min = 1, .max = V2M_MEDIA_THREADS_MOST,
	    .help = "cores for each video; default all, shared",
	    .common = true },
	{ V2M_OPT_FLAG, 0, "once", .value = &once,
	    .help = "end when the queue is empty",
	    .common = true },
	{ V2M_OPT_CONF, 0, "drain-timeout", .arg = "TIME",
	    .key = "drain_timeout",
	    .help = "how long running jobs may go on after SIGTERM",
	    .common = true },
	{ V2M_OPT_FLAG, 0, "no-sandbox", .value = &no_sandbox,
	    .help = "read videos without the sandbox" },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_FAILED, V2M_WARNED, V2M_DATA, V2M_NOINPUT,
	V2M_UNAVAILABLE, V2M_BUG, V2M_CANTCREATE, V2M_IO, V2M_TEMP,
	V2M_PROTOCOL, V2M_DENIED, V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-convert-worker",
	.summary = "convert queued videos to MP3",
	.synopsis = synopsis,
	.examples = (const char *const[]){
		"v2m-convert-worker --once",
		"v2m-upload --no-queue talk.mp4 | v2m-convert-worker -",
		NULL },
	.opts = opts,
	.some_options = true,
	.shared = V2M_CLI_METRICS | V2M_CLI_CONFIG | V2M_CLI_JSON |
	    V2M_CLI_NULL,
	.operands = "id",
	.statuses = statuses,
};

static int64_t next_sweep;	/* monotonic ms */

static struct v2m_converter converter = {
	.shares.lock = PTHREAD_MUTEX_INITIALIZER,
};

static void
sweep(struct v2m_loop *loop)
{
	v2m_sweep_turn(loop, v2m_sweep, &next_sweep);
}

/* On a terminal: say what the worker does or waits for. */
static void
say_what_is_up(const struct v2m_loop *loop)
{
	int running = v2m_board_running();
	char words[160], time[32];

	if (v2m_stop_count() == 1 && running > 0)
		snprintf(words, sizeof words, "stopping: waits at most %s for "
		    "what runs; Ctrl-C again hands it back now",
		    v2m_text_age(time, v2m_conf_number(loop->conf,
		    "drain_timeout")));
	else if (v2m_stop_count() > 0)
		snprintf(words, sizeof words, "stopping");
	else if (running > 0 || loop->named || once)
		words[0] = '\0';
	else
		snprintf(words, sizeof words,
		    "waiting for videos; Ctrl-C stops");
	v2m_board_say(words);
}

/* About once a second, in the main thread. */
static void
turn(struct v2m_loop *loop)
{
	say_what_is_up(loop);
	if (!once && !loop->named)
		sweep(loop);
}

int
main(int argc, char **argv)
{
	struct v2m_lender *lender = NULL;
	struct v2m_loop loop;
	struct v2m_conf conf;
	struct v2m_cli cli;
	struct v2m_err err;
	int status;

	v2m_systemd_start();
	v2m_cli_start(&cli, &program, argc, argv);
	v2m_cli_conf(&cli, &conf);
	if (once && cli.noperands > 0)
		v2m_cli_usage(&cli, "--once cannot be used with IDs");
	if (!once && cli.noperands == 0)
		v2m_variables_warn();
	v2m_loop_init(&loop, &conf, cli.operands, cli.null, once);
	loop.report = v2m_cli_report;
	loop.report_arg = &cli;
	loop.step = v2m_convert_step;
	loop.queues[0] = v2m_conf_text(&conf, "queue_video");
	v2m_io_raise_files((uint64_t)jobs * FILES_A_JOB + 64);
	if (v2m_state_become(&conf, &err) < 0 ||
	    v2m_stop_init(&err) < 0 ||
	    v2m_metrics_open(&conf, program.name, &err) < 0 ||
	    v2m_loop_try(&loop, &err) < 0 ||
	    (converter.media = v2m_media_start(&err)) == NULL ||
	    v2m_media_configure(converter.media, &conf, no_sandbox, &err) < 0)
		v2m_cli_die(&cli, &err);
	loop.arg = &converter;
	v2m_media_set_threads(converter.media, (int)threads);
	v2m_event(NULL, "started", "jobs=%d sandbox=%s", (int)jobs,
	    v2m_media_sandbox_word(converter.media));
	if (!once && !loop.named)
		lender = v2m_lend_start(converter.media, conf.state);
	v2m_systemd_ready();
	if (!loop.named)
		sweep(&loop);
	v2m_board_begin(0, cli.quiet);
	status = v2m_loop_run(&loop, (int)jobs, turn);
	v2m_board_end();
	v2m_event(NULL, "stopped", "status=%d", status);
	v2m_metrics_end(status);
	v2m_lend_end(lender);
	v2m_media_free(converter.media);
	v2m_loop_release(&loop);
	v2m_conf_release(&conf);
	return v2m_cli_finish(&cli, status);
}
