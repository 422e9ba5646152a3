#include "http/netrc.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/io.h"
#include "base/secret.h"

#define FILE_MAX (256 * 1024)
#define WORD_MAX 1024
#define BLANKS " \t\r\n"

/* The next word; false at the end.  Words are separated by blanks, or quoted,
 * with \ before a character that stands for itself.  Lines that begin with #
 * are skipped.  A word that is too long becomes "", which matches nothing. */
static bool
next_word(const char **at, char word[WORD_MAX])
{
	const char *s = *at;
	bool quoted, begins;
	size_t n;

	for (;;) {
		n = strspn(s, BLANKS);
		begins = memchr(s, '\n', n) != NULL;
		s += n;
		if (*s != '#' || !begins)
			break;
		s += strcspn(s, "\n");
	}
	n = 0;
	if (*s == '\0')
		return false;
	quoted = *s == '"';
	if (quoted)
		s++;
	while (*s != '\0' && (quoted ? *s != '"' :
	    strchr(BLANKS, *s) == NULL)) {
		if (quoted && *s == '\\' && s[1] != '\0')
			s++;
		if (n < WORD_MAX)
			word[n++] = *s;
		s++;
	}
	if (quoted && *s == '"')
		s++;
	word[n < WORD_MAX ? n : 0] = '\0';
	*at = s;
	return true;
}

/* A macro ends with the next empty line. */
static void
skip_macro(const char **at)
{
	const char *end = strstr(*at, "\n\n");

	*at = end == NULL ? *at + strlen(*at) : end + 2;
}

struct entry {
	bool ours;		/* it is for the host that is looked for */
	char login[WORD_MAX], password[WORD_MAX];
};

static bool
is_it(const struct entry *e, const char *user, size_t size)
{
	return e->ours && e->password[0] != '\0' && e->login[0] != '\0' &&
	    (user[0] == '\0' || strcasecmp(user, e->login) == 0) &&
	    strlen(e->login) < size && strlen(e->password) < size;
}

/* One word of an entry, and the value behind it.  false: another entry
 * begins. */
static bool
take_word(struct entry *e, const char *word, const char **at)
{
	char value[WORD_MAX];

	if (strcmp(word, "machine") == 0 || strcmp(word, "default") == 0)
		return false;
	if (strcmp(word, "macdef") == 0)
		skip_macro(at);
	else if (strcmp(word, "login") == 0)
		next_word(at, e->login);
	else if (strcmp(word, "password") == 0)
		next_word(at, e->password);
	else if (strcmp(word, "account") == 0)
		next_word(at, value);
	explicit_bzero(value, sizeof value);
	return true;
}

int
v2m_netrc_find(const char *text, const char *host, char *user,
    char *password, size_t size)
{
	struct entry e = { .ours = false };
	char word[WORD_MAX], name[WORD_MAX];
	int found = 0;
	bool more;

	if (*text == '#')
		text += strcspn(text, "\n");
	more = next_word(&text, word);
	while (more && !found) {
		if (take_word(&e, word, &text)) {
			more = next_word(&text, word);
			if (more)
				continue;
		}
		if (is_it(&e, user, size)) {
			snprintf(user, size, "%s", e.login);
			snprintf(password, size, "%s", e.password);
			found = 1;
		}
		explicit_bzero(&e, sizeof e);
		e.ours = more && strcmp(word, "machine") == 0 &&
		    next_word(&text, name) && strcasecmp(name, host) == 0;
		more = more && next_word(&text, word);
	}
	explicit_bzero(&e, sizeof e);
	explicit_bzero(word, sizeof word);
	return found;
}

/* The file's text; NULL: it cannot be read, or is too large. */
static char *
read_all(int fd)
{
	char *text = calloc(1, FILE_MAX + 1);
	ssize_t n = text == NULL ? -1 : v2m_io_pread(fd, text, FILE_MAX + 1, 0,
	    "~/.netrc", NULL);

	if (n >= 0 && n <= FILE_MAX)
		return text;
	free(text);
	return NULL;
}

int
v2m_netrc_ask(const char *host, char *user, char *password, size_t size,
    struct v2m_err *err)
{
	const char *home = getenv("HOME");
	char path[PATH_MAX], *text = NULL;
	int fd = -1, found = 0;

	if (home == NULL || home[0] != '/' || snprintf(path, sizeof path,
	    "%s/.netrc", home) >= (int)sizeof path)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return 0;
	text = read_all(fd);
	if (text != NULL)
		found = v2m_netrc_find(text, host, user, password, size);
	if (found == 1 && v2m_secret_check(fd, path, false, err) < 0) {
		explicit_bzero(password, size);
		found = -1;
	}
	if (text != NULL)
		explicit_bzero(text, FILE_MAX);
	free(text);
	close(fd);
	return found;
}
