/* cli.h - the shape that every command has.
 *
 * A command describes itself once, in a struct v2m_program with its table of
 * options.  Parsing, --help, the completions and the test that holds the
 * manual to it all read that table, so they cannot disagree.
 *
 *	struct v2m_cli cli;
 *
 *	v2m_cli_start(&cli, &program, argc, argv);	(may exit: help, usage)
 *	... v2m_cli_conf(&cli, &conf) ...
 *	return v2m_cli_finish(&cli, status);
 */
#ifndef V2M_BASE_CLI_H
#define V2M_BASE_CLI_H

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

/* Of an option that may be given several times. */
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
	bool common;		/* shown by --help where not all are */
};

/* Options that many commands share, asked for by bits. */
enum {
	V2M_CLI_CONFIG = 1,	/* --config FILE */
	V2M_CLI_JSON = 2,	/* --json */
	V2M_CLI_NULL = 4,	/* -0, --null */
	/* And what a configuration in /etc that it may not read means to it:
	 * see enum v2m_conf_reader. */
	V2M_CLI_CLIENT = 8,
	V2M_CLI_FILTER = 16,
};				/* --help --version --quiet --verbose always */

struct v2m_program {
	const char *name;		/* "v2m-upload" */
	const char *summary;		/* one line, as the manual's NAME */
	const char *const *synopsis;	/* what follows the name; NULL-ended */
	const char *const *brief;	/* of --help, in the place of synopsis;
					 * or NULL */
	const char *const *examples;	/* two command lines; NULL-ended */
	const struct v2m_opt *opts;	/* ended by a zeroed one */
	bool some_options;		/* too many for a screen: --help shows
					 * the common ones, --help=all all */
	unsigned shared;		/* V2M_CLI_... */
	const char *operands;		/* completion of operands, as above, or
					 * "id" */
	const char *rest;		/* of those behind words: "address"; or
					 * NULL */
	const int *statuses;		/* but 0 and 64; 0-ended */
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

/* Parse the command line.  Exits with 0 after --help and --version, with 64
 * and the reason after a usage error.  Sets
 * the log up. */
void v2m_cli_start(struct v2m_cli *cli, const struct v2m_program *program,
    int argc, char **argv);

/* See that no V2M_ variable is mistyped, and load the configuration as the
 * options say; on failure exits with 78. */
void v2m_cli_conf(const struct v2m_cli *cli, struct v2m_conf *conf);

/* "v2m-x: reason (see v2m-x --help)", exit 64.  For what the table cannot
 * say. */
_Noreturn void v2m_cli_usage(const struct v2m_cli *cli, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Report err on stderr ("v2m-x: message") and exit with its status. */
_Noreturn void v2m_cli_die(const struct v2m_cli *cli,
    const struct v2m_err *err);

/* One job is done: its ID on stdout, or, with --json, {"id", "warnings"}.
 * warned: with warnings.  Counts in tally.  false: nobody reads stdout. */
bool v2m_cli_done(const struct v2m_cli *cli, struct v2m_tally *tally,
    const char *id, bool warned);

/* One item (an ID, a file name) failed: "v2m-x: item: message" on stderr and,
 * with --json, an object with item, error, code and status on stdout.  Counts
 * in tally. */
void v2m_cli_failed(const struct v2m_cli *cli, struct v2m_tally *tally,
    const char *item, const struct v2m_err *err);

/* One of the two, for struct v2m_loop: why NULL is done.  cli is a const struct
 * v2m_cli. */
bool v2m_cli_report(void *cli, struct v2m_tally *tally, const char *id,
    bool warned, const struct v2m_err *why);

/* Flush stdout and see that all of it was written: returns status, or 74 with
 * a message where it was not.  A closed pipe is not an error message. */
int v2m_cli_finish(const struct v2m_cli *cli, int status);

#endif
