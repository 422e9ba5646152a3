/* The body of a message: as it is, or quoted-printable (RFC 2045, 6.7). */
#include <string.h>

#include "mail/private.h"

#define LINE_MAX_QP 76
#define LINE_MAX_PLAIN 78

bool
v2m_body_needs_qp(const char *text)
{
	const char *line, *end, *p;

	for (line = text; *line != '\0'; line = *end == '\0' ? end : end + 1) {
		end = strchrnul(line, '\n');
		if (end - line > LINE_MAX_PLAIN)
			return true;
		/* Mailboxes of the mbox format change this to ">From ". */
		if (strncmp(line, "From ", 5) == 0)
			return true;
		if (end > line && (end[-1] == ' ' || end[-1] == '\t'))
			return true;
		for (p = line; p < end; p++)
			if ((*p < ' ' && *p != '\t') || *p > '~')
				return true;
	}
	return false;
}

/* May the character at p stand for itself? */
static bool
is_literal(const char *line, const char *p, const char *end)
{
	if (*p == ' ' || *p == '\t')
		return p + 1 < end;
	if (p == line && (*p == '.' || strncmp(p, "From ", 5) == 0))
		return false;
	return *p > ' ' && *p <= '~' && *p != '=';
}

static void
put_qp_line(FILE *out, const char *line, const char *end)
{
	size_t column = 0;
	const char *p;

	for (p = line; p < end; p++) {
		bool literal = is_literal(line, p, end);
		size_t width = literal ? 1 : 3;

		/* One column is left for the '=' of a soft break. */
		if (column + width > LINE_MAX_QP - 1) {
			fputs("=\r\n", out);
			column = 0;
		}
		if (literal)
			fputc(*p, out);
		else
			fprintf(out, "=%02X", (unsigned char)*p);
		column += width;
	}
}

void
v2m_body_write(FILE *out, const char *text, bool qp)
{
	const char *line, *end;

	for (line = text; *line != '\0'; line = *end == '\0' ? end : end + 1) {
		end = strchrnul(line, '\n');
		if (qp)
			put_qp_line(out, line, end);
		else
			fwrite(line, 1, (size_t)(end - line), out);
		fputs("\r\n", out);
	}
}
