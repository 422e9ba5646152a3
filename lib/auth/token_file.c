#include "auth/token_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "auth/token_check.h"
#include "base/io.h"
#include "base/secret.h"

#define NAME "token"
#define LOCK ".token.lock"	/* not NAME itself, which is replaced */

/* The file has lines PLACE<TAB>TOKEN, the latest first.  The oldest are dropped
 * when it grows too large: tokens of a deleted STATE would stay for ever, and a
 * file above 64 KiB is not read. */
#define FILE_MAX (60 * 1024)

static char *
folder(struct v2m_err *err)
{
	char *dir = v2m_conf_xdg("XDG_STATE_HOME", ".local/state", "v2m");

	if (dir == NULL)
		v2m_err_sys(err, V2M_TEMP, "cannot name the token's folder");
	return dir;
}

/* Where the token is valid, as the file has it: the URL of the gateway, or the
 * real path of STATE, with %XX for characters that could break a line.  A path
 * begins with '/', a URL does not.  A '/' at the end of a URL is left out. */
static char *
token_place(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *url = v2m_conf_text(conf, "url");
	char *real = url[0] == '\0' ? realpath(conf->state, NULL) : NULL;
	const char *s = url[0] != '\0' ? url : real == NULL ? conf->state :
	    real;
	size_t n = strlen(s), size = 3 * n + 2;
	char *out = malloc(size), *at = out;

	while (url[0] != '\0' && n > 0 && s[n - 1] == '/')
		n--;
	if (out == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot name the state folder");
	} else {
		for (; n > 0; s++, n--)
			if ((unsigned char)*s < ' ' || *s == '%')
				at += snprintf(at, size - (size_t)(at - out),
				    "%%%02X", (unsigned char)*s);
			else
				*at++ = *s;
		memcpy(at, "\t", 2);
	}
	free(real);
	return out;
}

/* The line at *at, ended with NUL; *at moves to the next.  NULL at the end. */
static char *
cut_line(char **at)
{
	char *line = *at;

	if (line == NULL || *line == '\0')
		return NULL;
	*at = strchr(line, '\n');
	if (*at != NULL)
		*(*at)++ = '\0';
	return line;
}

/* The file's text; "": there is no file.  Caller wipes and frees. */
static char *
read_kept(const char *dir, struct v2m_err *err)
{
	struct v2m_err why = { .code = V2M_OK };
	char path[PATH_MAX];
	char *text;

	if (snprintf(path, sizeof path, "%s/" NAME, dir) >= (int)sizeof path) {
		v2m_err_set(err, V2M_CONFIG, "path too long: '%s'", dir);
		return NULL;
	}
	text = v2m_secret_file(path, NULL, &why);
	if (text == NULL && why.code == V2M_NOINPUT)
		text = strdup("");
	if (text == NULL)
		v2m_err_pass(err, &why);
	return text;
}

/* The new text of the file: token, unless NULL, then the tokens of the other
 * places.  *was: there was one for this place.  Caller wipes and frees. */
static char *
rewrite(char *old, const char *mine, const char *token, bool *was)
{
	size_t n = strlen(mine), have = 0;
	size_t size = FILE_MAX + n + V2M_TOKEN_MAX + 2;
	char *text = calloc(1, size), *line;

	if (text == NULL)
		return NULL;
	*was = false;
	if (token != NULL)
		have = (size_t)snprintf(text, size, "%s%s\n", mine, token);
	while ((line = cut_line(&old)) != NULL) {
		if (strncmp(line, mine, n) == 0)
			*was = true;
		else if (have + strlen(line) + 1 <= FILE_MAX)
			have += (size_t)snprintf(text + have, size - have,
			    "%s\n", line);
	}
	return text;
}

static int
write_kept(const char *dir, const char *text, struct v2m_err *err)
{
	struct v2m_newfile f = { .fd = -1 };
	int ret = -1;

	if (v2m_newfile_open(&f, dir, 0600, err) == 0 &&
	    v2m_io_write(f.fd, text, strlen(text), "the token", err) == 0 &&
	    v2m_newfile_commit(&f, NAME, true, err) == 0)
		ret = 0;
	v2m_newfile_discard(&f);
	return ret;
}

