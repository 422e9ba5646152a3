#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/legacy.h"
#include "auth/session.h"
#include "auth/users.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/items.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/state.h"
#include "base/suggest.h"
#include "flow/account_jobs.h"
#include "flow/limits.h"
#include "mail/mail.h"
#include "store/moved.h"

static bool want_admin, want_off, adopt_jobs, remove_jobs;
static const char *password_file, *jobs;
static int64_t lifetime_ms = -1;

static const struct v2m_opt opts[] = {
	{ V2M_OPT_FLAG, 0, "admin",
	    .help = "add: the new user is an administrator",
	    .value = &want_admin,
	    .common = true },
	{ V2M_OPT_FLAG, 0, "adopt-jobs",
	    .help = "add: it gets the jobs of an earlier account",
	    .value = &adopt_jobs },
	{ V2M_OPT_FLAG, 0, "remove-jobs",
	    .help = "add: remove jobs of an earlier account first",
	    .value = &remove_jobs },
	{ V2M_OPT_TEXT, 0, "jobs", .arg = "WHAT",
	    .help = "remove: keep the account's jobs, or remove them",
	    .value = &jobs, .complete = "words keep remove",
	    .common = true },
	{ V2M_OPT_FLAG, 0, "off",
	    .help = "admin: remove the role",
	    .value = &want_off },
	{ V2M_OPT_TEXT, 0, "password-file", .arg = "FILE",
	    .help = "FILE's first line is the password; - is stdin",
	    .value = &password_file, .complete = "file",
	    .common = true },
	{ V2M_OPT_DURATION, 0, "lifetime", .arg = "TIME",
	    .help = "token: how long it is valid, such as 30d",
	    .value = &lifetime_ms,
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

/* The state of a subcommand. */
struct job {
	struct v2m_cli cli;
	struct v2m_conf conf;
	struct v2m_users *users;
	struct v2m_services services;	/* opened when needed */
	struct v2m_tally tally;
};

/* --- the jobs of an account --- */

static int
need_services(struct job *job, struct v2m_err *err)
{
	return job->services.store != NULL ? 0 :
	    v2m_services_open(&job->services, &job->conf, false, err);
}

static int
count_jobs(struct job *job, const char *email, int64_t *n,
    struct v2m_err *err)
{
	if (need_services(job, err) < 0)
		return -1;
	return v2m_account_jobs(&job->services, email, n, err);
}

static int
remove_all_jobs(struct job *job, const char *email, int64_t n,
    struct v2m_err *err)
{
	if (v2m_account_remove_jobs(&job->services, email, err) < 0)
		return -1;
	v2m_info("removed %" PRId64 " job%s of %s", n, n == 1 ? "" : "s",
	    email);
	return 0;
}

/* A new account with an old address would get the jobs of the old one: that
 * needs an option. */
static int
settle_old_jobs(struct job *job, const char *email, struct v2m_err *err)
{
	int64_t n;

	if (adopt_jobs)
		return 0;
	if (count_jobs(job, email, &n, err) < 0)
		return v2m_err_prefix(err, "cannot tell whether there are jobs "
		    "of an earlier account (--adopt-jobs does not look)");
	if (n == 0)
		return 0;
	if (!remove_jobs)
		return v2m_err_set(err, V2M_CANTCREATE, "there %s %" PRId64
		    " job%s of an earlier account: --adopt-jobs gives %s to "
		    "the new one, --remove-jobs removes %s", n == 1 ? "is" :
		    "are", n, n == 1 ? "" : "s", n == 1 ? "it" : "them",
		    n == 1 ? "it" : "them");
	return remove_all_jobs(job, email, n, err);
}

/* A new account has limits, even if an old one of this address was exempt. */
static int
settle_old_limits(struct job *job, const char *email, struct v2m_err *err)
{
	return adopt_jobs ? 0 :
	    v2m_limits_free(&job->services, email, false, err);
}

/* --- passwords --- */

static int
new_hash(const struct job *job, const char *email, char hash[V2M_HASH_SIZE],
    struct v2m_err *err)
{
	char *password = v2m_secret_ask(password_file, "--password-file",
	    "new password", email, true, err);
	int ret;

	if (password == NULL)
		return -1;
	ret = v2m_legacy_store(&job->conf, password, hash, err);
	v2m_secret_free(password);
	/* The jobs may have been moved while the prompt waited. */
	if (ret == 0)
		ret = v2m_moved_check_accounts(&job->conf, 0, err);
	if (ret == 0 && v2m_legacy_keeps_plain(&job->conf))
		v2m_warn("the password of %s is kept in plain text, for "
		    "whoever reads the table (password_format = plain)",
		    email);
	return ret;
}

/* --- add, passwd, token: one address --- */

static int
add(struct job *job, const char *email, struct v2m_err *err)
{
	struct v2m_user user = { .admin = want_admin };
	struct v2m_err why;
	int doubt;

	/* Check it before asking for the password; v2m_users_add() checks
	 * again. */
	if (v2m_users_get(job->users, email, &user, &why) == 0)
		return v2m_err_set(err, V2M_CANTCREATE, "this user exists "
		    "already");
	if (why.code != V2M_NOINPUT)
		return v2m_err_pass(err, &why);
	doubt = v2m_mail_reaches(&job->conf, email, err);
	if (doubt < 0)
		return -1;
	if (doubt > 0)
		v2m_warn("%s: %s", email, err->msg);
	memcpy(user.email, email, strlen(email) + 1);
	if (settle_old_jobs(job, email, err) < 0 ||
	    settle_old_limits(job, email, err) < 0 ||
	    new_hash(job, email, user.hash, err) < 0 ||
	    v2m_users_add(job->users, &user, err) < 0)
		return -1;
	v2m_info("added %s%s", email, want_admin ? ", administrator" : "");
	return 0;
}

static int
set_hash(void *arg, struct v2m_user *user, struct v2m_err *err)
{
	const char *hash = arg;

	(void)err;
	memcpy(user->hash, hash, V2M_HASH_SIZE);
	v2m_user_end_tokens(user);
	return 0;
}

static int
passwd(struct job *job, const char *email, struct v2m_err *err)
{
	char hash[V2M_HASH_SIZE] = "";
	struct v2m_user user;

	if (v2m_users_get(job->users, email, &user, err) < 0 ||
	    new_hash(job, email, hash, err) < 0 ||
	    v2m_users_change(job->users, email, set_hash, hash, err) < 0)
		return -1;
	v2m_info("%s has a new password; tokens issued before are no longer "
	    "valid",
	    email);
	return 0;
}

static int
token(struct job *job, const char *email, struct v2m_err *err)
{
	char *text = v2m_session_mint(&job->conf, email,
	    lifetime_ms < 0 ? 0 : lifetime_ms / 1000, NULL, err);

	if (text == NULL)
		return -1;
	printf("%s\n", text);
	v2m_secret_free(text);
	return 0;
}

static void
print_limit(const char *name, int64_t n)
{
	if (n == 0)
		printf("\t%s=none", name);
	else
		printf("\t%s=%" PRId64, name, n);
}

static int
show_limits(struct job *job, const char *email, struct v2m_err *err)
{
	struct v2m_limits limits = { 0, 0, 0 };
	struct v2m_user user;

	if (v2m_users_get(job->users, email, &user, err) < 0 ||
	    (!user.admin && v2m_limits_of(&job->services, email, &limits,
	    err) < 0))
		return -1;
	printf("%s", email);
	print_limit("bytes", limits.bytes);
	print_limit("jobs", limits.jobs);
	print_limit("unfinished", limits.unfinished);
	putchar('\n');
	return 0;
}

static int
quota(struct job *job, const char *email, struct v2m_err *err)
{
	const char *word = job->cli.operands[2];
	struct v2m_user user;

	if (v2m_users_get(job->users, email, &user, err) < 0 ||
	    need_services(job, err) < 0)
		return -1;
	if (word == NULL)
		return show_limits(job, email, err);
	if (v2m_limits_free(&job->services, email, strcmp(word, "none") == 0,
	    err) < 0)
		return -1;
	v2m_info(strcmp(word, "none") == 0 ? "no limit holds for %s" :
	    "the limits of the configuration hold for %s", email);
	return 0;
}

/* --- remove, admin, revoke: any number of addresses --- */

static bool removed_any;

/* Keep the jobs.  With --jobs that is on purpose, so v2m-check does not report
 * them. */
static int
leave_jobs(struct job *job, const char *email, int64_t n,
    struct v2m_err *err)
{
	struct v2m_services *services = &job->services;

	if (v2m_account_silence(services, email, err) < 0 ||
	    (jobs != NULL ? v2m_account_keep(services, email, err) :
	    v2m_account_forget(services, email, err)) < 0)
		return -1;
	v2m_info("%" PRId64 " job%s of %s stay%s, with videos and MP3s, for "
	    "administrators, and their owner is not told of them%s%s%s", n,
	    n == 1 ? "" : "s", email, n == 1 ? "s" : "",
	    jobs != NULL ? "" : " (v2m-user remove --jobs=remove ",
	    jobs != NULL ? "" : email, jobs != NULL ? "" : ")");
	return 0;
}

/* Remove the account first, so that no more jobs come.  With --jobs it is no
 * error if the account is gone already. */
static int
remove_one(struct job *job, const char *email, struct v2m_err *err)
{
	int gone = v2m_users_remove(job->users, email, err);
	int64_t n = 0;
	int ret;

	if (gone < 0 && (err->code != V2M_NOINPUT || jobs == NULL))
		return -1;
	if (gone == 0) {
		removed_any = true;
		v2m_info("removed %s", email);
	}
	ret = count_jobs(job, email, &n, err);
	if (ret == 0)
		ret = v2m_limits_free(&job->services, email, false, err);
	if (ret == 0 && n == 0)
		return gone < 0 ? v2m_err_set(err, V2M_NOINPUT, "no such user, "
		    "and no job of one") : 0;
	if (ret == 0 && jobs != NULL && strcmp(jobs, "remove") == 0)
		ret = remove_all_jobs(job, email, n, err) < 0 ? -1 :
		    v2m_account_forget(&job->services, email, err);
	else if (ret == 0)
		ret = leave_jobs(job, email, n, err);
	return ret == 0 ? 0 : v2m_err_prefix(err, "the account is removed, "
	    "its jobs are not settled (do it again, with --jobs)");
}

static int
set_role(void *arg, struct v2m_user *user, struct v2m_err *err)
{
	(void)arg;
	(void)err;
	user->admin = !want_off;
	return 0;
}

static int
admin_one(struct job *job, const char *email, struct v2m_err *err)
{
	if (v2m_users_change(job->users, email, set_role, NULL, err) < 0)
		return -1;
	v2m_info("%s is %s", email, want_off ? "no administrator" :
	    "an administrator");
	return 0;
}

static int
end_tokens(void *arg, struct v2m_user *user, struct v2m_err *err)
{
	(void)arg;
	(void)err;
	v2m_user_end_tokens(user);
	return 0;
}

static int
revoke_one(struct job *job, const char *email, struct v2m_err *err)
{
	if (v2m_users_change(job->users, email, end_tokens, NULL, err) < 0)
		return -1;
	v2m_info("the tokens of %s issued so far are no longer valid", email);
	return 0;
}

/* --- list --- */

struct listing {
	bool json;
	int width;	/* of the address; 0: fields end with a tab */
};

static int
measure(void *arg, const struct v2m_user *user)
{
	struct listing *l = arg;
	int n = (int)strlen(user->email);

	if (n > l->width)
		l->width = n;
	return 0;
}

static int
list_one(void *arg, const struct v2m_user *user)
{
	const struct listing *l = arg;
	const char *role = user->admin ? "admin" : "user";
	char email[V2M_EMAIL_MAX], when[32] = "-";

	/* A row of another program may contain anything. */
	v2m_text_copy(email, sizeof email, user->email);
	if (user->created_ms != 0)
		v2m_wall_text(when, user->created_ms);
	if (l->json)
		v2m_cli_print_json(json_pack("{s:s, s:s, s:s?}", "email", email,
		    "role", role, "created", user->created_ms != 0 ? when :
		    NULL));
	else if (l->width > 0)
		printf("%-*s  %-5s  %s\n", l->width, email, role, when);
	else
		printf("%s\t%s\t%s\n", email, role, when);
	return ferror(stdout) ? 1 : 0;
}

static int
list(struct job *job, struct v2m_err *err)
{
	struct listing l = { .json = job->cli.json };

	if (!l.json && isatty(STDOUT_FILENO) &&
	    v2m_users_each(job->users, measure, &l, err) < 0)
		return -1;
	return v2m_users_each(job->users, list_one, &l, err) < 0 ? -1 : 0;
}

/* --- hash-all --- */

static int
hash_all(struct job *job, struct v2m_err *err)
{
	int64_t n;
	int ret = v2m_legacy_hash_all(&job->conf, job->users, &n, err);

	if (n > 0)
		v2m_info("%" PRId64 " %s in plain text %s", n, n == 1 ?
		    "password" : "passwords", n == 1 ? "is a hash now" :
		    "are hashes now");
	else if (ret == 0)
		v2m_info("no password is in plain text");
	return ret;
}

/* --- the table of subcommands --- */

enum { ADMIN = 1, OFF = 2, PASSWORD = 4, LIFETIME = 8, JSON = 16, OLD = 32,
	JOBS = 64 };

static const struct subcommand {
	const char *name;
	unsigned options;	/* allowed with it */
	bool several;		/* addresses; else exactly one */
	int (*one)(struct job *job, const char *email, struct v2m_err *err);
	int (*all)(struct job *job, struct v2m_err *err);	/* or that */
	bool changes;		/* accounts */
} subcommands[] = {
	{ "add", ADMIN | PASSWORD | OLD, false, add, NULL, true },
	{ "passwd", PASSWORD, false, passwd, NULL, true },
	{ "list", JSON, false, NULL, list, false },
	{ "remove", JOBS, true, remove_one, NULL, true },
	{ "admin", OFF, true, admin_one, NULL, true },
	{ "revoke", 0, true, revoke_one, NULL, true },
	{ "token", LIFETIME, false, token, NULL, false },
	{ "quota", 0, false, quota, NULL, false },
	{ "hash-all", 0, false, NULL, hash_all, true },
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
		{ want_admin, ADMIN, "--admin" },
		{ want_off, OFF, "--off" },
		{ password_file != NULL, PASSWORD, "--password-file" },
		{ lifetime_ms >= 0, LIFETIME, "--lifetime" },
		{ cli->json, JSON, "--json" },
		{ adopt_jobs, OLD, "--adopt-jobs" },
		{ remove_jobs, OLD, "--remove-jobs" },
		{ jobs != NULL, JOBS, "--jobs" },
	};
	int addresses = cli->noperands - 1;
	size_t i;

	if (s->one == quota && addresses == 2) {
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
	if (adopt_jobs && remove_jobs)
		v2m_cli_usage(cli, "--adopt-jobs or --remove-jobs, not both");
	if (jobs != NULL && strcmp(jobs, "keep") != 0 &&
	    strcmp(jobs, "remove") != 0)
		v2m_cli_usage(cli, "--jobs: '%s' is neither keep nor remove",
		    jobs);
	if (lifetime_ms >= 0 && lifetime_ms < 1000)
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
change(struct job *job, const struct subcommand *s, const char *email,
    struct v2m_err *err)
{
	int64_t begun = v2m_boot_ms();
	int ret;

	if (s->changes && (v2m_moved_check_accounts(&job->conf, 0, err) < 0 ||
	    v2m_fault("account-change", err) < 0))
		return -1;
	ret = email == NULL ? s->all(job, err) : s->one(job, email, err);
	return ret != 0 || !s->changes ? ret :
	    v2m_moved_check_accounts(&job->conf, begun, err);
}

/* One operand; refused here if it is not an address. */
static void
run_one(struct job *job, const struct subcommand *s, const char *operand)
{
	char email[V2M_EMAIL_MAX];
	struct v2m_err err;
	int ret;

	if (!v2m_text_email(email, operand))
		ret = v2m_err_set(&err, V2M_USAGE, "not an e-mail address");
	else
		ret = change(job, s, email, &err);
	if (ret == 0)
		v2m_tally_done(&job->tally);
	else
		v2m_cli_failed(&job->cli, &job->tally, operand, &err);
}

static void
run(struct job *job, const struct subcommand *s)
{
	struct v2m_items items;
	struct v2m_err err;
	char *item;
	int got;

	if (s->all != NULL) {
		if (change(job, s, NULL, &err) < 0)
			v2m_cli_die(&job->cli, &err);
		return;
	}
	if (!s->several) {
		run_one(job, s, job->cli.operands[1]);
		return;
	}
	v2m_items_init(&items, job->cli.operands + 1, false);
	while ((got = v2m_items_next(&items, &item, &err)) > 0)
		run_one(job, s, item);
	v2m_items_release(&items);
	if (removed_any)
		wait_out_this_second();
	if (got < 0)
		v2m_cli_die(&job->cli, &err);
}

int
main(int argc, char **argv)
{
	const struct subcommand *s;
	struct job job = { .users = NULL };
	struct v2m_err err;

	v2m_cli_start(&job.cli, &program, argc, argv);
	s = choose(&job.cli);
	check_usage(&job.cli, s);
	v2m_cli_conf(&job.cli, &job.conf);
	if (password_file != NULL)
		v2m_secret_keep(password_file);
	if (v2m_state_become(&job.conf, &err) < 0 ||
	    (job.users = v2m_users_open(&job.conf, &err)) == NULL)
		v2m_cli_die(&job.cli, &err);
	run(&job, s);
	v2m_users_close(job.users);
	v2m_services_close(&job.services);
	v2m_conf_release(&job.conf);
	return v2m_cli_finish(&job.cli, v2m_tally_status(&job.tally));
}
