#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/items.h"
#include "base/stop.h"
#include "base/suggest.h"
#include "client/client.h"
#include "client/status_table.h"
#include "flow/status.h"
#include "flow/status_filter.h"

#define WATCH_MS 1000

static bool all, watch;
static const char *states;
static struct v2m_status_filter which;

static const char *const synopsis[] = {
	"[--all] [--state STATES] [--name TEXT] [--json] [--watch]",
	"[-0] [--json] [--watch] ID ... | -",
	NULL
};

static const struct v2m_opt opts[] = {
	{ V2M_OPT_FLAG, 'a', "all", .value = &all,
	    .help = "everybody's jobs (administrators)" },
	{ V2M_OPT_TEXT, 's', "state", .arg = "STATES", .value = &states,
	    .help = "only of this state, or these (failed,held)" },
	{ V2M_OPT_TEXT, 'n', "name", .arg = "TEXT", .value = &which.name,
	    .help = "only jobs with TEXT in the file's name" },
	{ V2M_OPT_FLAG, 'w', "watch", .value = &watch,
	    .help = "repeat every second until all jobs have ended" },
	{ .kind = V2M_OPT_END }
};

static const int statuses[] = { V2M_FAILED, V2M_NOINPUT, V2M_UNAVAILABLE,
	V2M_IO, V2M_TEMP, V2M_DENIED, V2M_CONFIG, 0 };

static const struct v2m_program program = {
	.name = "v2m-status",
	.summary = "show the state of jobs",
	.synopsis = synopsis,
	.examples = (const char *const[]){
		"v2m-status",
		"v2m-status --watch",
		NULL },
	.opts = opts,
	.shared = V2M_CLI_CLIENT | V2M_CLI_CONFIG | V2M_CLI_JSON | V2M_CLI_NULL,
	.operands = "id",
	.statuses = statuses,
};

struct view {
	const struct v2m_cli *cli;
	struct v2m_client *client;
	struct v2m_tally tally;
	bool terminal, colour;
	int width;
	unsigned lines;		/* printed of the current list */
	bool unfinished;	/* something may still change */
	bool listed;		/* there is a job */
};

static void
look_at_terminal(struct view *v)
{
	const char *no_color = getenv("NO_COLOR");

	v->terminal = isatty(STDOUT_FILENO);
	v->colour = v->terminal && (no_color == NULL || no_color[0] == '\0');
	v->width = v2m_cli_columns();
}

static void
show_job(struct view *v, const struct v2m_record *r)
{
	int64_t now = v2m_wall_ms();

	if (v->cli->json) {
		v2m_cli_print_json(v2m_status_json(r));
	} else if (v->terminal) {
		if (v->lines++ == 0)
			v2m_status_heading(stdout, v->width);
		v2m_status_row(stdout, r, now, v->width, v->colour);
	} else {
		v2m_status_line(stdout, r, now);
		putchar('\n');
	}
	/* A `new` one may be a broken upload, which stays until v2m-prune. */
	v->unfinished |= r->state == V2M_JOB_QUEUED ||
	    r->state == V2M_JOB_RUNNING;
	v2m_tally_done(&v->tally);
}

/* If a word is not an ID, suggest a state or a name. */
static void
suggest_list(const char *word, struct v2m_err *err)
{
	struct v2m_suggest s;

	v2m_status_suggest(&s, word);
	if (v2m_suggest_best(&s) != NULL)
		v2m_err_set(err, V2M_NOINPUT, "not an ID: did you mean "
		    "'v2m-status --state %s'?", v2m_suggest_best(&s));
	else if (strchr(word, '.') != NULL)
		v2m_err_set(err, V2M_NOINPUT, "not an ID: did you mean "
		    "'v2m-status --name %s'?", word);
}

static void
show_named(struct view *v, const char *id)
{
	struct v2m_record r;
	struct v2m_err err;

	if (v2m_client_find(v->client, id, &r, &err) == 0) {
		show_job(v, &r);
	} else {
		suggest_list(id, &err);
		v2m_cli_failed(v->cli, &v->tally, id, &err);
	}
	fflush(stdout);
}

/* 1, which ends the list, if stdout is closed. */
static int
show_listed(void *arg, struct v2m_record *r)
{
	struct view *v = arg;

	v->listed = true;
	show_job(v, r);
	return ferror(stdout) != 0;
}

static void
show_list(struct view *v)
{
	struct v2m_err err;

	v->listed = false;
	if (v2m_client_each(v->client, all, &which, show_listed, v, &err) < 0)
		v2m_cli_die(v->cli, &err);
	if (!v->listed && v->terminal && !v->cli->json)
		fputs("no jobs\n", stderr);
}

