/* conf.h - the configuration: one table of keys, and five sources of values.
 *
 * The sources are: defaults; /etc/v2m/v2m.conf; $XDG_CONFIG_HOME/v2m/v2m.conf;
 * the environment (V2M_ and the key); options.  A later one wins.  If the first
 * file does not exist, or may not be read, /etc/v2m/client.conf is read in its
 * place: that is for all users, and has few keys.  --config FILE or V2M_CONFIG
 * names one file to read in place of all.  A file has lines "key = value"; '#'
 * starts a comment line.  Every value is checked when it is loaded, so a getter
 * cannot fail.  Asking for a key that is not in the table is a bug, and aborts.
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
	V2M_CONF_SIZE,		/* bytes; the default may be a word, whose
				 * number is 0 */
	V2M_CONF_INT,		/* above 0 */
	V2M_CONF_LIMIT,		/* a whole number; 0: no limit */
	V2M_CONF_BOOL,		/* yes or no */
	V2M_CONF_WORD,		/* one of a few: see conf_values.c */
};

struct v2m_conf_key {
	const char *name;
	enum v2m_conf_kind kind;
	const char *fallback;	/* the default; STATE/ is the state folder */
	const char *help;
};

/* The table, ended by a NULL name: for --print-config, the manual's test and
 * completions. */
extern const struct v2m_conf_key v2m_conf_keys[];

#define V2M_CONF_ROOT_STATE "/var/lib/v2m"	/* root's, without V2M_STATE */

#define V2M_CONF_MAX 128	/* more keys than the table has */

struct v2m_conf {
	char *state;			/* the folder STATE, absolute */
	char *values[V2M_CONF_MAX];	/* by index into v2m_conf_keys */
	const char *origin[V2M_CONF_MAX]; /* "default", "environment", a file */
	char *files[3];			/* the paths of the files looked for */
	const char *passed_over;	/* one of these that exists, but may not
					 * be read; or NULL */
};

/* The kind of command: what does it mean if a file in /etc/v2m may not be
 * read? */
enum v2m_conf_reader {
	V2M_CONF_SERVICE,	/* an error: never start with defaults */
	V2M_CONF_CLIENT,	/* an error, unless url is set elsewhere */
	V2M_CONF_FILTER,	/* nothing: v2m-convert */
};

/* A value that an option sets.  A list of them ends with a NULL key. */
struct v2m_conf_override {
	const char *key, *value;
};

/* Load the configuration for V2M_CONF_SERVICE, or for a reader.  file: that of
 * --config, or NULL.  overrides: of options, or NULL.  Only a file that was
 * named must exist.  V2M_CONFIG: with file and line.  On failure conf is
 * released. */
int v2m_conf_load(struct v2m_conf *conf, const char *file,
    const struct v2m_conf_override *overrides, struct v2m_err *err);
int v2m_conf_load_for(struct v2m_conf *conf, enum v2m_conf_reader reader,
    const char *file, const struct v2m_conf_override *overrides,
    struct v2m_err *err);

/* Load the configuration of another v2m.  from: its file, whose STATE is then
 * our own; or its state folder, without a file.  Neither variables nor options
 * are used. */
int v2m_conf_load_other(struct v2m_conf *conf, const char *from,
    struct v2m_err *err);
void v2m_conf_release(struct v2m_conf *conf);

const char *v2m_conf_text(const struct v2m_conf *conf, const char *key);
int64_t v2m_conf_number(const struct v2m_conf *conf, const char *key);

/* The same for a key whose 0 means "no limit": then V2M_CONF_NO_LIMIT, which is
 * larger than any disk, and small enough to be added to. */
#define V2M_CONF_NO_LIMIT (INT64_C(1) << 52)
int64_t v2m_conf_limit(const struct v2m_conf *conf, const char *key);

bool v2m_conf_bool(const struct v2m_conf *conf, const char *key);

/* Was it set anywhere, or is it the default? */
bool v2m_conf_is_set(const struct v2m_conf *conf, const char *key);

/* If the URL of a key has this scheme, the part behind it; else NULL:
 * "/var/lib/v2m/store" of "dir:/var/lib/v2m/store". */
const char *v2m_conf_rest(const struct v2m_conf *conf, const char *key,
    const char *scheme);

/* A folder of the XDG base directory specification, with rest below it: the
 * variable where it is an absolute path, else fallback below the home
 * directory ("XDG_STATE_HOME", ".local/state", "v2m").  Caller frees.  NULL:
 * errno. */
char *v2m_conf_xdg(const char *variable, const char *fallback,
    const char *rest);

/* What is wrong with this value for the key: a phrase to put behind the value
 * ("is not a number"); NULL: nothing. */
const char *v2m_conf_complaint(const char *key, const char *value);

/* The value of a key, without the password of its URL.  Caller frees; NULL: no
 * memory. */
char *v2m_conf_masked(const struct v2m_conf *conf, const char *key);

/* Write the effective configuration in the form of the file, passwords in
 * URLs masked. */
void v2m_conf_print(const struct v2m_conf *conf, FILE *out);

#endif
