/* v2m: `v2m upload ...` runs `v2m-upload ...`, from the folder of v2m itself,
 * or else from PATH. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/module.h"
#include "base/suggest.h"
#include "base/version.h"
#include "media/media.h"

/* The commands, with the titles of their manuals. */
static const struct {
	const char *name, *summary;
	bool common;		/* for users, not administrators */
} commands[] = {
	{ "init", "set up what the configuration names", true },
	{ "user", "manage accounts", true },
	{ "login", "get a token for e-mail and password", true },
	{ "passwd", "change one's own password", false },
	{ "upload", "store videos and queue them for conversion", true },
	{ "convert", "convert videos to MP3s, without account or queue", true },
	{ "convert-worker", "convert queued videos to MP3", true },
	{ "notify", "tell owners how their conversions ended", true },
	{ "fetch", "write converted MP3s to files", true },
	{ "status", "show the state of jobs", true },
	{ "remove", "delete uploads and their MP3s", false },
	{ "requeue", "queue failed and lost jobs again", false },
	{ "prune", "remove what was kept long enough", false },
	{ "check", "check that accounts, store, queues and jobs agree", false },
	{ "backup", "copy the state while it is in use", false },
	{ "gateway", "serve uploads and MP3s over HTTP", false },
};

#define COMMANDS (sizeof commands / sizeof *commands)

static void
print_help(bool all)
{
	size_t i;

	fputs("v2m - videos in, MP3s out\n\n"
	    "usage: v2m COMMAND [ARGUMENT ...]\n"
	    "       v2m help [COMMAND]\n"
	    "       v2m --help[=all]\n"
	    "       v2m --version [--verbose]\n\n", stdout);
	for (i = 0; i < COMMANDS; i++)
		if (all || commands[i].common)
			printf("  %-16s %s\n", commands[i].name,
			    commands[i].summary);
	printf("\nexample: v2m convert talk.mp4 talk.mp3\n"
	    "         v2m help upload\n"
	    "\n%sThe tour: man 7 v2m\n", all ? "" :
	    "All commands: v2m --help=all.  ");
}

/* What other tools call them. */
static const struct {
	const char *word, *command;
} called[] = {
	{ "put", "upload" }, { "download", "fetch" }, { "get", "fetch" },
	{ "list", "status" }, { "ls", "status" },
	{ "delete", "remove" }, { "rm", "remove" }, { "retry", "requeue" },
	{ "worker", "convert-worker" }, { "password", "passwd" },
	{ "serve", "gateway" }, { "server", "gateway" },
};

/* Write ": did you mean 'X'?" for what is no command, or "".  Returns hint. */
static const char *
hint_for(const char *name, char hint[V2M_SUGGEST_HINT])
{
	struct v2m_suggest s;
	size_t i;

	for (i = 0; i < sizeof called / sizeof *called; i++)
		if (strcmp(name, called[i].word) == 0) {
			snprintf(hint, V2M_SUGGEST_HINT,
			    ": did you mean '%s'?", called[i].command);
			return hint;
		}
	v2m_suggest_start(&s, name);
	for (i = 0; i < COMMANDS; i++)
		v2m_suggest_offer(&s, commands[i].name);
	v2m_suggest_offer(&s, "help");
	v2m_suggest_offer(&s, "--help");
	v2m_suggest_offer(&s, "--version");
	return v2m_suggest_hint(&s, hint);
}

static int
no_command(const char *name)
{
	char hint[V2M_SUGGEST_HINT];

	if (access(name, F_OK) == 0) {
		v2m_warn("'%s' is a file, not a command: v2m convert '%s' "
		    "FILE.mp3 (see v2m --help)", name, name);
		return V2M_USAGE;
	}
	v2m_warn("unknown %s '%s'%s (see v2m --help=all)", name[0] == '-' ?
	    "option" : "command", name, hint_for(name, hint));
	return V2M_USAGE;
}

/* The folder of this program. */
static bool
own_folder(char *dir, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", dir, size - 1);
	char *slash;

	if (n <= 0)
		return false;
	dir[n] = '\0';
	slash = strrchr(dir, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	return true;
}

static void
run_beside(char *name, char **argv)
{
	char path[PATH_MAX + 64], dir[PATH_MAX];

	if (own_folder(dir, sizeof dir)) {
		snprintf(path, sizeof path, "%s/%s", dir, name);
		execv(path, argv);
	}
	execvp(name, argv);
}

/* The manual's file beside this program: installed, or in a build folder;
 * else its name, for man to find. */
static void
find_page(const char *name, const char *section, char *page, size_t size)
{
	char dir[PATH_MAX];

	if (own_folder(dir, sizeof dir)) {
		snprintf(page, size, "%s/../share/man/man%s/%s.%s", dir,
		    section, name, section);
		if (access(page, R_OK) == 0)
			return;
		snprintf(page, size, "%s/../../man/%s.%s", dir, name, section);
		if (access(page, R_OK) == 0)
			return;
	}
	snprintf(page, size, "%s", name);
}

static bool
is_command(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strcmp(name, commands[i].name) == 0)
			return true;
	return strcmp(name, "v2m") == 0;
}

static const char *
section_of(const char *command)
{
	if (strcmp(command, "v2m") == 0)
		return "7";
	return strcmp(command, "gateway") == 0 ? "8" : "1";
}

