#include "base/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/board.h"
#include "base/cli_private.h"
#include "base/log.h"
#include "base/suggest.h"
#include "base/text.h"
#include "base/variables.h"
#include "base/version.h"

static const char *want_help;
static bool want_version, want_dump;

static const struct v2m_opt opt_help = { V2M_OPT_TEXT, 'h', "help",
	.arg = "WHAT", .optional = true, .complete = "words all",
	.help = "show help; all: every option", .value = &want_help,
	.common = true };
static const struct v2m_opt opt_version = { V2M_OPT_FLAG, 'V', "version",
	.help = "show the version", .value = &want_version };
static const struct v2m_opt opt_dump = { V2M_OPT_FLAG, 0, "dump-options",
	.value = &want_dump };

static void
add_shared(struct v2m_cli_table *t, struct v2m_cli *cli)
{
	struct v2m_opt *s = t->shared;
	unsigned bits = cli->program->shared;

	if ((bits & V2M_CLI_METRICS) != 0)
		*s++ = (struct v2m_opt){ V2M_OPT_CONF, 0, "metrics-file",
		    .arg = "FILE", .key = "metrics_file", .complete = "file",
		    .help = "write metrics for Prometheus' node exporter" };
	if ((bits & V2M_CLI_NULL) != 0)
		*s++ = (struct v2m_opt){ V2M_OPT_FLAG, '0', "null",
		    .help = "items of stdin end with NUL",
		    .value = &cli->null };
	if ((bits & V2M_CLI_JSON) != 0)
		*s++ = (struct v2m_opt){ V2M_OPT_FLAG, 0, "json",
		    .help = "one JSON object per line", .value = &cli->json };
	if ((bits & V2M_CLI_CONFIG) != 0)
		*s++ = (struct v2m_opt){ V2M_OPT_TEXT, 0, "config",
		    .arg = "FILE", .help = "read this configuration file only",
		    .value = &cli->config, .complete = "file" };
	*s++ = (struct v2m_opt){ V2M_OPT_FLAG, 0, "quiet",
	    .help = "print errors only, show no progress",
	    .value = &cli->quiet };
	*s++ = (struct v2m_opt){ V2M_OPT_FLAG, 'v', "verbose",
	    .help = "print more details on stderr", .value = &cli->verbose };
	for (struct v2m_opt *o = t->shared; o < s; o++)
		t->opts[t->n++] = o;
}

static void
build_table(struct v2m_cli_table *t, struct v2m_cli *cli)
{
	const struct v2m_opt *o;

	t->n = 0;
	for (o = cli->program->opts; o->kind != V2M_OPT_END; o++)
		t->opts[t->n++] = o;
	add_shared(t, cli);
	t->opts[t->n++] = &opt_help;
	t->opts[t->n++] = &opt_version;
	t->opts[t->n++] = &opt_dump;
	if (t->n > V2M_CLI_OPTS)
		abort();
}

void
v2m_cli_usage(const struct v2m_cli *cli, const char *fmt, ...)
{
	char reason[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof reason, fmt, ap);
	va_end(ap);
	v2m_warn("%s (see %s --help)", reason, cli->program->name);
	exit(V2M_USAGE);
}

static void
set_override(struct v2m_cli *cli, const char *key, const char *value)
{
	size_t most = sizeof cli->overrides / sizeof *cli->overrides - 1;

	if (cli->noverrides == most)
		v2m_cli_usage(cli, "too many options");
	cli->overrides[cli->noverrides++] =
	    (struct v2m_conf_override){ key, value };
}

static void
append_value(const struct v2m_cli *cli, const struct v2m_opt *o,
    const char *arg)
{
	struct v2m_opt_list *list = o->value;

	if (list->n == V2M_OPT_LIST_MOST)
		v2m_cli_usage(cli, "--%s is given too often", o->name);
	list->items[list->n++] = arg;
}

static void
apply(struct v2m_cli *cli, const struct v2m_opt *o, const char *arg)
{
	switch (o->kind) {
	case V2M_OPT_FLAG:
		if (o->value == &cli->verbose)
			cli->verbose++;
		else
			*(bool *)o->value = true;
		return;
	case V2M_OPT_TEXT:
		*(const char **)o->value = arg == NULL ? "" : arg;
		return;
	case V2M_OPT_LIST:
		append_value(cli, o, arg);
		return;
	case V2M_OPT_INT:
		if (!v2m_text_parse_int(arg, o->min, o->max, o->value))
			v2m_cli_usage(cli, "--%s: '%s' is not a number from "
			    "%" PRId64 " to %" PRId64, o->name, arg, o->min,
			    o->max);
		return;
	case V2M_OPT_DURATION:
		if (!v2m_text_parse_duration(arg, o->value))
			v2m_cli_usage(cli, "--%s: '%s' is not a duration "
			    "(90s, 15min, 24h)", o->name, arg);
		return;
	case V2M_OPT_CONF:
		if (v2m_conf_complaint(o->key, arg) != NULL)
			v2m_cli_usage(cli, "--%s: '%s' %s", o->name, arg,
			    v2m_conf_complaint(o->key, arg));
		set_override(cli, o->key, arg);
		return;
	case V2M_OPT_END:
		abort();
	}
}

