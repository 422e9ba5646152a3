/* Reads and checks the template of notifications: two sections, each with a
 * subject and a text, and facts in braces.  v2m.conf(5) describes it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/suggest.h"
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

/* The whole file as a string.  NULL: V2M_CONFIG. */
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
		/* The administrator has to repair it. */
		if (err != NULL && err->code == V2M_DENIED)
			err->code = V2M_CONFIG;
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > TEMPLATE_MAX) {
		v2m_err_set(err, V2M_CONFIG, "mail_template: '%s' is not a "
		    "file of at most %d kB", path, TEMPLATE_MAX / 1000);
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
		v2m_err_set(err, V2M_CONFIG, "mail_template: '%s' is not text",
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

/* Make all line ends LF, and drop a byte order mark. */
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

/* One line that does not begin a section.  end points at its LF, which is not
 * part of a subject. */
static int
parse_line(struct v2m_template_part *part, enum place *place, char *line,
    char *end, const char *path, unsigned number, struct v2m_err *err)
{
	switch (*place) {
	case OUTSIDE:
		if (is_blank(line, end) || *line == '#')
			return 0;
		return v2m_err_set(err, V2M_CONFIG, *line == '[' ?
		    "%s:%u: unknown section: there are [done] and [failed]" :
		    "%s:%u: text before the first section, [done] or [failed]",
		    path, number);
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
parse_template(struct v2m_template *t, const char *path, struct v2m_err *err)
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
		*line = '\0';	/* ends the text before it */
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

/* Check every line of s; its first is line `number` of the file. */
static int
check_facts(const char *s, const char *path, unsigned number,
    struct v2m_err *err)
{
	char given[V2M_SUGGEST_MAX], hint[V2M_SUGGEST_HINT];
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
		if (v2m_fact_at(s, &n) < 0) {
			n = strcspn(s, "} \t\n");
			n += s[n] == '}' ? 1 : 0;
			snprintf(given, sizeof given, "%.*s", (int)n, s);
			return v2m_err_set(err, V2M_CONFIG, "%s:%u: unknown "
			    "fact '%s'%s (there are %s, and {{ for a brace)",
			    path, number, given, v2m_suggest_of(given,
			    FACT_LIST, hint), FACT_LIST);
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
	if (parse_template(t, path, err) < 0 ||
	    check_part(&t->done, "[done]", path, err) < 0 ||
	    check_part(&t->failed, "[failed]", path, err) < 0)
		goto fail;
	/* Scripts take these words for success. */
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
