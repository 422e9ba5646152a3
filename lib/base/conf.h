/* conf.h - the configuration: one table of keys, five places they come from.
 *
 * Defaults, /etc/v2m/v2m.conf, $XDG_CONFIG_HOME/v2m/v2m.conf, the environment
 * (V2M_ and the key), options; later wins.  Where the first file is not there,
 * or not for us to read, /etc/v2m/client.conf is read in its place: it is for
 * all users, and holds few keys.  --config FILE or V2M_CONFIG names one file to
 * read in place of all.  A file holds lines "key = value", '#' starts a comment
 * line.  Everything is checked when it is loaded, so a getter cannot
 * fail; asking for a key that the table does not hold is a bug and aborts.
 *
 * Thread safety: read-only once loaded.
 */
#ifndef V2M_BASE_CONF_H
#define V2M_BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

enum v2m_conf_kind {
	V2M_CONF_TEXT,
	V2M_CONF_URL,		/* scheme:rest */
	V2M_CONF_PATH,		/* absolute, or empty */
	V2M_CONF_DURATION,	/* milliseconds */
	V2M_CONF_SIZE,		/* bytes; its default may be a word, which is
				 * 0 as a number */
	V2M_CONF_INT,		/* above 0 */
	V2M_CONF_LIMIT,		/* a whole number; 0: no limit */
	V2M_CONF_BOOL,		/* yes or no */
	V2M_CONF_WORD,		/* one of a few, listed in conf.c */
};

struct v2m_conf_key {
	const char *name;
	enum v2m_conf_kind kind;
	const char *fallback;	/* "STATE/" in front: the state folder */
	const char *help;
};

/* The table, ended by a NULL name: for --print-config, the manual's test and
 * completions. */
extern const struct v2m_conf_key v2m_conf_keys[];

#define V2M_CONF_ROOT_STATE "/var/lib/v2m"	/* unless V2M_STATE says else */

#define V2M_CONF_MAX 128	/* more keys than the table has */

struct v2m_conf {
	char *state;			/* the folder STATE, absolute */
	char *values[V2M_CONF_MAX];	/* by index into v2m_conf_keys */
	const char *origin[V2M_CONF_MAX]; /* "default", "environment", a file */
	char *files[3];			/* the paths of those looked for */
	const char *passed_over;	/* of these, one that is not ours to
					 * read; or NULL */
};

/* Which kind of command reads, and so what an unreadable file in /etc/v2m
 * means. */
enum v2m_conf_reader {
	V2M_CONF_SERVICE,	/* an error: never start on defaults */
	V2M_CONF_CLIENT,	/* one unless url is set elsewhere */
	V2M_CONF_FILTER,	/* nothing: v2m-convert */
};

/* An option's say: key = value.  A list of them ends with a NULL key. */
struct v2m_conf_override {
	const char *key, *value;
};

/* Load.  file: the one of --config, or NULL.  overrides: or NULL.  A file
 * that is not there is fine unless it was named.  V2M_CONFIG, with file and
 * line.  On failure conf is released. */
int v2m_conf_load(struct v2m_conf *conf, const char *file,
    const struct v2m_conf_override *overrides, struct v2m_err *err);
int v2m_conf_load_for(struct v2m_conf *conf, enum v2m_conf_reader reader,
    const char *file, const struct v2m_conf_override *overrides,
    struct v2m_err *err);
void v2m_conf_release(struct v2m_conf *conf);

const char *v2m_conf_text(const struct v2m_conf *conf, const char *key);
int64_t v2m_conf_number(const struct v2m_conf *conf, const char *key);
bool v2m_conf_bool(const struct v2m_conf *conf, const char *key);

/* Was it set anywhere, or is it the default? */
bool v2m_conf_is_set(const struct v2m_conf *conf, const char *key);

/* What stands behind the scheme of a URL key, where the scheme is `scheme`;
 * else NULL: "STATE/store" of "dir:STATE/store". */
const char *v2m_conf_rest(const struct v2m_conf *conf, const char *key,
    const char *scheme);

/* A folder of the XDG base directory specification, with rest below it: the
 * variable where it is an absolute path, else fallback below the home
 * directory ("XDG_STATE_HOME", ".local/state", "v2m").  Caller frees.  NULL:
 * errno. */
char *v2m_conf_xdg(const char *variable, const char *fallback,
    const char *rest);

/* Why this value will not do for a key of the table: a complaint to put behind
 * the value, or NULL. */
const char *v2m_conf_complaint(const char *key, const char *value);

/* Write the effective configuration in the form of the file, passwords in
 * URLs masked. */
void v2m_conf_print(const struct v2m_conf *conf, FILE *out);

#endif
