#include <stdio.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/items.h"
#include "client/client.h"

static const char *const synopsis[] = { "[-0] [--json] ID ... | -", NULL };

static const struct v2m_opt opts[] = { { .kind = V2M_OPT_END } };

static const int statuses[] = { V2M_FAILED, V2M_NOINPUT, V2M_UNAVAILABLE,
	V2M_IO, V2M_TEMP, V2M_DENIED, V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-remove",
	.summary = "delete uploads and their MP3s",
	.synopsis = synopsis,
	.examples = (const char *const[]){
		"v2m-remove 6b00f9a3e4195d5617380f0d",
		"v2m-status --state failed | v2m-remove -",
		NULL },
	.opts = opts,
	.shared = V2M_CLI_CLIENT | V2M_CLI_CONFIG | V2M_CLI_JSON | V2M_CLI_NULL,
	.operands = "id",
	.statuses = statuses,
};

int
main(int argc, char **argv)
{
	struct v2m_client *client;
	struct v2m_tally tally = { 0 };
	struct v2m_conf conf;
	struct v2m_items items;
	struct v2m_cli cli;
	struct v2m_err err;
	char *id;
	int got;

	v2m_cli_start(&cli, &program, argc, argv);
	if (cli.noperands == 0)
		v2m_cli_usage(&cli, "no ID given (- reads IDs from stdin)");
	v2m_cli_conf(&cli, &conf);
	client = v2m_client_open(&conf, false, &err);
	if (client == NULL)
		v2m_cli_die(&cli, &err);
	v2m_items_init(&items, cli.operands, cli.null);
	while ((got = v2m_items_next(&items, &id, &err)) == 1) {
		if (v2m_client_remove(client, id, &err) < 0) {
			v2m_cli_failed(&cli, &tally, id, &err);
			continue;
		}
		v2m_tally_done(&tally);
		if (cli.json)
			printf("{\"id\":\"%s\",\"removed\":true}\n", id);
		else
			printf("%s\n", id);
		fflush(stdout);
	}
	if (got < 0)
		v2m_cli_failed(&cli, &tally, "stdin", &err);
	v2m_items_release(&items);
	v2m_client_close(client);
	v2m_conf_release(&conf);
	return v2m_cli_finish(&cli, v2m_tally_status(&tally));
}
