/* driver.h - finds the driver for a URL of the configuration.
 *
 * Users, store, queue and notifications each have a table of drivers by scheme.
 * Those in libv2m.so are named by address; those with a library of their own
 * are modules (base/module.h), loaded when their scheme is first asked for.
 */
#ifndef V2M_BASE_DRIVER_H
#define V2M_BASE_DRIVER_H

#include "base/conf.h"
#include "base/err.h"

struct v2m_driver {
	const char *scheme;	/* without the colon */
	const char *form;	/* for people: "dir:FOLDER" */
	const void *ops;	/* NULL: */
	const char *module;	/* in this module, */
	const char *symbol;	/* under this name */
};

/* The ops of the driver for the URL in `key`, from a table that ends with a
 * NULL scheme.  NULL: V2M_CONFIG; the message lists the possible forms, or says
 * why the module could not be loaded. */
const void *v2m_driver(const struct v2m_conf *conf, const char *key,
    const struct v2m_driver *table, struct v2m_err *err);

#endif
