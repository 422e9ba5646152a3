#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/items.h"
#include "base/secret.h"
#include "base/state.h"
#include "base/suggest.h"
#include "base/text.h"
#include "store/moved.h"
#include "user/run.h"

static struct user_options options = { .lifetime_ms = -1 };

static const struct v2m_opt opts[] = {
	{ V2M_OPT_FLAG, 0, "admin",
	    .help = "add: the new user is an administrator",
	    .value = &options.admin,
	    .common = true },
	{ V2M_OPT_FLAG, 0, "adopt-jobs",
	    .help = "add: it gets the jobs of an earlier account",
	    .value = &options.adopt_jobs },
	{ V2M_OPT_FLAG, 0, "remove-jobs",
	    .help = "add: remove jobs of an earlier account first",
	    .value = &options.remove_jobs },
	{ V2M_OPT_TEXT, 0, "jobs", .arg = "WHAT",
	    .help = "remove: keep the account's jobs, or remove them",
	    .value = &options.jobs, .complete = "words keep remove",
	    .common = true },
	{ V2M_OPT_FLAG, 0, "off",
	    .help = "admin: remove the role",
	    .value = &options.off },
	{ V2M_OPT_TEXT, 0, "password-file", .arg = "FILE",
	    .help = "FILE's first line is the password; - is stdin",
	    .value = &options.password_file, .complete = "file",
	    .common = true },
	{ V2M_OPT_DURATION, 0, "lifetime", .arg = "TIME",
	    .help = "token: how long it is valid, such as 30d",
	    .value = &options.lifetime_ms,
	    .common = true },
	{ .kind = V2M_OPT_END }
};

static const struct v2m_program program = {
	.name = "v2m-user",
	.summary = "manage accounts",
	.synopsis = (const char *const[]){
		"add [--admin] [--adopt-jobs | --remove-jobs] "
		    "[--password-file FILE] ADDRESS",
		"passwd [--password-file FILE] ADDRESS",
		"list [--json]",
		"remove [--jobs WHAT] ADDRESS ...",
		"admin [--off] ADDRESS ...",
		"revoke ADDRESS ...",
		"token [--lifetime TIME] ADDRESS",
		"quota ADDRESS [none | default]",
		"hash-all",
		NULL },
	.examples = (const char *const[]){
		"v2m-user add ann@example.org",
		"v2m-user list",
		NULL },
	.opts = opts,
	.some_options = true,
	.shared = V2M_CLI_CONFIG | V2M_CLI_JSON,
	.rest = "address",
	.operands = "words add passwd list remove admin revoke token quota "
	    "hash-all",
	.statuses = (const int[]){ V2M_FAILED, V2M_NOINPUT, V2M_BUG,
	    V2M_CANTCREATE, V2M_IO, V2M_TEMP, V2M_DENIED, V2M_CONFIG, 0 },
};

enum { ADMIN = 1, OFF = 2, PASSWORD = 4, LIFETIME = 8, JSON = 16, OLD = 32,
	JOBS = 64 };

static const struct subcommand {
	const char *name;
	unsigned options;	/* allowed with it */
	bool several;		/* addresses; else exactly one */
	int (*one)(struct run *run, const char *email, struct v2m_err *err);
	int (*all)(struct run *run, struct v2m_err *err);	/* or that */
	bool changes;		/* accounts */
} subcommands[] = {
	{ "add", ADMIN | PASSWORD | OLD, false, user_add, NULL, true },
	{ "passwd", PASSWORD, false, user_passwd, NULL, true },
	{ "list", JSON, false, NULL, user_list, false },
	{ "remove", JOBS, true, user_remove, NULL, true },
	{ "admin", OFF, true, user_admin, NULL, true },
	{ "revoke", 0, true, user_revoke, NULL, true },
	{ "token", LIFETIME, false, user_token, NULL, false },
	{ "quota", 0, false, user_quota, NULL, false },
	{ "hash-all", 0, false, NULL, user_hash_all, true },
	{ NULL, 0, false, NULL, NULL, false }
};

static _Noreturn void
refuse_word(const struct v2m_cli *cli, const char *word)
{
	char hint[V2M_SUGGEST_HINT], email[V2M_EMAIL_MAX];
	struct v2m_suggest s;

	v2m_suggest_start(&s, word);
	v2m_suggest_offer_words(&s, strchr(program.operands, ' '));
	if (v2m_text_email(email, word))
		v2m_cli_usage(cli, "no command given for '%s': add, passwd, "
		    "remove, ...", word);
	if (v2m_suggest_best(&s) == NULL)
		v2m_cli_usage(cli, "unknown command '%s': there are%s", word,
		    strchr(program.operands, ' '));
	v2m_cli_usage(cli, "unknown command '%s'%s", word,
	    v2m_suggest_hint(&s, hint));
}

static const struct subcommand *
choose(const struct v2m_cli *cli)
{
	const struct subcommand *s;

	if (cli->noperands == 0)
		v2m_cli_usage(cli, "no command given: add, passwd, list, ...");
	for (s = subcommands; s->name != NULL; s++)
		if (strcmp(s->name, cli->operands[0]) == 0)
			return s;
	refuse_word(cli, cli->operands[0]);
}

