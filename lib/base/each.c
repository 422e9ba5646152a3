#include "base/each.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
v2m_each_init(struct v2m_each *each, char **operands, bool null,
    bool default_stdin)
{
	memset(each, 0, sizeof *each);
	each->operands = operands;
	each->null = null;
	each->reading = default_stdin && operands[0] == NULL;
}

void
v2m_each_release(struct v2m_each *each)
{
	free(each->line);
	each->line = NULL;
}

/* The next item of stdin; 0 at its end. */
static int
next_line(struct v2m_each *each, char **item, struct v2m_err *err)
{
	int delimiter = each->null ? '\0' : '\n';
	ssize_t n;

	while ((n = getdelim(&each->line, &each->size, delimiter,
	    stdin)) >= 0) {
		if (!each->null)
			each->line[strcspn(each->line, "\t\r\n")] = '\0';
		if (each->line[0] == '\0')
			continue;
		*item = each->line;
		return 1;
	}
	if (ferror(stdin))
		return v2m_err_sys(err, V2M_IO, "cannot read stdin");
	return 0;
}

int
v2m_each_next(struct v2m_each *each, char **item, struct v2m_err *err)
{
	for (;;) {
		if (each->reading) {
			int got = next_line(each, item, err);

			if (got != 0)
				return got;
			each->reading = false;
		}
		if (*each->operands == NULL)
			return 0;
		*item = *each->operands++;
		if (strcmp(*item, "-") != 0)
			return 1;
		each->reading = true;
	}
}
