#include <stdio.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/items.h"
#include "base/state.h"
#include "base/stop.h"
#include "client/status_table.h"
#include "flow/job.h"
#include "flow/requeue.h"
#include "flow/status.h"

static bool list, show, drop, again, all, lost;
static const char *reason;
static int64_t failed;

static const char *const synopsis[] = {
	"--list [--lost] [--failed STATUS] [--reason TEXT] [--json]",
	"[-0] [--again] [--json] ID ... | -",
	"[--json] --all | --lost | --failed STATUS | --reason TEXT",
	"--drop [-0] [--json] ID ... | -",
	"--drop [--json] --all | --failed STATUS | --reason TEXT",
	"--show [-0] [--json] ID ... | -",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_FLAG, 'l', "list", .value = &list,
	    .help = "list failed and lost jobs, change nothing",
	    .common = true },
	{ V2M_OPT_FLAG, 's', "show", .value = &show,
	    .help = "show all that is known of these jobs",
	    .common = true },
	{ V2M_OPT_FLAG, 'd', "drop", .value = &drop,
	    .help = "remove these jobs and their videos",
	    .common = true },
	{ V2M_OPT_FLAG, 'a', "all", .value = &all,
	    .help = "all jobs that failed or were lost",
	    .common = true },
	{ V2M_OPT_FLAG, 0, "lost", .value = &lost,
	    .help = "jobs without a message and without a worker",
	    .common = true },
	{ V2M_OPT_INT, 0, "failed", .arg = "STATUS", .value = &failed,
	    .min = 1, .max = 78,
	    .help = "jobs that failed with this exit status",
	    .common = true },
	{ V2M_OPT_TEXT, 'r', "reason", .arg = "TEXT", .value = &reason,
	    .help = "jobs that failed with TEXT in the reason" },
	{ V2M_OPT_FLAG, 0, "again", .value = &again,
	    .help = "also convert finished jobs again",
	    .common = true },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_FAILED, V2M_NOINPUT, V2M_IO, V2M_TEMP,
	V2M_DENIED, V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-requeue",
	.summary = "queue failed and lost jobs again",
	.synopsis = synopsis,
	.examples = (const char *const[]){
		"v2m-requeue --list",
		"v2m-requeue --failed 75",
		NULL },
	.opts = opts,
	.some_options = true,
	.shared = V2M_CLI_CONFIG | V2M_CLI_JSON | V2M_CLI_NULL,
	.operands = "id",
	.statuses = statuses,
};

struct run {
	const struct v2m_cli *cli;
	struct v2m_services services;
	struct v2m_tally tally;
	bool terminal, headed;
	int width;
};

static void
show_in_list(struct run *run, const struct v2m_record *r)
{
	int64_t now = v2m_wall_ms();

	if (run->cli->json) {
		v2m_cli_print_json(v2m_status_json(r));
	} else if (run->terminal) {
		if (!run->headed)
			v2m_status_heading(stdout, run->width);
		run->headed = true;
		v2m_status_row(stdout, r, now, run->width, false);
	} else {
		v2m_status_line(stdout, r, now);
		putchar('\n');
	}
	v2m_tally_done(&run->tally);
}

static int
show_one(struct run *run, const char *id, struct v2m_err *err)
{
	struct v2m_record r;
	json_t *object;

	if (v2m_job_find(run->services.store, id, &r, err) < 0)
		return -1;
	object = v2m_status_json(&r);
	v2m_status_add_inner(object, &r);
	if (run->cli->json) {
		v2m_cli_print_json(object);
		return 0;
	}
	json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	putchar('\n');
	json_decref(object);
	return 0;
}

static int
act(struct run *run, const char *id, struct v2m_err *err)
{
	int done;

	if (show)
		return show_one(run, id, err);
	done = drop ? v2m_requeue_drop(&run->services, id,
	    "v2m-remove deletes it", err) :
	    lost ? v2m_requeue_lost(&run->services, id, err) :
	    v2m_requeue(&run->services, id, again,
	    "--again converts it once more", err);
	if (done < 0)
		return -1;
	if (run->cli->json)
		printf("{\"id\":\"%s\",\"%s\":true}\n", id,
		    drop ? "dropped" : "requeued");
	else
		printf("%s\n", id);
	return 0;
}

