#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/state.h"
#include "base/stop.h"
#include "flow/check.h"
#include "flow/figures.h"
#include "flow/owners.h"

#define FILES_MOST 1000		/* of a folder, unless --full */

static bool full, bytes, repair, yes;
static const char *against;

static const char *const synopsis[] = {
	"[--full | --bytes] [--json] [--repair [--yes]] "
	"[--metrics-file FILE]",
	"--against FROM [--bytes] [--json]",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_FLAG, 'f', "full", .value = &full,
	    .help = "check all jobs and files, not only the newest" },
	{ V2M_OPT_FLAG, 'b', "bytes", .value = &bytes,
	    .help = "as --full, and read all that is stored" },
	{ V2M_OPT_TEXT, 0, "against", .arg = "FROM", .value = &against,
	    .complete = "file",
	    .help = "only compare with the v2m that jobs come from" },
	{ V2M_OPT_FLAG, 0, "repair", .value = &repair,
	    .help = "ask, and repair what can be repaired; as --full" },
	{ V2M_OPT_FLAG, 'y', "yes", .value = &yes,
	    .help = "do not ask" },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_FAILED, V2M_NOINPUT, V2M_IO, V2M_TEMP,
	V2M_DENIED, V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-check",
	.summary = "check that accounts, store, queues and jobs agree",
	.synopsis = synopsis,
	.examples = (const char *const[]){
		"v2m-check",
		"v2m-check --bytes --repair",
		NULL },
	.opts = opts,
	.shared = V2M_CLI_METRICS | V2M_CLI_CONFIG | V2M_CLI_JSON,
	.statuses = statuses,
};

struct run {
	const struct v2m_cli *cli;
	struct v2m_tally tally;
	struct v2m_finding *plan;	/* what can be repaired */
	size_t nplan, room;
	size_t nfound;
};

static void
print(const struct v2m_cli *cli, const struct v2m_finding *f)
{
	const char *remedy = v2m_remedy_text(f->remedy);

	if (cli->json)
		v2m_cli_print_json(json_pack("{s:s, s:s, s:s}", "item",
		    f->item, "what", f->what, "remedy", remedy));
	else
		printf("%s\t%s\t%s\n", f->item, f->what, remedy);
}

static void
found(void *arg, const struct v2m_finding *f)
{
	struct run *run = arg;
	struct v2m_finding *more;

	print(run->cli, f);
	run->nfound++;
	if (!repair || !v2m_remedy_is_ours(f->remedy))
		return;
	if (run->nplan == run->room) {
		run->room = run->room == 0 ? 16 : 2 * run->room;
		more = realloc(run->plan, run->room * sizeof *more);
		if (more == NULL) {
			/* The next run repairs the rest. */
			run->room = run->nplan;
			return;
		}
		run->plan = more;
	}
	run->plan[run->nplan++] = *f;
}

static bool
is_wanted(size_t n, size_t all)
{
	return yes || v2m_cli_confirm("repair %zu of %zu?", n, all);
}

static void
repair_all(struct run *run, struct v2m_services *services)
{
	struct v2m_err err;
	size_t i;

	for (i = 0; i < run->nplan && v2m_stop_count() == 0; i++) {
		if (v2m_check_repair(services, &run->plan[i], &err) < 0) {
			v2m_cli_failed(run->cli, &run->tally,
			    run->plan[i].item, &err);
			continue;
		}
		run->nfound--;
		v2m_info("%s: done: %s", run->plan[i].item,
		    v2m_remedy_text(run->plan[i].remedy));
	}
}

/* --- owners --- */

struct owners {
	struct run *run;
	size_t n, nrepairable;
};

static void
wrong_owner(void *arg, const struct v2m_finding *f)
{
	struct owners *owners = arg;

	print(owners->run->cli, f);
	owners->n++;
	owners->nrepairable += f->remedy == V2M_REMEDY_OWNER;
}

static void
not_repaired(void *arg, const char *item, const struct v2m_err *err)
{
	const struct owners *owners = arg;

	v2m_cli_failed(owners->run->cli, &owners->run->tally, item, err);
}

static void
ignore(void *arg, const struct v2m_finding *f)
{
	(void)f;
	++*(size_t *)arg;
}

/* Only root can repair these, and later this process is not root any more; so
 * they are checked and repaired first. */
