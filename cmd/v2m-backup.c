#include <inttypes.h>

#include "base/cli.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/state.h"
#include "base/stop.h"
#include "base/text.h"
#include "flow/backup.h"

static bool copy, links;

static const char *const synopsis[] = {
	"[--copy | --link] [--metrics-file FILE] DIR",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_FLAG, 'c', "copy", .value = &copy,
	    .help = "copy videos and MP3s, also within one file system" },
	{ V2M_OPT_FLAG, 'l', "link", .value = &links,
	    .help = "make links if possible, without a warning" },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_FAILED, V2M_CANTCREATE, V2M_IO, V2M_TEMP,
	V2M_DENIED, V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-backup",
	.summary = "copy the state while it is in use",
	.synopsis = synopsis,
	.examples = (const char *const[]){
		"v2m-backup /srv/backup/v2m",
		"v2m-backup --link /var/lib/v2m.copy",
		NULL },
	.opts = opts,
	.shared = V2M_CLI_METRICS | V2M_CLI_CONFIG,
	.operands = "dir",
	.statuses = statuses,
};

struct run {
	const struct v2m_cli *cli;
	struct v2m_tally tally;
};

static void
lost(void *arg, const char *id, const struct v2m_err *err)
{
	struct run *run = arg;

	v2m_cli_failed(run->cli, &run->tally, id, err);
}

/* Warn of services on servers: they are not in the copy. */
static void
tell_of_servers(const struct v2m_conf *conf)
{
	static const char *const keys[] = { "users", "store", "objects",
	    "queue" };
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if (v2m_conf_text(conf, keys[i])[0] != '\0' &&
		    v2m_conf_rest(conf, keys[i], "sqlite") == NULL &&
		    v2m_conf_rest(conf, keys[i], "dir") == NULL)
			v2m_warn("%s is on a server and not in this copy: see "
			    "v2m-admin(7)", keys[i]);
}

static void
tell(const struct v2m_backup *b, const char *dir)
{
	char size[32];

	v2m_debug("%" PRId64 " new videos and MP3s (%s), %" PRId64
	    " removed", b->files, v2m_text_size(size, b->bytes), b->removed);
	if (b->linked && !links)
		v2m_warn("'%s' has links to the store's own files, which do "
		    "not protect against a bad disk: copy it to another one, "
		    "or use --copy", dir);
}

int
main(int argc, char **argv)
{
	struct run run = { 0 };
	struct v2m_backup b = { .lost = lost, .arg = &run };
	struct v2m_conf conf;
	struct v2m_cli cli;
	struct v2m_err err;

	v2m_cli_start(&cli, &program, argc, argv);
	if (cli.noperands != 1)
		v2m_cli_usage(&cli, "give one folder, for the copy");
	if (copy && links)
		v2m_cli_usage(&cli, "--copy or --link, not both");
	v2m_cli_conf(&cli, &conf);
	run.cli = &cli;
	b.link = !copy;
	if (v2m_stop_init(&err) < 0 ||
	    v2m_backup_folder(&conf, cli.operands[0], &err) < 0 ||
	    v2m_state_become(&conf, &err) < 0 ||
	    v2m_metrics_open(&conf, program.name, &err) < 0)
		v2m_cli_die(&cli, &err);
	if (v2m_backup(&conf, cli.operands[0], &b, &err) < 0) {
		v2m_metrics_end(err.code);
		v2m_stop_die();
		v2m_cli_die(&cli, &err);
	}
	tell_of_servers(&conf);
	tell(&b, cli.operands[0]);
	v2m_metric_add(V2M_METRIC_COPIED, NULL, (double)b.files);
	v2m_metric_add(V2M_METRIC_COPIED_BYTES, NULL, (double)b.bytes);
	v2m_metrics_end(v2m_tally_status(&run.tally));
	v2m_conf_release(&conf);
	return v2m_cli_finish(&cli, v2m_tally_status(&run.tally));
}