static void
act_and_count(struct run *run, const char *id)
{
	struct v2m_err err;

	if (act(run, id, &err) < 0)
		v2m_cli_failed(run->cli, &run->tally, id, &err);
	else
		v2m_tally_done(&run->tally);
	fflush(stdout);
}

static int
one_selected(void *arg, const struct v2m_record *r)
{
	if (list)
		show_in_list(arg, r);
	else
		act_and_count(arg, r->id);
	return ferror(stdout) || v2m_stop_count() > 0;
}

static bool
some_failed(void)
{
	return failed != 0 || reason != NULL;
}

/* --all, --lost, --failed, --reason, and --list with or without them. */
static void
run_selected(struct run *run)
{
	unsigned which = V2M_STUCK_FAILED | V2M_STUCK_LOST;
	const struct v2m_requeue_filter filter = { reason, (int)failed };
	struct v2m_err err;

	if (some_failed() || (drop && all))
		which = V2M_STUCK_FAILED;
	else if (lost)
		which = V2M_STUCK_LOST;
	if (v2m_requeue_select(&run->services, which, &filter,
	    one_selected, run, &err) < 0)
		v2m_cli_failed(run->cli, &run->tally, "select", &err);
	if (list && run->tally.done == 0 && run->terminal && !run->cli->json)
		fputs("nothing failed, nothing is lost\n", stderr);
}

static void
run_named(struct run *run)
{
	struct v2m_items items;
	struct v2m_err err;
	char *id;
	int got;

	v2m_items_init(&items, run->cli->operands, run->cli->null);
	while ((got = v2m_items_next(&items, &id, &err)) == 1 &&
	    !ferror(stdout))
		act_and_count(run, id);
	if (got < 0)
		v2m_cli_failed(run->cli, &run->tally, "stdin", &err);
	v2m_items_release(&items);
}

static void
check_usage(const struct v2m_cli *cli)
{
	bool selected = all || lost || some_failed();

	if (reason != NULL && reason[0] == '\0')
		v2m_cli_usage(cli, "--reason is empty, which stands in every "
		    "reason");
	if (list + show + drop > 1 || (again && (list || show || drop)))
		v2m_cli_usage(cli, "--list, --show, --drop and --again cannot "
		    "be used together");
	if (all + lost + some_failed() > 1)
		v2m_cli_usage(cli, "--all, --lost and --failed or --reason "
		    "cannot be used together");
	if ((selected || list) && cli->noperands > 0)
		v2m_cli_usage(cli, "name IDs or choose by an option, not both");
	if (show && selected)
		v2m_cli_usage(cli, "--show needs IDs (--list shows all)");
	if (again && selected)
		v2m_cli_usage(cli, "--again needs IDs");
	if (drop && lost)
		v2m_cli_usage(cli, "lost jobs can be requeued, not dropped");
	if (!selected && !list && cli->noperands == 0)
		v2m_cli_usage(cli, "no ID given (- reads IDs from stdin, "
		    "--list shows those that failed)");
}

int
main(int argc, char **argv)
{
	struct run run = { 0 };
	struct v2m_conf conf;
	struct v2m_cli cli;
	struct v2m_err err;

	v2m_cli_start(&cli, &program, argc, argv);
	check_usage(&cli);
	v2m_cli_conf(&cli, &conf);
	run.cli = &cli;
	run.terminal = isatty(STDOUT_FILENO);
	run.width = v2m_cli_columns();
	if (v2m_state_become(&conf, &err) < 0 || v2m_stop_init(&err) < 0 ||
	    v2m_services_open(&run.services, &conf, true, &err) < 0)
		v2m_cli_die(&cli, &err);
	if (list || all || lost || some_failed())
		run_selected(&run);
	else
		run_named(&run);
	v2m_services_close(&run.services);
	v2m_conf_release(&conf);
	v2m_stop_die();
	return v2m_cli_finish(&cli, v2m_tally_status(&run.tally));
}
