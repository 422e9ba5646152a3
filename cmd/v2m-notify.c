#include "base/cli.h"
#include "base/log.h"
#include "base/state.h"
#include "base/stop.h"
#include "base/systemd.h"
#include "base/variables.h"
#include "flow/loop.h"
#include "flow/notify.h"
#include "flow/sweep.h"
#include "mail/mail.h"

static bool once;

static const char *const synopsis[] = {
	"[--once] [--notify URL]",
	"[-0] [--notify URL] [--json] ID ... | -",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_FLAG, 0, "once", .value = &once,
	    .help = "end when the queue has nothing to take" },
	{ V2M_OPT_CONF, 0, "notify", .arg = "URL", .key = "notify",
	    .help = "how: log:[FILE], exec:COMMAND, smtp://HOST, ..." },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_FAILED, V2M_DATA, V2M_NOINPUT,
	V2M_UNAVAILABLE, V2M_CANTCREATE, V2M_IO, V2M_TEMP, V2M_DENIED,
	V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-notify",
	.summary = "tell owners how their conversions ended",
	.synopsis = synopsis,
	.opts = opts,
	.shared = V2M_CLI_CONFIG | V2M_CLI_JSON | V2M_CLI_NULL,
	.operands = "id",
	.statuses = statuses,
};

/* Longer than this no mailer tries to connect. */
#define CONNECT_MS 30000

/* Where a mail server does not answer, a queue of a thousand must not take a
 * night of --once. */
static int64_t
slow_ms(const struct v2m_conf *conf)
{
	int64_t timeout_ms = v2m_conf_number(conf, "notify_timeout");

	return (timeout_ms < CONNECT_MS ? timeout_ms : CONNECT_MS) * 9 / 10;
}

/* A mailer or template that cannot work is worth an exit before any job is
 * touched. */
static int
try_mailer(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_mailer *mailer = v2m_mailer_open(conf, err);

	v2m_mailer_close(mailer);
	return mailer == NULL ? -1 : 0;
}

static int64_t next_sweep;	/* monotonic ms */

static void
sweep(struct v2m_loop *loop)
{
	v2m_sweep_turn(loop, v2m_sweep_notices, &next_sweep);
}

int
main(int argc, char **argv)
{
	struct v2m_loop loop;
	struct v2m_conf conf;
	struct v2m_cli cli;
	struct v2m_err err;
	int status;

	v2m_systemd_start();
	v2m_cli_start(&cli, &program, argc, argv);
	v2m_cli_conf(&cli, &conf);
	if (once && cli.noperands > 0)
		v2m_cli_usage(&cli, "--once is for the queue, not for IDs");
	if (!once && cli.noperands == 0)
		v2m_variables_warn();
	v2m_loop_init(&loop, &conf, cli.operands, cli.null, once);
	loop.report = v2m_cli_report;
	loop.report_arg = &cli;
	loop.step = v2m_notify_step;
	loop.slow_ms = slow_ms(&conf);
	loop.queues[0] = v2m_conf_text(&conf, "queue_mp3");
	loop.queues[1] = V2M_QUEUE_NOTIFY;
	if (v2m_state_become(&conf, &err) < 0 ||
	    v2m_stop_init(&err) < 0 || try_mailer(&conf, &err) < 0 ||
	    v2m_loop_try(&loop, &err) < 0)
		v2m_cli_die(&cli, &err);
	v2m_event(NULL, "started", NULL);
	if (!loop.named)
		sweep(&loop);
	v2m_systemd_ready();
	status = v2m_loop_run(&loop, 1, once || loop.named ? NULL : sweep);
	v2m_event(NULL, "stopped", "status=%d", status);
	v2m_loop_release(&loop);
	v2m_conf_release(&conf);
	return v2m_cli_finish(&cli, status);
}