static void
check_usage(const struct v2m_cli *cli, const struct subcommand *s)
{
	const struct { bool given; unsigned bit; const char *name; } given[] = {
		{ options.admin, ADMIN, "--admin" },
		{ options.off, OFF, "--off" },
		{ options.password_file != NULL, PASSWORD, "--password-file" },
		{ options.lifetime_ms >= 0, LIFETIME, "--lifetime" },
		{ cli->json, JSON, "--json" },
		{ options.adopt_jobs, OLD, "--adopt-jobs" },
		{ options.remove_jobs, OLD, "--remove-jobs" },
		{ options.jobs != NULL, JOBS, "--jobs" },
	};
	int addresses = cli->noperands - 1;
	size_t i;

	if (s->one == user_quota && addresses == 2) {
		if (strcmp(cli->operands[2], "none") != 0 &&
		    strcmp(cli->operands[2], "default") != 0)
			v2m_cli_usage(cli, "quota: '%s' is neither none nor "
			    "default (max_user_bytes and others limit all "
			    "accounts)", cli->operands[2]);
		addresses = 1;
	}

	for (i = 0; i < sizeof given / sizeof *given; i++)
		if (given[i].given && (s->options & given[i].bit) == 0)
			v2m_cli_usage(cli, "%s cannot be used with %s",
			    given[i].name, s->name);
	if (s->one == NULL && addresses != 0)
		v2m_cli_usage(cli, "%s takes no operand", s->name);
	if ((s->options & PASSWORD) != 0 && addresses > 1)
		v2m_cli_usage(cli, "only one operand, the e-mail address: the "
		    "password is asked for, or read from --password-file");
	if (s->one != NULL && addresses != 1 && !(s->several && addresses > 1))
		v2m_cli_usage(cli, "%s needs %s", s->name, s->several ?
		    "an address" : "exactly one address");
	if (options.adopt_jobs && options.remove_jobs)
		v2m_cli_usage(cli, "--adopt-jobs or --remove-jobs, not both");
	if (options.jobs != NULL && strcmp(options.jobs, "keep") != 0 &&
	    strcmp(options.jobs, "remove") != 0)
		v2m_cli_usage(cli, "--jobs: '%s' is neither keep nor remove",
		    options.jobs);
	if (options.lifetime_ms >= 0 && options.lifetime_ms < 1000)
		v2m_cli_usage(cli, "--lifetime: a token must expire, and not "
		    "at once");
}

/* Tokens have whole seconds.  Wait until this second is over: then tokens of a
 * new account with a removed address differ from those of the old one. */
static void
wait_out_this_second(void)
{
	poll(NULL, 0, 1000 - (int)(v2m_wall_ms() % 1000));
}

/* Change one account, or all.  The mark of a move is read before each, as the
 * next address may come minutes later. */
static int
change(struct run *run, const struct subcommand *s, const char *email,
    struct v2m_err *err)
{
	int64_t begun = v2m_boot_ms();
	int ret;

	if (s->changes && (v2m_moved_check_accounts(&run->conf, 0, err) < 0 ||
	    v2m_fault("account-change", err) < 0))
		return -1;
	ret = email == NULL ? s->all(run, err) : s->one(run, email, err);
	return ret != 0 || !s->changes ? ret :
	    v2m_moved_check_accounts(&run->conf, begun, err);
}

/* One operand; refused here if it is not an address. */
static void
run_one(struct run *run, const struct subcommand *s, const char *operand)
{
	char email[V2M_EMAIL_MAX];
	struct v2m_err err;
	int ret;

	if (!v2m_text_email(email, operand))
		ret = v2m_err_set(&err, V2M_USAGE, "not an e-mail address");
	else
		ret = change(run, s, email, &err);
	if (ret == 0)
		v2m_tally_done(&run->tally);
	else
		v2m_cli_failed(&run->cli, &run->tally, operand, &err);
}

static void
run_subcommand(struct run *run, const struct subcommand *s)
{
	struct v2m_items items;
	struct v2m_err err;
	char *item;
	int got;

	if (s->all != NULL) {
		if (change(run, s, NULL, &err) < 0)
			v2m_cli_die(&run->cli, &err);
		return;
	}
	if (!s->several) {
		run_one(run, s, run->cli.operands[1]);
		return;
	}
	v2m_items_init(&items, run->cli.operands + 1, false);
	while ((got = v2m_items_next(&items, &item, &err)) > 0)
		run_one(run, s, item);
	v2m_items_release(&items);
	if (run->removed_any)
		wait_out_this_second();
	if (got < 0)
		v2m_cli_die(&run->cli, &err);
}

int
main(int argc, char **argv)
{
	const struct subcommand *s;
	struct run run = { .opt = &options };
	struct v2m_err err;

	v2m_cli_start(&run.cli, &program, argc, argv);
	s = choose(&run.cli);
	check_usage(&run.cli, s);
	v2m_cli_conf(&run.cli, &run.conf);
	if (options.password_file != NULL)
		v2m_secret_keep(options.password_file);
	if (v2m_state_become(&run.conf, &err) < 0 ||
	    (run.users = v2m_users_open(&run.conf, &err)) == NULL)
		v2m_cli_die(&run.cli, &err);
	run_subcommand(&run, s);
	v2m_users_close(run.users);
	v2m_services_close(&run.services);
	v2m_conf_release(&run.conf);
	return v2m_cli_finish(&run.cli, v2m_tally_status(&run.tally));
}