/* Two logins at the same moment must not undo each other. */
static int
lock_tokens(const char *dir, struct v2m_err *err)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof path, "%s/" LOCK, dir) >= (int)sizeof path)
		return v2m_err_set(err, V2M_CONFIG, "path too long: '%s'",
		    dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return v2m_err_sys(err, V2M_CANTCREATE, "cannot create '%s'",
		    path);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR) {
			v2m_err_sys(err, V2M_CANTCREATE, "cannot lock '%s'",
			    path);
			close(fd);
			return -1;
		}
	return fd;
}

/* token NULL: remove the one that is there. */
static int
change_token(const struct v2m_conf *conf, const char *token, bool *was,
    struct v2m_err *err)
{
	char *dir = folder(err), *mine = token_place(conf, err);
	char *old = NULL, *text = NULL;
	int fd = -1, ret = -1;

	if (dir == NULL || mine == NULL ||
	    v2m_io_mkdirs(dir, 0700, err) < 0 ||
	    (fd = lock_tokens(dir, err)) < 0 ||
	    (old = read_kept(dir, err)) == NULL)
		goto out;
	text = rewrite(old, mine, token, was);
	if (text == NULL)
		v2m_err_set(err, V2M_TEMP, "no memory for the token");
	else if (token == NULL && !*was)
		ret = 0;
	else
		ret = write_kept(dir, text, err);
out:
	v2m_secret_free(text);
	v2m_secret_free(old);
	if (fd >= 0)
		close(fd);
	free(mine);
	free(dir);
	return ret;
}

int
v2m_token_file_save(const struct v2m_conf *conf, const char *token,
    struct v2m_err *err)
{
	bool was;

	if (v2m_token_check_form(token, err) < 0)
		return -1;
	return change_token(conf, token, &was, err);
}

int
v2m_token_file_remove(const struct v2m_conf *conf, bool *was,
    struct v2m_err *err)
{
	bool there = false;
	int ret = change_token(conf, NULL, &there, err);

	if (was != NULL)
		*was = there;
	return ret;
}

static char *
find_line(char *text, const char *mine, struct v2m_err *err)
{
	size_t n = strlen(mine);
	char *line, *token;

	while ((line = cut_line(&text)) != NULL)
		if (strncmp(line, mine, n) == 0)
			break;
	if (line == NULL) {
		v2m_err_set(err, V2M_DENIED, "not logged in: run v2m-login");
		return NULL;
	}
	token = strdup(line + n);
	if (token == NULL)
		v2m_err_sys(err, V2M_TEMP, "no memory for the token");
	return token;
}

char *
v2m_token_in_use(const struct v2m_conf *conf, struct v2m_err *err)
{
	const char *set = getenv("V2M_TOKEN");
	char *dir, *mine, *text = NULL, *token = NULL;

	/* If V2M_TOKEN=$(v2m-login --print ...) failed, the token of whoever
	 * is logged in must not be used instead. */
	if (set != NULL && set[0] == '\0') {
		v2m_err_set(err, V2M_DENIED, "V2M_TOKEN is set but empty");
		return NULL;
	}
	if (set != NULL) {
		struct v2m_err why;

		if (v2m_token_check_form(set, &why) < 0) {
			v2m_err_set(err, V2M_DENIED, "V2M_TOKEN: %s", why.msg);
			return NULL;
		}
		token = strdup(set);
		if (token == NULL)
			v2m_err_sys(err, V2M_TEMP, "no memory for the token");
		return token;
	}
	dir = folder(err);
	mine = token_place(conf, err);
	if (dir != NULL && mine != NULL &&
	    (text = read_kept(dir, err)) != NULL)
		token = find_line(text, mine, err);
	v2m_secret_free(text);
	free(mine);
	free(dir);
	return token;
}
