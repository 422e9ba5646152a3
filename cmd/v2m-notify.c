#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/state.h"
#include "base/stop.h"
#include "base/systemd.h"
#include "base/variables.h"
#include "flow/figures.h"
#include "flow/loop.h"
#include "flow/notify.h"
#include "flow/sweep.h"
#include "flow/tell_again.h"
#include "mail/mail.h"

static bool once, again, failed, yes, dry;
static const char *reason;
static int64_t since_ms = -1;	/* -1: any */
static struct v2m_tell_again repetition = {
	.hint = "--force sends it again" };

static const char *const synopsis[] = {
	"[--once] [--notify URL] [--metrics-file FILE]",
	"[-0] [--notify URL] [--json] ID ... | -",
	"--again [--force] [-0] [--notify URL] [--json] ID ... | -",
	"--again --failed [-n | --yes] [--since TIME] [--reason TEXT] "
	"[--notify URL] [--json]",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_FLAG, 0, "once", .value = &once,
	    .help = "end when the queue is empty",
	    .common = true },
	{ V2M_OPT_CONF, 0, "notify", .arg = "URL", .key = "notify",
	    .help = "log:[FILE], exec:COMMAND, smtp://HOST, ...",
	    .common = true },
	{ V2M_OPT_FLAG, 0, "again", .value = &again,
	    .help = "send failed and uncertain notices again",
	    .common = true },
	{ V2M_OPT_FLAG, 0, "failed", .value = &failed,
	    .help = "list all that failed, ask, and send them",
	    .common = true },
	{ V2M_OPT_DURATION, 0, "since", .arg = "TIME", .value = &since_ms,
	    .help = "only those first tried within this time" },
	{ V2M_OPT_TEXT, 0, "reason", .arg = "TEXT", .value = &reason,
	    .help = "only what failed with TEXT in the reason" },
	{ V2M_OPT_FLAG, 'n', "dry-run", .value = &dry,
	    .help = "list them, do not send",
	    .common = true },
	{ V2M_OPT_FLAG, 'y', "yes", .value = &yes,
	    .help = "do not ask",
	    .common = true },
	{ V2M_OPT_FLAG, 0, "force", .value = &repetition.force,
	    .help = "also send those that were sent before" },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_FAILED, V2M_DATA, V2M_NOINPUT,
	V2M_UNAVAILABLE, V2M_CANTCREATE, V2M_IO, V2M_TEMP, V2M_DENIED,
	V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-notify",
	.summary = "tell owners how their conversions ended",
	.synopsis = synopsis,
	.brief = (const char *const[]){
		"[--once] [--notify URL]",
		"[--again] [options] ID ... | -",
		"--again --failed [options]",
		NULL },
	.examples = (const char *const[]){
		"v2m-notify --once",
		"v2m-notify --again --failed --dry-run",
		NULL },
	.opts = opts,
	.some_options = true,
	.shared = V2M_CLI_METRICS | V2M_CLI_CONFIG | V2M_CLI_JSON |
	    V2M_CLI_NULL,
	.operands = "id",
	.statuses = statuses,
};

/* The longest time for connecting to a mail server. */
#define CONNECT_MS 30000

/* If the mail server does not answer, --once must end soon, and not try a
 * thousand notices. */
static int64_t
slow_ms(const struct v2m_conf *conf)
{
	int64_t timeout_ms = v2m_conf_number(conf, "notify_timeout");

	return (timeout_ms < CONNECT_MS ? timeout_ms : CONNECT_MS) * 9 / 10;
}

/* If the mailer or template cannot work, exit before any job is claimed. */
static int
try_mailer(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_mailer *mailer = v2m_mailer_open(conf, err);

	v2m_mailer_close(mailer);
	return mailer == NULL ? -1 : 0;
}

static int64_t next_sweep, next_look;	/* monotonic ms */

static void
sweep(struct v2m_loop *loop)
{
	v2m_sweep_turn(loop, v2m_sweep_notices, &next_sweep);
	v2m_figures_turn(loop->conf, &next_look);
}

/* --- --again --failed --- */

struct plan {
	const struct v2m_cli *cli;
	char **ids;		/* NULL-ended */
	size_t n, room;
	size_t useless;
};

static void
print_json(const struct v2m_record *r, const char *useless)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:b}", "id", r->id, "owner",
	    r->owner, "reason", r->notify_reason, "again", useless == NULL);

	if (useless != NULL)
		json_object_set_new(o, "left_out", json_string(useless));
	v2m_cli_print_json(o);
}

static void
print_one(const struct plan *plan, const struct v2m_record *r,
    const char *useless)
{
	FILE *out = dry ? stdout : stderr;

	if (plan->cli->json && dry)
		print_json(r, useless);
	else if (useless == NULL)
		fprintf(out, "%s\t%s\t%s\n", r->id, r->owner,
		    r->notify_reason);
	else
		v2m_info("%s: left out, %s: %s", r->id, r->owner, useless);
}

