#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token_file.h"
#include "base/cli.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "client/client.h"

static const char *password_file, *new_password_file;

static const struct v2m_opt opts[] = {
	{ V2M_OPT_TEXT, 0, "password-file", .arg = "FILE",
	    .help = "FILE's first line is the old password; - is stdin",
	    .value = &password_file, .complete = "file" },
	{ V2M_OPT_TEXT, 0, "new-password-file", .arg = "FILE",
	    .help = "FILE's first line is the new one; - is stdin",
	    .value = &new_password_file, .complete = "file" },
	{ .kind = V2M_OPT_END }
};

static const struct v2m_program program = {
	.name = "v2m-passwd",
	.summary = "change one's own password",
	.synopsis = (const char *const[]){
		"[--password-file FILE] [--new-password-file FILE] [ADDRESS]",
		NULL },
	.examples = (const char *const[]){
		"v2m-passwd",
		"v2m-passwd ann@example.org",
		NULL },
	.opts = opts,
	.shared = V2M_CLI_CLIENT | V2M_CLI_CONFIG,
	.statuses = (const int[]){ V2M_NOINPUT, V2M_UNAVAILABLE, V2M_BUG,
	    V2M_CANTCREATE, V2M_IO, V2M_TEMP, V2M_DENIED, V2M_CONFIG, 0 },
};

/* *mine: email is the user who is logged in here.  If email is "", it becomes
 * that user. */
static int
find_address(const struct v2m_conf *conf, char email[V2M_EMAIL_MAX],
    bool *mine, struct v2m_err *err)
{
	struct v2m_claims claims;
	struct v2m_err why;
	bool known = v2m_client_whoami(conf, &claims, &why) == 0;

	if (email[0] == '\0' && !known) {
		v2m_err_pass(err, &why);
		return v2m_err_prefix(err, "no address was given");
	}
	*mine = known && (email[0] == '\0' ||
	    strcmp(claims.username, email) == 0);
	if (*mine)
		memcpy(email, claims.username, V2M_EMAIL_MAX);
	return 0;
}

/* Warn if ~/.netrc has the old password: commands would log in with it. */
static void
mention_netrc(const struct v2m_conf *conf, const char *email,
    const char *old)
{
	char address[V2M_EMAIL_MAX], *known = NULL;

	snprintf(address, sizeof address, "%s", email);
	if (v2m_client_netrc(conf, address, &known, NULL) == 1 &&
	    strcmp(known, old) == 0)
		v2m_warn("~/.netrc still has the old password");
	v2m_secret_free(known);
}

/* Keep the new token, if it is that of the user logged in here. */
static int
keep(const struct v2m_conf *conf, const char *token, bool mine,
    struct v2m_err *err)
{
	if (!mine)
		return 0;
	if (getenv("V2M_TOKEN") != NULL) {
		v2m_warn("V2M_TOKEN is set, but no longer valid");
		return 0;
	}
	return v2m_token_file_save(conf, token, err);
}

static int
change(const struct v2m_conf *conf, char email[V2M_EMAIL_MAX],
    struct v2m_err *err)
{
	char *old = NULL, *new = NULL, *token = NULL;
	struct v2m_claims claims;
	bool mine = false;
	int ret = -1;

	if (find_address(conf, email, &mine, err) < 0 ||
	    (password_file == NULL && v2m_client_ready(conf, err) < 0) ||
	    (old = v2m_secret_ask(password_file, "--password-file",
	    "old password", email, false, err)) == NULL ||
	    (new = v2m_secret_ask(new_password_file, "--new-password-file",
	    "new password", email, true, err)) == NULL ||
	    (token = v2m_client_passwd(conf, email, old, new, &claims,
	    err)) == NULL)
		goto out;
	v2m_info("%s has a new password; tokens issued before are no longer "
	    "valid",
	    email);
	mention_netrc(conf, email, old);
	ret = keep(conf, token, mine, err);
out:
	v2m_secret_free(old);
	v2m_secret_free(new);
	v2m_secret_free(token);
	return ret;
}

static bool
is_stdin(const char *file)
{
	return file != NULL && strcmp(file, "-") == 0;
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
	if (cli.noperands > 1)
		v2m_cli_usage(&cli, "one address at most");
	if (is_stdin(password_file) && is_stdin(new_password_file))
		v2m_cli_usage(&cli, "standard input is one password only");
	if (cli.noperands == 1 && !v2m_text_email(email, cli.operands[0]))
		v2m_cli_usage(&cli, "'%s' is not an e-mail address",
		    cli.operands[0]);
	v2m_cli_conf(&cli, &conf);
	ret = change(&conf, email, &err);
	v2m_conf_release(&conf);
	if (ret < 0)
		v2m_cli_die(&cli, &err);
	return v2m_cli_finish(&cli, V2M_OK);
}
