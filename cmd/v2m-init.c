#include <inttypes.h>
#include <stdio.h>

#include "auth/token.h"
#include "auth/users.h"
#include "base/cli.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/state.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/variables.h"
#include "flow/announce.h"
#include "flow/import.h"
#include "flow/limits.h"
#include "queue/queue.h"
#include "store/store.h"

static bool print_config, restored, final, leave_failed, cancel;
static const char *import_from;

static const char *const synopsis[] = {
	"[--restored]",
	"--import FROM [--final [--leave-failed]]",
	"--import FROM --cancel",
	"--print-config",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_TEXT, 0, "import", .arg = "FROM", .value = &import_from,
	    .complete = "file",
	    .help = "copy here what another v2m has, which may run" },
	{ V2M_OPT_FLAG, 0, "cancel", .value = &cancel,
	    .help = "with --import: let the other one be in use again" },
	{ V2M_OPT_FLAG, 0, "final", .value = &final,
	    .help = "with --import: close the other one, and move" },
	{ V2M_OPT_FLAG, 0, "leave-failed", .value = &leave_failed,
	    .help = "with --final: move without what cannot be copied" },
	{ V2M_OPT_FLAG, 0, "print-config", .value = &print_config,
	    .help = "print the effective configuration and exit" },
	{ V2M_OPT_FLAG, 0, "restored", .value = &restored,
	    .help = "after restoring a backup: repeat no notices" },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_FAILED, V2M_CANTCREATE, V2M_IO, V2M_TEMP,
	V2M_DENIED, V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-init",
	.summary = "set up what the configuration names",
	.synopsis = synopsis,
	.examples = (const char *const[]){
		"v2m-init",
		"v2m-init --config new.conf --import /etc/v2m/v2m.conf",
		NULL },
	.opts = opts,
	.shared = V2M_CLI_CONFIG,
	.statuses = statuses,
};

/* --- set up --- */

/* other: the v2m that jobs are imported from, whose tokens stay valid; or
 * NULL. */
static int
make_secret(const struct v2m_conf *conf, const struct v2m_conf *other,
    bool *made, struct v2m_err *err)
{
	const char *path = v2m_conf_text(conf, "jwt_secret_file");

	return other == NULL ? v2m_token_make_secret(path, made, err) :
	    v2m_token_copy_secret(path, v2m_conf_text(other,
	    "jwt_secret_file"), made, err);
}

static void
set_up(const struct v2m_cli *cli, const struct v2m_conf *conf,
    const struct v2m_conf *other)
{
	struct v2m_tokens *tokens = NULL;
	bool made = false, closed;
	struct v2m_err err;

	if (v2m_state_make(conf, &closed, &err) < 0)
		v2m_cli_die(cli, &err);
	if (closed)
		v2m_info("%s is closed to other users now", conf->state);
	if (make_secret(conf, other, &made, &err) < 0 ||
	    (tokens = v2m_tokens_open(conf, &err)) == NULL ||
	    v2m_users_init(conf, &err) < 0 ||
	    v2m_store_init(conf, &err) < 0 ||
	    v2m_limits_init(conf, &err) < 0 ||
	    v2m_announce_init(conf, restored, &err) < 0 ||
	    v2m_queue_init(conf, &err) < 0)
		v2m_cli_die(cli, &err);
	v2m_tokens_free(tokens);
	if (other == NULL)
		v2m_info(made ? "set up in %s: add a user with v2m-user add" :
		    "%s is set up; nothing was overwritten", conf->state);
}

/* --- import --- */

struct import {
	const struct v2m_cli *cli;
	struct v2m_tally tally;
};

static void
not_copied(void *arg, const char *item, const struct v2m_err *err)
{
	struct import *import = arg;

	v2m_cli_failed(import->cli, &import->tally, item, err);
}

static const char *
plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

static void
waiting(void *arg, int64_t n)
{
	(void)arg;
	v2m_info("waiting for %" PRId64 " job%s or notice%s at work", n,
	    plural(n), plural(n));
}

static void
copied(void *arg, int64_t bytes)
{
	(void)arg;
	v2m_progress_update(bytes);
}