static int
add(void *arg, const struct v2m_record *r, const char *useless)
{
	struct plan *plan = arg;

	if (!yes)
		print_one(plan, r, useless);
	if (useless != NULL) {
		plan->useless++;
		return 0;
	}
	if (plan->n + 1 >= plan->room) {
		plan->room = plan->room == 0 ? 64 : 2 * plan->room;
		plan->ids = reallocarray(plan->ids, plan->room,
		    sizeof *plan->ids);
	}
	if (plan->ids == NULL || (plan->ids[plan->n] = strdup(r->id)) == NULL)
		abort();
	plan->ids[++plan->n] = NULL;
	return v2m_stop_count() > 0;
}

static bool
is_wanted(const struct plan *plan)
{
	if (plan->useless > 0)
		v2m_info("%zu left out: sending them again would not help",
		    plan->useless);
	if (plan->n == 0)
		v2m_info("there is nothing to send again");
	if (dry || plan->n == 0)
		return false;
	return yes || v2m_cli_confirm("send %zu again?", plan->n);
}

/* List the notices and ask.  false: there is nothing to do. */
static bool
choose(struct plan *plan, const struct v2m_conf *conf)
{
	const struct v2m_untold_filter filter = { .since = since_ms < 0 ? 0 :
	    v2m_wall_ms() - since_ms, .reason = reason };
	struct v2m_services s;
	struct v2m_err err;
	int ret;

	if (v2m_services_open(&s, conf, false, &err) < 0)
		v2m_cli_die(plan->cli, &err);
	ret = v2m_tell_again_select(&s, &filter, add, plan, &err);
	v2m_services_close(&s);
	if (ret < 0)
		v2m_cli_die(plan->cli, &err);
	return v2m_stop_count() == 0 && is_wanted(plan);
}

static void
release_plan(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n; i++)
		free(plan->ids[i]);
	free(plan->ids);
}

static void
check_usage(const struct v2m_cli *cli)
{
	if (once && cli->noperands > 0)
		v2m_cli_usage(cli, "--once cannot be used with IDs");
	if (once && again)
		v2m_cli_usage(cli,
		    "--once and --again cannot be used together");
	if (!again && (failed || repetition.force))
		v2m_cli_usage(cli, "--failed and --force need --again");
	if (!failed && (yes || dry || reason != NULL || since_ms >= 0))
		v2m_cli_usage(cli, "--since, --reason, --yes and -n need "
		    "--again --failed");
	if (failed && (cli->noperands > 0 || repetition.force))
		v2m_cli_usage(cli, "--failed cannot be used with IDs or "
		    "--force");
	if (again && !failed && cli->noperands == 0)
		v2m_cli_usage(cli, "--again needs IDs (- reads them from "
		    "stdin), or --failed");
	if (failed && !yes && !dry && !isatty(STDIN_FILENO))
		v2m_cli_usage(cli, "no terminal to ask on: add --yes, or "
		    "-n to list only");
}

static void
set_up(struct v2m_loop *loop, const struct v2m_conf *conf,
    const struct v2m_cli *cli, char **ids)
{
	v2m_loop_init(loop, conf, ids, cli->null, once);
	loop->report = v2m_cli_report;
	loop->report_arg = (void *)(uintptr_t)cli;
	loop->step = again ? v2m_tell_again_step : v2m_notify_step;
	loop->arg = &repetition;
	loop->publishes = again;
	loop->slow_ms = slow_ms(conf);
	loop->queues[0] = v2m_conf_text(conf, "queue_mp3");
	loop->queues[1] = V2M_QUEUE_NOTIFY;
}

static int
run(struct v2m_loop *loop, const struct v2m_cli *cli)
{
	struct v2m_err err;
	int status;

	if (try_mailer(loop->conf, &err) < 0 ||
	    v2m_metrics_open(loop->conf, program.name, &err) < 0 ||
	    v2m_loop_try(loop, &err) < 0)
		v2m_cli_die(cli, &err);
	v2m_metrics_add_writer(v2m_figures_kept);
	v2m_event(NULL, "started", NULL);
	v2m_systemd_ready();
	if (!loop->named)
		sweep(loop);
	status = v2m_loop_run(loop, 1, once || loop->named ? NULL : sweep);
	v2m_event(NULL, "stopped", "status=%d", status);
	next_look = 0;
	v2m_figures_turn(loop->conf, &next_look);
	v2m_metrics_end(status);
	return status;
}

int
main(int argc, char **argv)
{
	struct plan plan = { 0 };
	struct v2m_loop loop;
	struct v2m_conf conf;
	struct v2m_cli cli;
	struct v2m_err err;
	int status = V2M_OK;

	v2m_systemd_start();
	v2m_cli_start(&cli, &program, argc, argv);
	check_usage(&cli);
	v2m_cli_conf(&cli, &conf);
	plan.cli = &cli;
	if (!once && cli.noperands == 0 && !again)
		v2m_variables_warn();
	if (v2m_state_become(&conf, &err) < 0 || v2m_stop_init(&err) < 0)
		v2m_cli_die(&cli, &err);
	if (!failed || choose(&plan, &conf)) {
		set_up(&loop, &conf, &cli, failed ? plan.ids : cli.operands);
		status = run(&loop, &cli);
		v2m_loop_release(&loop);
	}
	release_plan(&plan);
	v2m_conf_release(&conf);
	return v2m_cli_finish(&cli, status);
}