/* Show the operands, or all jobs of the user. */
static void
show_once(struct view *v, struct v2m_items *items)
{
	struct v2m_err err;
	char *id;
	int got;

	v->lines = 0;
	v->unfinished = false;
	if (items == NULL) {
		show_list(v);
		return;
	}
	while ((got = v2m_items_next(items, &id, &err)) == 1 && !ferror(stdout))
		show_named(v, id);
	if (got < 0)
		v2m_cli_failed(v->cli, &v->tally, "stdin", &err);
}

/* Read all IDs into memory, ended by NULL, as --watch needs them again and
 * again. */
static char **
collect(struct view *v, struct v2m_items *items)
{
	char **ids = NULL, **bigger, *id;
	size_t n = 0, room = 0;
	struct v2m_err err;
	int got = 1;

	for (;;) {
		if (n + 1 >= room) {
			room = room == 0 ? 64 : 2 * room;
			bigger = reallocarray(ids, room, sizeof *ids);
			if (bigger == NULL)
				break;
			ids = bigger;
		}
		got = v2m_items_next(items, &id, &err);
		if (got <= 0 || (ids[n] = strdup(id)) == NULL)
			break;
		n++;
	}
	if (got == 0) {
		ids[n] = NULL;
		return ids;
	}
	if (got > 0)
		v2m_err_set(&err, V2M_TEMP, "out of memory");
	v2m_cli_die(v->cli, &err);
}

/* On a terminal, each list replaces the last one. */
static void
watch_them(struct view *v, char **ids)
{
	struct v2m_items items;

	for (;;) {
		v2m_items_init(&items, ids, false);
		memset(&v->tally, 0, sizeof v->tally);
		if (v->terminal && !v->cli->json)
			fputs("\033[H\033[2J", stdout);
		show_once(v, ids[0] == NULL ? NULL : &items);
		fflush(stdout);
		v2m_items_release(&items);
		if (!v->unfinished || ferror(stdout) ||
		    v2m_stop_sleep(WATCH_MS) > 0)
			return;
	}
}

static void
show_again(struct view *v, struct v2m_items *items)
{
	char **ids = collect(v, items);
	size_t i;

	/* A signal that came while the IDs were read ends the program here.
	 * From here on it only ends the watch. */
	v2m_stop_die();
	/* "-" without any ID does not mean all jobs. */
	if (ids[0] != NULL || v->cli->noperands == 0)
		watch_them(v, ids);
	for (i = 0; ids[i] != NULL; i++)
		free(ids[i]);
	free(ids);
}

static void
check_usage(const struct v2m_cli *cli)
{
	struct v2m_suggest s;
	struct v2m_err err;

	if (cli->noperands > 0 && states != NULL) {
		v2m_status_suggest(&s, cli->operands[0]);
		if (v2m_suggest_best(&s) != NULL)
			v2m_cli_usage(cli, "several states have a comma "
			    "between them: --state %s,%s", states,
			    v2m_suggest_best(&s));
	}
	if (cli->noperands > 0 && (all || states != NULL || which.name != NULL))
		v2m_cli_usage(cli, "%s cannot be used with IDs", all ? "--all" :
		    states != NULL ? "--state" : "--name");
	if (states != NULL &&
	    v2m_status_states(states, &which.states, &err) < 0)
		v2m_cli_usage(cli, "--state: %s", err.msg);
}

int
main(int argc, char **argv)
{
	struct view v = { 0 };
	struct v2m_conf conf;
	struct v2m_items items;
	struct v2m_cli cli;
	struct v2m_err err;

	v2m_cli_start(&cli, &program, argc, argv);
	check_usage(&cli);
	v2m_cli_conf(&cli, &conf);
	v.cli = &cli;
	look_at_terminal(&v);
	v.client = v2m_client_open(&conf, false, &err);
	if (v.client == NULL || v2m_stop_init(&err) < 0)
		v2m_cli_die(&cli, &err);
	v2m_items_init(&items, cli.operands, cli.null);
	if (watch)
		show_again(&v, &items);
	else
		show_once(&v, cli.noperands > 0 ? &items : NULL);
	v2m_items_release(&items);
	v2m_client_close(v.client);
	v2m_conf_release(&conf);
	if (!watch)
		v2m_stop_die();
	return v2m_cli_finish(&cli, v2m_tally_status(&v.tally));
}