static void
tell_moved(const struct v2m_import *i)
{
	v2m_info("moved, with %" PRId64 " account%s; %" PRId64 " message%s "
	    "%s published", i->accounts, plural(i->accounts), i->published,
	    plural(i->published), i->published == 1 ? "was" : "were");
	if (i->unfinished > 0)
		v2m_warn("%" PRId64 " upload%s that %s not complete stay%s "
		    "behind", i->unfinished, plural(i->unfinished),
		    i->unfinished == 1 ? "is" : "are",
		    i->unfinished == 1 ? "s" : "");
}

static void
tell(const struct v2m_import *i)
{
	char size[32];

	if (i->was_complete) {
		v2m_info("this was moved here before; nothing is left to do");
		return;
	}
	v2m_info("new: %" PRId64 " job%s, %" PRId64 " %s (%s)", i->jobs,
	    plural(i->jobs), i->objects, i->objects == 1 ? "video or MP3" :
	    "videos and MP3s", v2m_text_size(size, i->bytes));
	if (final)
		tell_moved(i);
	else
		v2m_info("nothing is in use here until --final is given too");
}

static int
import(const struct v2m_cli *cli, const struct v2m_conf *conf,
    const struct v2m_conf *other)
{
	struct import import = { .cli = cli };
	struct v2m_import i = { .final = final,
	    .leave_failed = leave_failed, .failed = not_copied,
	    .waiting = waiting, .copied = copied, .arg = &import };
	struct v2m_err err;
	int ret;

	v2m_progress_begin("import", 0, true, cli->quiet);
	ret = v2m_import(conf, other, &i, &err);
	v2m_progress_end();
	if (ret < 0) {
		if (i.closes)
			v2m_warn("the other v2m accepts nothing new now: "
			    "complete the move with --final, or --cancel it");
		v2m_stop_die();
		v2m_cli_die(cli, &err);
	}
	tell(&i);
	return v2m_tally_status(&import.tally);
}

static int
cancel_import(const struct v2m_cli *cli, const struct v2m_conf *conf,
    const struct v2m_conf *other)
{
	struct v2m_err err;

	if (v2m_import_cancel(conf, other, &err) < 0)
		v2m_cli_die(cli, &err);
	v2m_info("the other v2m is in use; what was copied here stays");
	return V2M_OK;
}

static void
check_usage(const struct v2m_cli *cli)
{
	if (cli->noperands > 0)
		v2m_cli_usage(cli, "it takes no operands (V2M_STATE names the "
		    "folder)");
	if (final && import_from == NULL)
		v2m_cli_usage(cli, "--final needs --import");
	if (cancel && (import_from == NULL || final))
		v2m_cli_usage(cli, "--cancel needs --import, and no --final");
	if (leave_failed && !final)
		v2m_cli_usage(cli, "--leave-failed needs --final");
	if (restored && import_from != NULL)
		v2m_cli_usage(cli, "--restored or --import, not both");
}

int
main(int argc, char **argv)
{
	struct v2m_conf conf, other = { .state = NULL };
	struct v2m_cli cli;
	struct v2m_err err;
	int status = V2M_OK;

	v2m_cli_start(&cli, &program, argc, argv);
	check_usage(&cli);
	v2m_cli_conf(&cli, &conf);
	if (print_config) {
		v2m_variables_warn();
		v2m_conf_print(&conf, stdout);
		v2m_conf_release(&conf);
		return v2m_cli_finish(&cli, V2M_OK);
	}
	if (import_from != NULL) {
		if (v2m_conf_load_other(&other, import_from, &err) < 0 ||
		    v2m_stop_init(&err) < 0)
			v2m_cli_die(&cli, &err);
		v2m_state_keep_files(&other);
	}
	if (v2m_state_become(&conf, &err) < 0)
		v2m_cli_die(&cli, &err);
	set_up(&cli, &conf, import_from == NULL ? NULL : &other);
	if (import_from != NULL)
		status = cancel ? cancel_import(&cli, &conf, &other) :
		    import(&cli, &conf, &other);
	v2m_conf_release(&other);
	v2m_conf_release(&conf);
	return v2m_cli_finish(&cli, status);
}
