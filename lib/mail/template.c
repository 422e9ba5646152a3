/* The template of notices: two sections, a subject and a text each, with facts
 * in braces.  v2m.conf(5) describes the language. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "mail/private.h"

#define TEMPLATE_MAX (64 * 1024)
#define FACT_LIST "{id} {name} {duration} {size} {mp3} {mp3_name} {reason} " \
	"{warnings} {to}"

const char v2m_mail_template[] =
"[done]\n"
"Subject: MP3 Download\n"
"\n"
"mp3 file_id: {mp3} is now ready!\n"
"\n"
"file:     {name}\n"
"length:   {duration}\n"
"size:     {size}\n"
"ID:       {id}\n"
"note: {warnings}\n"
"\n"
"To get it:\n"
"\n"
"v2m-fetch {id}\n"
"\n"
"[failed]\n"
"Subject: MP3 failed: {name}\n"
"\n"
"Your upload could not be turned into an MP3.\n"
"\n"
"file:     {name}\n"
"reason:   {reason}\n"
"ID:       {id}\n"
"note: {warnings}\n";

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

/* s points at a '{'.  The fact that it opens, with the length of the whole in
 * *n; -1 where it opens none. */
static int
fact_at(const char *s, size_t *n)
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

/* --- reading --- */

/* The whole file, with a NUL behind.  NULL: V2M_CONFIG. */
static char *
read_template(const char *path, struct v2m_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *buf = NULL;
	struct stat st;
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &st) < 0) {
		v2m_err_sys(err, V2M_CONFIG, "mail_template: cannot open '%s'",
		    path);
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > TEMPLATE_MAX) {
		v2m_err_set(err, V2M_CONFIG, "mail_template: '%s' is no file "
		    "of at most %d KiB", path, TEMPLATE_MAX / 1024);
		goto out;
	}
	buf = malloc(TEMPLATE_MAX + 1);
	if (buf == NULL) {
		v2m_err_sys(err, V2M_TEMP, "mail_template: '%s'", path);
		goto out;
	}
	n = v2m_io_read(fd, buf, TEMPLATE_MAX, path, err);
	if (n < 0)
		goto out;
	buf[n] = '\0';
	if (memchr(buf, '\0', (size_t)n) != NULL) {
		v2m_err_set(err, V2M_CONFIG, "mail_template: '%s' is no text",
		    path);
		n = -1;
	}
out:
	if (fd >= 0)
		close(fd);
	if (n >= 0)
		return buf;
	free(buf);
	return NULL;
}

/* Lines end with LF, whatever editor wrote them; no byte order mark. */
static void
normalise(char *s)
{
	const char *from = s;

	if (strncmp(from, "\xef\xbb\xbf", 3) == 0)
		from += 3;
	for (; *from != '\0'; from++)
		if (from[0] != '\r' || from[1] != '\n')
			*s++ = *from;
	*s = '\0';
}

static struct v2m_template_part *
section_at(struct v2m_template *t, const char *line, const char *end)
{
	while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (end - line == 6 && strncmp(line, "[done]", 6) == 0)
		return &t->done;
	if (end - line == 8 && strncmp(line, "[failed]", 8) == 0)
		return &t->failed;
	return NULL;
}

static bool
is_blank(const char *line, const char *end)
{
	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	return line == end;
}

enum place { OUTSIDE, SUBJECT, BLANK, TEXT };

/* One line that is no section's beginning.  end points at its LF, which is
 * not of the text when the line is a subject. */
static int
parse_line(struct v2m_template_part *part, enum place *place, char *line,
    char *end, const char *path, unsigned number, struct v2m_err *err)
{
	switch (*place) {
	case OUTSIDE:
		if (is_blank(line, end) || *line == '#')
			return 0;
		return v2m_err_set(err, V2M_CONFIG, "%s:%u: text before the "
		    "first section, [done] or [failed]", path, number);
	case SUBJECT:
		if (strncasecmp(line, "Subject:", 8) != 0 ||
		    is_blank(line + 8, end))
			return v2m_err_set(err, V2M_CONFIG, "%s:%u: a section "
			    "begins with 'Subject: ...'", path, number);
		part->subject = line + 8;
		part->subject += strspn(part->subject, " \t");
		while (end[-1] == ' ' || end[-1] == '\t')
			end--;
		*end = '\0';
		*place = BLANK;
		return 0;
	case BLANK:
		if (!is_blank(line, end))
			return v2m_err_set(err, V2M_CONFIG, "%s:%u: no blank "
			    "line behind the subject", path, number);
		part->text = *end == '\0' ? end : end + 1;
		*place = TEXT;
		return 0;
	case TEXT:
		return 0;
	}
	return 0;
}

