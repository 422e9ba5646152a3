/* conf_private.h - what the files of conf.h share.
 *
 * Files: conf.c (the settings in force), conf_load.c (layer over layer),
 * conf_keys.c (the table of keys), conf_values.c (what their values may be),
 * conf_files.c (the files), conf_refused.c (one that may not be read),
 * conf_folders.c (home and state), conf_print.c.
 */
#ifndef V2M_CONF_PRIVATE_H
#define V2M_CONF_PRIVATE_H

#include "base/conf.h"
#include "base/suggest.h"

/* A key's place in v2m_conf_keys; V2M_CONF_MAX where there is none. */
size_t v2m_conf_index(const char *key);

/* The same; aborts if there is none. */
size_t v2m_conf_must_index(const char *key);

/* NULL where the key may have this value, else what is wrong: "is not ...". */
const char *v2m_conf_check_value(const struct v2m_conf_key *key,
    const char *value);

/* ": did you mean ...", or "", for a wrong value; see v2m_suggest_hint(). */
const char *v2m_conf_suggest(const struct v2m_conf_key *key,
    const char *value, char hint[V2M_SUGGEST_HINT]);

/* Set the value of key i, after a check, with STATE/ replaced.  where: for the
 * message, "file:line", "option" or a variable.  origin: borrowed for the life
 * of conf. */
int v2m_conf_set(struct v2m_conf *conf, size_t i, const char *value,
    const char *where, const char *origin, struct v2m_err *err);

/* Read the file, or else that of $V2M_CONFIG, or else those of the system and
 * the user, if they exist. */
int v2m_conf_read_files(struct v2m_conf *conf, enum v2m_conf_reader reader,
    const char *file, struct v2m_err *err);

/* Set err from errno, always with V2M_CONFIG.  Returns -1. */
int v2m_conf_cannot_read(const char *path, struct v2m_err *err);

/* Set err: why a file may not be read, and what to do about it.  Returns -1. */
int v2m_conf_refuse(const char *path, enum v2m_conf_reader reader,
    struct v2m_err *err);

/* The folder STATE, absolute; the caller frees it. */
char *v2m_conf_state_folder(struct v2m_err *err);

#endif