static void
check_owners(struct run *run, const struct v2m_conf *conf)
{
	struct owners owners = { .run = run };
	struct v2m_owners look = { .found = wrong_owner, .failed = not_repaired,
	    .arg = &owners, .most = full ? 0 : FILES_MOST };
	size_t left = 0;
	struct v2m_err err;

	if (v2m_owners(conf, &look, &err) < 0)
		v2m_cli_die(run->cli, &err);
	left = owners.n;
	if (repair && owners.nrepairable > 0 &&
	    is_wanted(owners.nrepairable, owners.n)) {
		look.repair = true;
		v2m_owners(conf, &look, &err);
		look = (struct v2m_owners){ .found = ignore, .arg = &left };
		left = 0;
		v2m_owners(conf, &look, &err);
		v2m_info("%zu given to the owner of the state",
		    owners.n - left);
	}
	run->nfound += left;
}

/* If a file may not be read, the findings about owners are most likely the
 * reason. */
static _Noreturn void
give_up(const struct run *run, const struct v2m_err *err)
{
	if (run->nfound == 0 || !v2m_err_is_access(err))
		v2m_cli_die(run->cli, err);
	v2m_warn("repair that first, then the rest can be checked");
	exit(v2m_cli_finish(run->cli, V2M_FAILED));
}

static void
write_figures(const struct run *run, const struct v2m_conf *conf, int status)
{
	int64_t now = 0;

	v2m_metric_add(V2M_METRIC_FINDINGS, NULL, (double)run->nfound);
	v2m_figures_turn(conf, &now);
	v2m_metrics_add_writer(v2m_figures_kept);
	v2m_metrics_end(status);
}

static void
check_usage(const struct v2m_cli *cli)
{
	if (cli->noperands > 0)
		v2m_cli_usage(cli, "it takes no operands");
	if (yes && !repair)
		v2m_cli_usage(cli, "--yes needs --repair");
	if (repair && !yes && !isatty(STDIN_FILENO))
		v2m_cli_usage(cli, "no terminal to ask on: add --yes");
	if (against != NULL && (repair || full))
		v2m_cli_usage(cli, "--against and %s cannot be used together",
		    repair ? "--repair" : "--full");
}

static void
open_other(const struct v2m_cli *cli, struct v2m_conf *other)
{
	struct v2m_err err;

	if (v2m_conf_load_other(other, against, &err) < 0)
		v2m_cli_die(cli, &err);
	v2m_state_keep_files(other);
}

static int
check(struct run *run, struct v2m_services *services,
    const struct v2m_conf *other, struct v2m_err *err)
{
	if (against != NULL)
		return v2m_check_against(services, other, bytes, found, run,
		    err);
	return v2m_check(services, bytes ? V2M_CHECK_BYTES : full ?
	    V2M_CHECK_FULL : V2M_CHECK_INDEXED, found, run, err);
}

int
main(int argc, char **argv)
{
	struct v2m_conf conf, other = { .state = NULL };
	struct v2m_services services;
	struct run run = { 0 };
	struct v2m_cli cli;
	struct v2m_err err;
	int status;

	v2m_cli_start(&cli, &program, argc, argv);
	check_usage(&cli);
	full |= bytes || repair;
	v2m_cli_conf(&cli, &conf);
	run.cli = &cli;
	if (v2m_stop_init(&err) < 0)
		v2m_cli_die(&cli, &err);
	if (against != NULL)
		open_other(&cli, &other);
	else
		check_owners(&run, &conf);
	if (v2m_state_become(&conf, &err) < 0 ||
	    v2m_metrics_open(&conf, program.name, &err) < 0 ||
	    v2m_services_open(&services, &conf, true, &err) < 0)
		give_up(&run, &err);
	if (check(&run, &services, &other, &err) < 0)
		v2m_cli_failed(&cli, &run.tally, "check", &err);
	else if (run.nplan > 0 && is_wanted(run.nplan, run.nfound))
		repair_all(&run, &services);
	v2m_services_close(&services);
	status = v2m_tally_status(&run.tally);
	if (status == 0 && run.nfound > 0)
		status = V2M_FAILED;
	write_figures(&run, &conf, status);
	v2m_conf_release(&other);
	v2m_conf_release(&conf);
	free(run.plan);
	v2m_stop_die();
	return v2m_cli_finish(&cli, status);
}