static int
parse(struct v2m_template *t, const char *path, struct v2m_err *err)
{
	struct v2m_template_part *part = NULL, *section;
	enum place place = OUTSIDE;
	unsigned number = 0;
	char *line, *end, *next;

	for (line = t->source; *line != '\0'; line = next) {
		end = strchrnul(line, '\n');
		next = *end == '\0' ? end : end + 1;
		number++;
		section = section_at(t, line, end);
		if (section == NULL) {
			if (parse_line(part, &place, line, end, path, number,
			    err) < 0)
				return -1;
			continue;
		}
		if (section->line != 0)
			return v2m_err_set(err, V2M_CONFIG, "%s:%u: a second "
			    "%s section", path, number, section == &t->done ?
			    "[done]" : "[failed]");
		part = section;
		part->line = number;
		place = SUBJECT;
		*line = '\0';	/* the end of the text before */
	}
	return 0;
}

/* --- checking --- */

/* Is a line of the template (n bytes) clean UTF-8?  Tabs are fine. */
static bool
is_clean(const char *line, size_t n)
{
	char *copy = strndup(line, n), *p;
	bool same;

	if (copy == NULL)
		return false;
	for (p = copy; *p != '\0'; p++)
		if (*p == '\t')
			*p = ' ';
	v2m_text_clean(copy);
	same = strlen(copy) == n;
	for (p = copy; same && *p != '\0'; p++, line++)
		same = *p == *line || *line == '\t';
	free(copy);
	return same;
}

/* Every line of s, which begins in line `number`. */
static int
check_facts(const char *s, const char *path, unsigned number,
    struct v2m_err *err)
{
	size_t n;

	for (; *s != '\0'; s++) {
		if (*s == '\n')
			number++;
		if (*s != '{')
			continue;
		if (s[1] == '{') {
			s++;
			continue;
		}
		if (fact_at(s, &n) < 0) {
			n = strcspn(s, "} \t\n");
			n += s[n] == '}' ? 1 : 0;
			return v2m_err_set(err, V2M_CONFIG, "%s:%u: unknown "
			    "fact '%.*s': there are %s, and {{ for a brace",
			    path, number, (int)n, s, FACT_LIST);
		}
		s += n - 1;
	}
	return 0;
}

static int
check_lines(const char *s, const char *path, unsigned number,
    struct v2m_err *err)
{
	const char *end;

	for (; *s != '\0'; s = *end == '\0' ? end : end + 1, number++) {
		end = strchrnul(s, '\n');
		if (!is_clean(s, (size_t)(end - s)))
			return v2m_err_set(err, V2M_CONFIG, "%s:%u: not UTF-8 "
			    "text, or a control character", path, number);
	}
	return 0;
}

static int
check_part(const struct v2m_template_part *part, const char *section,
    const char *path, struct v2m_err *err)
{
	if (part->line == 0)
		return v2m_err_set(err, V2M_CONFIG, "%s: no %s section", path,
		    section);
	if (part->subject == NULL || part->text == NULL)
		return v2m_err_set(err, V2M_CONFIG, "%s:%u: %s without a "
		    "subject, a blank line and a text", path, part->line,
		    section);
	if (check_lines(part->subject, path, part->line + 1, err) < 0 ||
	    check_facts(part->subject, path, part->line + 1, err) < 0 ||
	    check_lines(part->text, path, part->line + 3, err) < 0 ||
	    check_facts(part->text, path, part->line + 3, err) < 0)
		return -1;
	return 0;
}

int
v2m_template_load(struct v2m_template *t, const char *path,
    struct v2m_err *err)
{
	memset(t, 0, sizeof *t);
	t->source = path[0] != '\0' ? read_template(path, err) :
	    strdup(v2m_mail_template);
	if (t->source == NULL)
		return path[0] != '\0' ? -1 :
		    v2m_err_set(err, V2M_TEMP, "out of memory");
	normalise(t->source);
	if (parse(t, path, err) < 0 ||
	    check_part(&t->done, "[done]", path, err) < 0 ||
	    check_part(&t->failed, "[failed]", path, err) < 0)
		goto fail;
	/* Scripts read it as success. */
	if (strcasestr(t->failed.subject, "mp3 file_id:") != NULL ||
	    strcasestr(t->failed.text, "mp3 file_id:") != NULL) {
		v2m_err_set(err, V2M_CONFIG, "%s:%u: 'mp3 file_id:' belongs "
		    "into [done] only", path, t->failed.line);
		goto fail;
	}
	return 0;
fail:
	v2m_template_release(t);
	return -1;
}

void
v2m_template_release(struct v2m_template *t)
{
	free(t->source);
	memset(t, 0, sizeof *t);
}

/* --- writing --- */

/* One line, up to end, with the facts put in; warning stands for {warnings}
 * where it is not NULL. */
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
			fact = fact_at(s, &n);
			fputs(fact == V2M_FACT_WARNINGS && warning != NULL ?
			    warning : facts->values[fact], out);
			s += n;
		}
	}
}

/* What a line asks for: any fact at all, any that is not empty, warnings. */
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
		fact = s[1] == '{' ? -1 : fact_at(s, &n);
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
