/* store.h - videos, MP3s and the records of jobs, by ID.
 *
 * A store has two halves: records.h, which change by compare-and-set, and
 * objects.h, bytes that are written once.  The scheme of the key `store`
 * selects the drivers of both; `objects`, if it is set, names another place for
 * the bytes.  Any records can be combined with any objects.
 *
 * A struct v2m_store, and what is opened from it, belongs to one thread.
 * Common errors: V2M_TEMP (away, busy, full: try again), V2M_DENIED,
 * V2M_CONFIG (not set up), V2M_IO.
 */
#ifndef V2M_STORE_STORE_H
#define V2M_STORE_STORE_H

#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "store/objects.h"
#include "store/records.h"

struct v2m_store *v2m_store_open(const struct v2m_conf *conf,
    struct v2m_err *err);
void v2m_store_close(struct v2m_store *s);	/* NULL is fine */

/* Make folders, tables, indexes; safe to repeat.  For v2m-init. */
int v2m_store_init(const struct v2m_conf *conf, struct v2m_err *err);

/* Does it answer, and is it still of this version of v2m?  A newer v2m may have
 * upgraded it meanwhile: V2M_CONFIG, "made by a newer v2m". */
int v2m_store_ready(struct v2m_store *s, struct v2m_err *err);

/* The key that names the place of the objects: `objects`, or, if that is not
 * set, `store`. */
const char *v2m_store_objects_key(const struct v2m_conf *conf);

/* The clock of the server that has the records, wall ms. */
int v2m_store_now(struct v2m_store *s, int64_t *now_ms, struct v2m_err *err);

#endif
