#include <stdio.h>

#include "auth/token.h"
#include "auth/users.h"
#include "base/cli.h"
#include "base/log.h"
#include "base/state.h"
#include "base/variables.h"
#include "flow/announce.h"
#include "flow/limits.h"
#include "queue/queue.h"
#include "store/store.h"

static bool print_config, restored;

static const char *const synopsis[] = {
	"[--restored]",
	"--print-config",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_FLAG, 0, "print-config", .value = &print_config,
	    .help = "print the effective configuration and exit" },
	{ V2M_OPT_FLAG, 0, "restored", .value = &restored,
	    .help = "after restoring a backup: repeat no old notices" },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_CANTCREATE, V2M_IO, V2M_TEMP, V2M_DENIED,
	V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-init",
	.summary = "set up what the configuration names",
	.synopsis = synopsis,
	.examples = (const char *const[]){
		"v2m-init",
		"v2m-init --print-config",
		NULL },
	.opts = opts,
	.shared = V2M_CLI_CONFIG,
	.statuses = statuses,
};

int
main(int argc, char **argv)
{
	struct v2m_conf conf;
	struct v2m_cli cli;
	struct v2m_tokens *tokens = NULL;
	struct v2m_err err;
	bool made, closed;

	v2m_cli_start(&cli, &program, argc, argv);
	if (cli.noperands > 0)
		v2m_cli_usage(&cli, "it takes no operands (V2M_STATE names the "
		    "folder)");
	v2m_cli_conf(&cli, &conf);
	if (print_config) {
		v2m_variables_warn();
		v2m_conf_print(&conf, stdout);
		v2m_conf_release(&conf);
		return v2m_cli_finish(&cli, V2M_OK);
	}
	if (v2m_state_become(&conf, &err) < 0 ||
	    v2m_state_make(&conf, &closed, &err) < 0)
		v2m_cli_die(&cli, &err);
	if (closed)
		v2m_info("%s is closed to other users now", conf.state);
	if (v2m_token_make_secret(v2m_conf_text(&conf, "jwt_secret_file"),
	    &made, &err) < 0 ||
	    (tokens = v2m_tokens_open(&conf, &err)) == NULL ||
	    v2m_users_init(&conf, &err) < 0 ||
	    v2m_store_init(&conf, &err) < 0 ||
	    v2m_limits_init(&conf, &err) < 0 ||
	    v2m_announce_init(&conf, restored, &err) < 0 ||
	    v2m_queue_init(&conf, &err) < 0)
		v2m_cli_die(&cli, &err);
	v2m_info(made ? "set up in %s: add a user with v2m-user add" :
	    "%s is set up; nothing was overwritten", conf.state);
	v2m_tokens_free(tokens);
	v2m_conf_release(&conf);
	return v2m_cli_finish(&cli, V2M_OK);
}