/* getopt's two descriptions of the same table. */
struct getopt_form {
	char letters[3 * V2M_CLI_OPTS + 2];
	struct option names[V2M_CLI_OPTS + 1];
};

#define LONG_ONLY 256	/* plus the index of an option: more than any letter */

static void
to_getopt(const struct v2m_cli_table *t, struct getopt_form *g)
{
	char *l = g->letters;
	size_t i;

	*l++ = ':';
	memset(g->names, 0, sizeof g->names);
	for (i = 0; i < t->n; i++) {
		const struct v2m_opt *o = t->opts[i];
		int takes = o->arg == NULL ? no_argument : o->optional ?
		    optional_argument : required_argument;

		g->names[i] = (struct option){ o->name, takes, NULL,
		    LONG_ONLY + (int)i };
		if (o->letter != 0) {
			*l++ = o->letter;
			if (takes == required_argument)
				*l++ = ':';
		}
	}
	*l = '\0';
}

static const struct v2m_opt *
by_letter(const struct v2m_cli_table *t, int letter)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->opts[i]->letter == letter)
			return t->opts[i];
	return NULL;
}

static bool
begins(const struct v2m_opt *o, const char *name, size_t n)
{
	return o->help != NULL && strncmp(o->name, name, n) == 0;
}

/* A short form such as "--no" may stand for several options. */
static void
refuse_ambiguous(const struct v2m_cli *cli, const struct v2m_cli_table *t,
    const char *name, size_t n)
{
	char list[128] = "";
	size_t i, at = 0, found = 0;

	for (i = 0; i < t->n && at < sizeof list; i++)
		if (begins(t->opts[i], name, n))
			at += (size_t)snprintf(list + at, sizeof list - at,
			    "%s--%s", found++ == 0 ? "" : ", ",
			    t->opts[i]->name);
	if (found > 1)
		v2m_cli_usage(cli, "option '--%.*s' could be any of %s",
		    (int)n, name, list);
}

/* word: as given, "--name" or "--name=value". */
static _Noreturn void
refuse_name(const struct v2m_cli *cli, const struct v2m_cli_table *t,
    const char *word)
{
	char given[V2M_SUGGEST_MAX + 2], known[V2M_SUGGEST_MAX + 2];
	char hint[V2M_SUGGEST_HINT];
	struct v2m_suggest s;
	size_t i;

	snprintf(given, sizeof given, "%.*s", (int)strcspn(word, "="), word);
	refuse_ambiguous(cli, t, given + 2, strlen(given + 2));
	v2m_suggest_start(&s, given);
	for (i = 0; i < t->n; i++) {
		if (t->opts[i]->help == NULL)
			continue;
		snprintf(known, sizeof known, "--%s", t->opts[i]->name);
		v2m_suggest_offer(&s, known);
	}
	v2m_cli_usage(cli, "unknown option '%s'%s", given,
	    v2m_suggest_hint(&s, hint));
}

/* c is getopt's answer, '?' or ':'; word is the argument that it looked at. */
static _Noreturn void
refuse_option(const struct v2m_cli *cli, const struct v2m_cli_table *t,
    int c, const char *word)
{
	if (c == ':')
		v2m_cli_usage(cli, "option '%s' needs an argument", word);
	if (optopt >= LONG_ONLY)
		v2m_cli_usage(cli, "option '--%s' takes no argument",
		    t->opts[optopt - LONG_ONLY]->name);
	if (optopt == 0)
		refuse_name(cli, t, word);
	v2m_cli_usage(cli, "unknown option '-%c'%s", optopt,
	    cli->program->unknown_letter == NULL ? "" :
	    cli->program->unknown_letter);
}

static void
parse_options(struct v2m_cli *cli, const struct v2m_cli_table *t, int argc,
    char **argv)
{
	struct getopt_form g;
	int c;

	to_getopt(t, &g);
	opterr = 0;
	while ((c = getopt_long(argc, argv, g.letters, g.names, NULL)) != -1) {
		if (c == '?' || c == ':')
			refuse_option(cli, t, c, argv[optind - 1]);
		apply(cli, c >= LONG_ONLY ? t->opts[c - LONG_ONLY] :
		    by_letter(t, c), optarg);
	}
	cli->operands = argv + optind;
	cli->noperands = argc - optind;
}

static void
print_version(const struct v2m_cli *cli)
{
	printf("%s (v2m) %s\n", cli->program->name, V2M_VERSION);
}

