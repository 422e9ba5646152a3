#include <stdio.h>
#include <string.h>

#include "base/cli_private.h"

#define LINE_WIDTH 79

/* The length of the first word of a synopsis; what is in brackets is one
 * word. */
static int
word_length(const char *s)
{
	int n, depth = 0;

	for (n = 0; s[n] != '\0' && (s[n] != ' ' || depth > 0); n++)
		depth += (s[n] == '[') - (s[n] == ']');
	return n;
}

static void
print_form(const char *form, int indent)
{
	int column = indent;

	while (*form != '\0') {
		int n = word_length(form);

		if (column + 1 + n > LINE_WIDTH && column > indent) {
			printf("\n%*s", indent, "");
			column = indent;
		}
		printf(" %.*s", n, form);
		column += 1 + n;
		form += n;
		form += strspn(form, " ");
	}
	putchar('\n');
}

static void
print_forms(const char *name, const char *const *forms)
{
	size_t i;

	for (i = 0; forms[i] != NULL; i++) {
		int n = printf("%s %s", i == 0 ? "usage:" : "      ", name);

		print_form(forms[i], n);
	}
	putchar('\n');
}

static void
print_option(const struct v2m_opt *o)
{
	char left[64];
	int n;

	n = snprintf(left, sizeof left, o->letter != 0 ? "-%c, " : "    ",
	    o->letter);
	snprintf(left + n, sizeof left - (size_t)n, "--%s%s%s%s", o->name,
	    o->arg == NULL ? "" : o->optional ? "[=" : " ",
	    o->arg == NULL ? "" : o->arg, o->optional ? "]" : "");
	printf("  %-28s %s\n", left, o->help);
}

/* If a command has few options, --help shows all of them. */
static bool
is_shown(const struct v2m_program *p, const struct v2m_opt *o, bool all)
{
	return o->help != NULL && (all || !p->some_options || o->common);
}

static void
print_examples(const struct v2m_program *p)
{
	size_t i;

	putchar('\n');
	for (i = 0; p->examples[i] != NULL; i++)
		printf("%s %s\n", i == 0 ? "example:" : "        ",
		    p->examples[i]);
}

void
v2m_cli_print_help(const struct v2m_program *p, const struct v2m_cli_table *t,
    bool all)
{
	bool some = p->some_options && !all;
	size_t i;

	printf("%s - %s\n\n", p->name, p->summary);
	print_forms(p->name, some && p->brief != NULL ? p->brief :
	    p->synopsis);
	for (i = 0; i < t->n; i++)
		if (is_shown(p, t->opts[i], all))
			print_option(t->opts[i]);
	print_examples(p);
	printf("\n%s%s%sThe manual: man %s\n", some ? "All options: " : "",
	    some ? p->name : "", some ? " --help=all.  " : "", p->name);
}

void
v2m_cli_print_dump(const struct v2m_program *p,
    const struct v2m_cli_table *t)
{
	size_t i;
	const int *s;

	printf("name\t%s\nsummary\t%s\n", p->name, p->summary);
	for (i = 0; p->synopsis[i] != NULL; i++)
		printf("synopsis\t%s\n", p->synopsis[i]);
	for (i = 0; i < t->n; i++) {
		const struct v2m_opt *o = t->opts[i];

		if (o->help == NULL)
			continue;
		printf("option\t%c\t%s\t%s\t%s\t%s\t%s\n",
		    o->letter == 0 ? '.' : o->letter, o->name,
		    o->arg == NULL ? "." : o->arg,
		    o->arg == NULL ? "." : o->optional ? "optional" :
		    "required", o->complete == NULL ? "." : o->complete,
		    o->help);
	}
	for (i = 0; p->examples[i] != NULL; i++)
		printf("example\t%s\n", p->examples[i]);
	printf("rest\t%s\n", p->rest == NULL ? "." : p->rest);
	printf("operands\t%s\n", p->operands == NULL ? "." : p->operands);
	printf("status\t0\nstatus\t64\n");
	for (s = p->statuses; s != NULL && *s != 0; s++)
		printf("status\t%d\n", *s);
}

