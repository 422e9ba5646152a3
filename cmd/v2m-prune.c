#include <stdio.h>

#include "base/cli.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/state.h"
#include "base/stop.h"
#include "flow/prune.h"

static bool dry, foreign, full;

static const char *const synopsis[] = {
	"[--dry-run] [--foreign] [--full] [--json] [--metrics-file FILE]",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_FLAG, 'n', "dry-run", .value = &dry,
	    .help = "show what would be removed, change nothing" },
	{ V2M_OPT_FLAG, 0, "foreign", .value = &foreign,
	    .help = "also other programs' files without a record" },
	{ V2M_OPT_FLAG, 0, "full", .value = &full,
	    .help = "check every file, not only what the index lists" },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_FAILED, V2M_IO, V2M_TEMP, V2M_DENIED,
	V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-prune",
	.summary = "remove what was kept long enough",
	.synopsis = synopsis,
	.examples = (const char *const[]){
		"v2m-prune",
		"v2m-prune --dry-run",
		NULL },
	.opts = opts,
	.shared = V2M_CLI_METRICS | V2M_CLI_CONFIG | V2M_CLI_JSON,
	.statuses = statuses,
};

struct run {
	const struct v2m_cli *cli;
	struct v2m_tally tally;
};

/* Prints nothing by default, as cron runs it. */
static void
found(void *arg, const char *id, const char *what, enum v2m_prune_why reason)
{
	const char *why = v2m_prune_word(reason);
	struct run *run = arg;

	if (run->cli->json)
		printf("{\"id\":\"%s\",\"what\":\"%s\",\"why\":\"%s\","
		    "\"removed\":%s}\n", id, what, why, dry ? "false" :
		    "true");
	else if (dry)
		printf("%s\t%s\t%s\n", id, what, why);
	else
		v2m_debug("%s: removing the %s: %s", id, what, why);
	if (!dry)
		v2m_metric_add(V2M_METRIC_REMOVED, what, 1);
	v2m_tally_done(&run->tally);
}

static void
failed(void *arg, const char *id, const struct v2m_err *err)
{
	struct run *run = arg;

	v2m_cli_failed(run->cli, &run->tally, id, err);
}

int
main(int argc, char **argv)
{
	struct v2m_services services;
	struct run run = { 0 };
	struct v2m_prune prune = { .found = found, .failed = failed,
	    .arg = &run };
	struct v2m_conf conf;
	struct v2m_cli cli;
	struct v2m_err err;

	v2m_cli_start(&cli, &program, argc, argv);
	if (cli.noperands > 0)
		v2m_cli_usage(&cli, "it takes no operands (v2m-remove does)");
	v2m_cli_conf(&cli, &conf);
	run.cli = &cli;
	prune.dry = dry;
	prune.foreign = foreign;
	prune.full = full;
	if (v2m_state_become(&conf, &err) < 0 || v2m_stop_init(&err) < 0 ||
	    v2m_metrics_open(&conf, program.name, &err) < 0 ||
	    v2m_services_open(&services, &conf, false, &err) < 0)
		v2m_cli_die(&cli, &err);
	if (v2m_prune(&services, &prune, &err) < 0)
		v2m_cli_failed(&cli, &run.tally, "store", &err);
	v2m_services_close(&services);
	v2m_metrics_end(v2m_tally_status(&run.tally));
	v2m_conf_release(&conf);
	v2m_stop_die();
	return v2m_cli_finish(&cli, v2m_tally_status(&run.tally));
}
