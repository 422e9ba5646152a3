/* The template of notifications with the facts put in. */
#include <string.h>

#include "mail/private.h"

static const char *const fact_names[V2M_FACT_COUNT] = {
	[V2M_FACT_ID] = "id",
	[V2M_FACT_MP3] = "mp3",
	[V2M_FACT_MP3_NAME] = "mp3_name",
	[V2M_FACT_NAME] = "name",
	[V2M_FACT_DURATION] = "duration",
	[V2M_FACT_SIZE] = "size",
	[V2M_FACT_REASON] = "reason",
	[V2M_FACT_WARNINGS] = "warnings",
	[V2M_FACT_TO] = "to",
};

int
v2m_fact_at(const char *s, size_t *n)
{
	size_t len = strcspn(s + 1, "{}\n");
	int i;

	*n = len + 2;
	if (s[1 + len] != '}')
		return -1;
	for (i = 0; i < V2M_FACT_COUNT; i++)
		if (strlen(fact_names[i]) == len &&
		    strncmp(fact_names[i], s + 1, len) == 0)
			return i;
	return -1;
}

/* Write the line from s to end with the facts put in.  warning: the value of
 * {warnings}, unless NULL. */
static void
put_line(FILE *out, const char *s, const char *end,
    const struct v2m_facts *facts, const char *warning)
{
	size_t n;
	int fact;

	while (s < end) {
		if (*s != '{') {
			fputc(*s++, out);
		} else if (s[1] == '{') {
			fputc('{', out);
			s += 2;
		} else {
			fact = v2m_fact_at(s, &n);
			fputs(fact == V2M_FACT_WARNINGS && warning != NULL ?
			    warning : facts->values[fact], out);
			s += n;
		}
	}
}

/* What a line uses: any fact, any fact that is not empty, warnings. */
struct wants {
	bool facts, some, warnings;
};

static struct wants
look_at(const char *s, const char *end, const struct v2m_facts *facts)
{
	struct wants w = { false, false, false };
	size_t n;

	for (; s < end; s++) {
		int fact;

		if (*s != '{')
			continue;
		fact = s[1] == '{' ? -1 : v2m_fact_at(s, &n);
		if (fact < 0) {
			s++;
			continue;
		}
		w.facts = true;
		w.some = w.some || facts->values[fact][0] != '\0';
		w.warnings = w.warnings || fact == V2M_FACT_WARNINGS;
		s += n - 1;
	}
	return w;
}

void
v2m_template_subject(FILE *out, const struct v2m_template_part *part,
    const struct v2m_facts *facts)
{
	put_line(out, part->subject, part->subject + strlen(part->subject),
	    facts, NULL);
}

void
v2m_template_text(FILE *out, const struct v2m_template_part *part,
    const struct v2m_facts *facts)
{
	const char *s = part->text, *end, *last = s + strlen(s);
	char **warning;

	while (last > s && last[-1] == '\n')
		last--;
	for (; s < last; s = end + 1) {
		struct wants w;

		end = strchrnul(s, '\n');
		w = look_at(s, end, facts);
		if (w.facts && !w.some)
			continue;
		if (!w.warnings || facts->warnings[0] == NULL) {
			put_line(out, s, end, facts, NULL);
			fputc('\n', out);
			continue;
		}
		for (warning = facts->warnings; *warning != NULL; warning++) {
			put_line(out, s, end, facts, *warning);
			fputc('\n', out);
		}
	}
}