static bool
is_option(const char *arg, const char *name, const char *letter)
{
	return arg != NULL && (strcmp(arg, name) == 0 ||
	    strcmp(arg, letter) == 0);
}

static int
help(const char *command)
{
	static char man[] = "man";
	char page[PATH_MAX + 128], name[64];
	char *argv[] = { man, page, NULL };

	if (command == NULL || strcmp(command, "help") == 0 ||
	    is_option(command, "--help", "-h")) {
		print_help(false);
		return V2M_OK;
	}
	if (!is_command(command))
		return no_command(command);
	if (strcmp(command, "v2m") == 0)
		snprintf(name, sizeof name, "v2m");
	else
		snprintf(name, sizeof name, "v2m-%s", command);
	find_page(name, section_of(command), page, sizeof page);
	execvp(man, argv);
	v2m_warn("cannot run man: %s", strerror(errno));
	return V2M_UNAVAILABLE;
}

static void
print_layer(const char *name, bool up, const char *why_not)
{
	if (up)
		printf("%s: up\n", name);
	else
		printf("%s: none, %s\n", name, why_not);
}

/* The engine as configured.  If that is not possible, it is shown, and is no
 * error. */
static int
load_conf(struct v2m_conf *conf, struct v2m_err *err)
{
	static const struct v2m_conf_override partly[] = {
		{ "sandbox", "partly" }, { NULL, NULL }
	};

	if (v2m_conf_load_for(conf, V2M_CONF_FILTER, NULL, NULL, err) < 0)
		return -1;
	if (strcmp(v2m_conf_text(conf, "sandbox"), "yes") != 0)
		return 0;
	v2m_conf_release(conf);
	return v2m_conf_load_for(conf, V2M_CONF_FILTER, NULL, partly,
	    err);
}

/* As in a child that reads a file. */
static int
ask_sandbox(struct v2m_media_sandbox *sandbox, bool *memory_wanted,
    struct v2m_err *err)
{
	struct v2m_media *m = NULL;
	struct v2m_conf conf;
	int ret = -1;

	if (load_conf(&conf, err) < 0)
		return -1;
	*memory_wanted = v2m_conf_number(&conf, "media_memory") > 0;
	m = v2m_media_start(err);
	if (m != NULL && v2m_media_configure(m, &conf, false, err) == 0)
		ret = v2m_media_ask_sandbox(m, sandbox, err);
	v2m_media_free(m);
	v2m_conf_release(&conf);
	return ret;
}

/* Show the sandbox in which files are read. */
static int
print_sandbox(void)
{
	struct v2m_media_sandbox sandbox;
	bool memory_wanted = true;
	struct v2m_err err;

	if (ask_sandbox(&sandbox, &memory_wanted, &err) < 0) {
		v2m_warn("%s", err.msg);
		return V2M_UNAVAILABLE;
	}
	print_layer("filter of system calls", sandbox.filter, sandbox.why_not);
	print_layer("Landlock", sandbox.landlock > 0, sandbox.filter ||
	    sandbox.memory ? "the kernel has none for us" : sandbox.why_not);
	print_layer("limit of memory", sandbox.memory,
	    memory_wanted ? sandbox.why_not : "switched off");
	print_layer("limits of time and output", true, "");
	return V2M_OK;
}

static void
print_module(const char *name)
{
	printf("module: %s\n", name);
}

static int
version(bool verbose)
{
	struct v2m_err err;

	printf("v2m %s\n", V2M_VERSION);
	if (!verbose)
		return V2M_OK;
	if (v2m_module_list(print_module, &err) < 0)
		v2m_warn("%s", err.msg);
	return print_sandbox();
}

static int
no_help(const char *what)
{
	v2m_warn("--help: '%s' is not 'all' (see v2m --help)", what);
	return V2M_USAGE;
}

/* Answer the options of v2m itself, and set *status. */
static bool
answers_itself(char **argv, int *status)
{
	*status = V2M_OK;
	if (is_option(argv[1], "--help", "-h"))
		print_help(false);
	else if (strcmp(argv[1], "--help=all") == 0)
		print_help(true);
	else if (is_option(argv[1], "--version", "-V"))
		*status = version(is_option(argv[2], "--verbose", "-v"));
	else if (strncmp(argv[1], "--help=", 7) == 0)
		*status = no_help(argv[1] + 7);
	else if (strcmp(argv[1], "help") == 0)
		*status = help(argv[2]);
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	char name[64];
	int status;

	v2m_log_init("v2m", 0);
	if (argc < 2) {
		v2m_warn("no command given (see v2m --help)");
		return V2M_USAGE;
	}
	if (answers_itself(argv, &status))
		return v2m_cli_finish(NULL, status);
	if (argv[1][0] == '-' || strchr(argv[1], '/') != NULL ||
	    snprintf(name, sizeof name, "v2m-%s", argv[1]) >=
	    (int)sizeof name)
		return no_command(argv[1]);
	argv[1] = name;
	run_beside(name, argv + 1);
	if (errno == ENOENT)
		return no_command(name + strlen("v2m-"));
	v2m_warn("cannot run '%s': %s", name, strerror(errno));
	return V2M_UNAVAILABLE;
}
