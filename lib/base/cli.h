/* cli.h - the shape that every command has.
 *
 * A command describes itself once, in a struct v2m_program with its table of
 * options.  Parsing, --help, the completions and the test of the manual all
 * read that table, so they cannot disagree.
 *
 *	struct v2m_cli cli;
 *
 *	v2m_cli_start(&cli, &program, argc, argv);	(may exit: help, usage)
 *	... v2m_cli_conf(&cli, &conf) ...
 *	return v2m_cli_finish(&cli, status);
 */
#ifndef V2M_BASE_CLI_H
#define V2M_BASE_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"

enum v2m_opt_kind {
	V2M_OPT_END = 0,
	V2M_OPT_FLAG,		/* bool *value = true */
	V2M_OPT_TEXT,		/* const char **value: borrowed from argv */
	V2M_OPT_LIST,		/* appends to a struct v2m_opt_list */
	V2M_OPT_INT,		/* int64_t *value, between min and max */
	V2M_OPT_DURATION,	/* int64_t *value, in milliseconds */
	V2M_OPT_CONF,		/* sets the configuration key `key` */
};

/* The arguments of an option that may be given several times. */
#define V2M_OPT_LIST_MOST 64
struct v2m_opt_list {
	const char *items[V2M_OPT_LIST_MOST];	/* borrowed from argv */
	int n;
};

struct v2m_opt {
	enum v2m_opt_kind kind;
	char letter;		/* or 0 */
	const char *name;	/* the long name, never NULL */
	const char *arg;	/* what its argument is called; NULL: none */
	const char *help;	/* one line for --help, no full stop */
	void *value;
	int64_t min, max;	/* V2M_OPT_INT */
	const char *key;	/* V2M_OPT_CONF */
	bool optional;		/* --name[=ARG]: TEXT becomes "" without one */
	const char *complete;	/* "file", "dir", "words a b c", "keys a b c"
				 * (with = behind them); or NULL */
	bool common;		/* shown by --help, see some_options */
};

/* Options that many commands share; a command sets the bits.  All have --help,
 * --version, --quiet and --verbose. */
enum {
	V2M_CLI_CONFIG = 1,	/* --config FILE */
	V2M_CLI_JSON = 2,	/* --json */
	V2M_CLI_NULL = 4,	/* -0, --null */
	V2M_CLI_METRICS = 32,	/* --metrics-file FILE */
	/* Not options, but the kind of command: see enum v2m_conf_reader. */
	V2M_CLI_CLIENT = 8,
	V2M_CLI_FILTER = 16,
};

struct v2m_program {
	const char *name;		/* "v2m-upload" */
	const char *summary;		/* one line, as the manual's NAME */
	const char *const *synopsis;	/* what follows the name; NULL-ended */
	const char *const *brief;	/* a shorter synopsis for --help; or
					 * NULL */
	const char *const *examples;	/* two command lines; NULL-ended */
	const struct v2m_opt *opts;	/* ended by a zeroed one */
	const char *unknown_letter;	/* added to the error "unknown option
					 * '-x'"; or NULL */
	bool some_options;		/* too many for a screen: --help shows
					 * the common ones, --help=all all */
	unsigned shared;		/* V2M_CLI_... */
	const char *operands;		/* completion of operands: as of an
					 * option, or "id" */
	const char *rest;		/* completion of the operands behind a
					 * word: "address"; or NULL */
	const int *statuses;		/* exit statuses, besides 0 and 64;
					 * 0-ended */
};

struct v2m_cli {
	const struct v2m_program *program;
	char **operands;	/* borrowed from argv; NULL behind the last */
	int noperands;
	bool json, null, quiet;
	int verbose;
	const char *config;
	struct v2m_conf_override overrides[24];
	size_t noverrides;
};

/* Parse the command line, and set up the log.  Exits with 0 after --help and
 * --version, and with 64 after a usage error, which it prints. */
void v2m_cli_start(struct v2m_cli *cli, const struct v2m_program *program,
    int argc, char **argv);

/* Check that no V2M_ variable is mistyped, and load the configuration as the
 * options say.  Exits with 78 on failure. */
void v2m_cli_conf(const struct v2m_cli *cli, struct v2m_conf *conf);

/* Print "v2m-x: reason (see v2m-x --help)" and exit with 64.  For rules that
 * the table of options cannot express. */
_Noreturn void v2m_cli_usage(const struct v2m_cli *cli, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Report err on stderr ("v2m-x: message") and exit with its status. */
_Noreturn void v2m_cli_die(const struct v2m_cli *cli,
    const struct v2m_err *err);

/* Ask "question [y/N] " on stderr, and read the answer from stdin, after
 * flushing stdout.  true: y or Y. */
bool v2m_cli_confirm(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* One job is done (warned: with warnings): print its ID on stdout, or, with
 * --json, {"id", "warnings"}, and count it in tally.  false: stdout is
 * closed. */
bool v2m_cli_done(const struct v2m_cli *cli, struct v2m_tally *tally,
    const char *id, bool warned);

/* One item (an ID, a file name) failed: "v2m-x: item: message" on stderr and,
 * with --json, an object with item, error, code and status on stdout.  Counts
 * in tally. */
void v2m_cli_failed(const struct v2m_cli *cli, struct v2m_tally *tally,
    const char *item, const struct v2m_err *err);

/* Print a JSON object on a line of stdout, as --json does, and drop the
 * reference.  Seconds with milliseconds get no further digits.  NULL, no
 * memory, aborts. */
void v2m_cli_print_json(json_t *object);

/* The number of columns of the terminal at stdout; 80: not known. */
int v2m_cli_columns(void);

/* v2m_cli_done() if why is NULL, else v2m_cli_failed(): a v2m_report of
 * flow/loop.h.  cli is a const struct v2m_cli. */
bool v2m_cli_report(void *cli, struct v2m_tally *tally, const char *id,
    bool warned, const struct v2m_err *why);

/* Flush stdout and check that all of it was written.  Returns status, or 74
 * with a message if it was not.  A closed pipe is not an error. */
int v2m_cli_finish(const struct v2m_cli *cli, int status);

#endif