/* If a command is started without stdin, stdout or stderr, a database or a
 * video must not get one of these numbers.  They are opened the wrong way
 * round, so that using them fails. */
static void
fill_stdio(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY :
			    O_RDONLY);
}

void
v2m_cli_start(struct v2m_cli *cli, const struct v2m_program *program,
    int argc, char **argv)
{
	struct v2m_cli_table t;

	fill_stdio();
	memset(cli, 0, sizeof *cli);
	cli->program = program;
	v2m_log_init(program->name, 0);
	build_table(&t, cli);
	parse_options(cli, &t, argc, argv);
	v2m_log_init(program->name, cli->quiet ? -1 : cli->verbose);
	if (want_help != NULL && want_help[0] != '\0' &&
	    strcmp(want_help, "all") != 0)
		v2m_cli_usage(cli, "--help: '%s' is not 'all'", want_help);
	if (want_help != NULL)
		v2m_cli_print_help(program, &t, want_help[0] != '\0');
	else if (want_version)
		print_version(cli);
	else if (want_dump)
		v2m_cli_print_dump(program, &t);
	else
		return;
	exit(v2m_cli_finish(cli, V2M_OK));
}

static enum v2m_conf_reader
reader(const struct v2m_program *p)
{
	return (p->shared & V2M_CLI_FILTER) != 0 ? V2M_CONF_FILTER :
	    (p->shared & V2M_CLI_CLIENT) != 0 ? V2M_CONF_CLIENT :
	    V2M_CONF_SERVICE;
}

void
v2m_cli_conf(const struct v2m_cli *cli, struct v2m_conf *conf)
{
	struct v2m_err err;

	if (v2m_variables_check(&err) < 0 ||
	    v2m_conf_load_for(conf, reader(cli->program), cli->config,
	    cli->overrides, &err) < 0)
		v2m_cli_die(cli, &err);
	if (strcmp(v2m_conf_text(conf, "log_format"), "json") == 0)
		v2m_log_json();
	if (conf->passed_over != NULL)
		v2m_debug("'%s' is passed over: it cannot be read",
		    conf->passed_over);
}

void
v2m_cli_die(const struct v2m_cli *cli, const struct v2m_err *err)
{
	(void)cli;
	v2m_warn("%s", err->msg);
	exit(err->code);
}

bool
v2m_cli_confirm(const char *fmt, ...)
{
	char question[128], answer[16];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(question, sizeof question, fmt, ap);
	va_end(ap);
	fflush(stdout);
	fprintf(stderr, "%s [y/N] ", question);
	return fgets(answer, sizeof answer, stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y');
}

void
v2m_cli_print_json(json_t *object)
{
	if (object == NULL)
		abort();
	json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
	putchar('\n');
	json_decref(object);
}

int
v2m_cli_columns(void)
{
	struct winsize w;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ?
	    w.ws_col : 80;
}

bool
v2m_cli_done(const struct v2m_cli *cli, struct v2m_tally *tally,
    const char *id, bool warned)
{
	if (warned)
		v2m_tally_warned(tally);
	else
		v2m_tally_done(tally);
	v2m_board_clear();
	if (cli->json)
		printf("{\"id\":\"%s\",\"warnings\":%s}\n", id,
		    warned ? "true" : "false");
	else
		printf("%s\n", id);
	return fflush(stdout) == 0;
}

void
v2m_cli_failed(const struct v2m_cli *cli, struct v2m_tally *tally,
    const char *item, const struct v2m_err *err)
{
	char clean[512];

	v2m_text_copy(clean, sizeof clean, item);
	v2m_warn("%s: %s", clean[0] == '\0' ? "''" : clean, err->msg);
	v2m_tally_failed(tally, err->code);
	if (!cli->json)
		return;
	v2m_cli_print_json(json_pack("{s:s, s:s, s:s, s:i}", "item", clean,
	    "error", err->msg, "code", v2m_code_word(err->code),
	    "status", (int)err->code));
	fflush(stdout);
}

bool
v2m_cli_report(void *cli, struct v2m_tally *tally, const char *id,
    bool warned, const struct v2m_err *why)
{
	if (why == NULL)
		return v2m_cli_done(cli, tally, id, warned);
	v2m_cli_failed(cli, tally, id, why);
	return true;
}

int
v2m_cli_finish(const struct v2m_cli *cli, int status)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };
	int sys;

	(void)cli;
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	sys = errno;
	/* An earlier write may have failed, and its errno is gone; but a closed
	 * pipe can still be recognized. */
	if (sys == EPIPE || (poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0))
		return status;
	v2m_warn("cannot write to stdout%s%s", sys == 0 ? "" : ": ",
	    sys == 0 ? "" : strerror(sys));
	return V2M_IO;
}
