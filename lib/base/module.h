/* module.h - parts that need a large library, loaded when first used.
 *
 * libv2m.so only links what every command needs.  All else is in shared objects
 * of their own beside it: so `v2m-login --help` loads none of them, and a
 * machine without servers does not need their libraries.  A module has one
 * symbol, a struct of functions.
 */
#ifndef V2M_BASE_MODULE_H
#define V2M_BASE_MODULE_H

#include "base/err.h"

/* For that struct: no other symbol of a module is visible.  The symbols that
 * libv2m.so exports are listed in lib/libv2m.map. */
#define V2M_EXPORT __attribute__((visibility("default")))

/* The struct `symbol` of the module `name` ("token-jwt"), loaded for good from
 * $V2M_LIBDIR or the folder that libv2m.so lies in.  Thread-safe.
 * NULL: V2M_CONFIG, naming the file and why it could not be loaded. */
const void *v2m_module(const char *name, const char *symbol,
    struct v2m_err *err);

/* Call fn with the name of each module that is installed, in order. */
int v2m_module_list(void (*fn)(const char *name), struct v2m_err *err);

#endif
