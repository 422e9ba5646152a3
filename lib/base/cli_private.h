/* cli_private.h - shared by cli.c, which parses, and cli_help.c, which prints
 * the help. */
#ifndef V2M_BASE_CLI_PRIVATE_H
#define V2M_BASE_CLI_PRIVATE_H

#include <stddef.h>

#include "base/cli.h"

#define V2M_CLI_OPTS 48

/* All options of a command, its own first. */
struct v2m_cli_table {
	const struct v2m_opt *opts[V2M_CLI_OPTS];
	struct v2m_opt shared[7];
	size_t n;
};

/* --help, at most a screen of 24 lines; all: --help=all, every option. */
void v2m_cli_print_help(const struct v2m_program *p,
    const struct v2m_cli_table *t, bool all);

/* For completions/generate and the test of the manuals: tab-separated. */
void v2m_cli_print_dump(const struct v2m_program *p,
    const struct v2m_cli_table *t);

#endif
