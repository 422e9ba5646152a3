#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token_file.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "client/client.h"

static bool want_print, want_check, want_logout;
static const char *password_file;

static const struct v2m_opt opts[] = {
	{ V2M_OPT_FLAG, 'p', "print",
	    .help = "write the token to stdout instead of keeping it",
	    .value = &want_print },
	{ V2M_OPT_TEXT, 0, "password-file", .arg = "FILE",
	    .help = "FILE's first line is the password; - is stdin",
	    .value = &password_file, .complete = "file" },
	{ V2M_OPT_FLAG, 0, "check",
	    .help = "check the current token, print its claims",
	    .value = &want_check },
	{ V2M_OPT_FLAG, 0, "logout",
	    .help = "forget the kept token",
	    .value = &want_logout },
	{ .kind = V2M_OPT_END }
};

static const struct v2m_program program = {
	.name = "v2m-login",
	.summary = "get a token for e-mail and password",
	.synopsis = (const char *const[]){
		"[--print] [--password-file FILE] [ADDRESS]",
		"--check",
		"--logout",
		NULL },
	.examples = (const char *const[]){
		"v2m-login ann@example.org",
		"v2m-login --check",
		NULL },
	.opts = opts,
	.shared = V2M_CLI_CLIENT | V2M_CLI_CONFIG,
	.statuses = (const int[]){ V2M_NOINPUT, V2M_UNAVAILABLE, V2M_BUG,
	    V2M_CANTCREATE, V2M_IO, V2M_TEMP, V2M_DENIED, V2M_CONFIG, 0 },
};

static int
print_claims(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_claims claims;
	char *json;

	if (v2m_client_whoami(conf, &claims, err) < 0)
		return -1;
	json = v2m_claims_json(&claims, err);
	if (json == NULL)
		return -1;
	printf("%s\n", json);
	free(json);
	return 0;
}

/* A token in the environment is used even after a logout: say so. */
static void
mention_environment(const char *consequence)
{
	if (getenv("V2M_TOKEN") != NULL)
		v2m_warn("V2M_TOKEN is set and %s", consequence);
}

static int
log_out(const struct v2m_conf *conf, struct v2m_err *err)
{
	bool was;

	if (v2m_token_file_remove(conf, &was, err) < 0)
		return -1;
	v2m_info("%s", was ? "logged out" : "you were not logged in");
	mention_environment("remains in force");
	return 0;
}

/* The password: from ~/.netrc if it has one for the gateway, else from the
 * option or the prompt. */
static char *
ask_password(const struct v2m_cli *cli, const struct v2m_conf *conf,
    char email[V2M_EMAIL_MAX], struct v2m_err *err)
{
	int known = 0;
	char *password = NULL;

	if (password_file == NULL)
		known = v2m_client_netrc(conf, email, &password, err);
	if (known != 0)
		return known > 0 ? password : NULL;
	if (password_file == NULL && email[0] == '\0')
		v2m_cli_usage(cli, "the e-mail address is missing");
	if (password_file == NULL && v2m_client_ready(conf, err) < 0)
		return NULL;
	return v2m_secret_ask(password_file, "--password-file", "password",
	    email, false, err);
}

static int
log_in(const struct v2m_cli *cli, const struct v2m_conf *conf,
    char email[V2M_EMAIL_MAX], struct v2m_err *err)
{
	char *password = ask_password(cli, conf, email, err), *token = NULL;
	char until[32];
	struct v2m_claims claims;
	int ret = -1;

	if (password != NULL)
		token = v2m_client_login(conf, email, password, &claims, err);
	v2m_secret_free(password);
	if (token == NULL)
		return -1;
	if (want_print) {
		printf("%s\n", token);
		ret = 0;
	} else if (v2m_token_file_save(conf, token, err) == 0) {
		v2m_info("logged in as %s until %s", claims.username,
		    v2m_wall_text(until, claims.expires_s * 1000));
		mention_environment("wins over this login");
		ret = 0;
	}
	v2m_secret_free(token);
	return ret;
}

int
main(int argc, char **argv)
{
	char email[V2M_EMAIL_MAX] = "";
	struct v2m_conf conf;
	struct v2m_cli cli;
	struct v2m_err err;
	int ret;

	v2m_cli_start(&cli, &program, argc, argv);
	if (want_check + want_logout + (want_print || password_file != NULL) >
	    1)
		v2m_cli_usage(&cli, "one thing at a time: a login, --check or "
		    "--logout");
	if (cli.noperands > 0 && (want_check || want_logout))
		v2m_cli_usage(&cli, "--check and --logout take no operand");
	if (cli.noperands > 1)
		v2m_cli_usage(&cli, "only one operand, the e-mail address: the "
		    "password is asked for, or read from --password-file");
	if (cli.noperands == 0 && password_file != NULL)
		v2m_cli_usage(&cli, "the e-mail address is missing");
	if (cli.noperands == 1 &&
	    !v2m_text_email(email, cli.operands[0]))
		v2m_cli_usage(&cli, "'%s' is not an e-mail address",
		    cli.operands[0]);
	v2m_cli_conf(&cli, &conf);
	ret = want_check ? print_claims(&conf, &err) :
	    want_logout ? log_out(&conf, &err) :
	    log_in(&cli, &conf, email, &err);
	v2m_conf_release(&conf);
	if (ret < 0)
		v2m_cli_die(&cli, &err);
	return v2m_cli_finish(&cli, V2M_OK);
}
