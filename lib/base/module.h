/* module.h - parts with a heavy library, loaded when first used.
 *
 * libv2m.so itself links only what every command needs; what does not belong
 * there is a shared object of its own beside it, so that `v2m-login --help`
 * pays for none and a machine without servers needs none.  What is asked of a
 * module is one struct of functions, by its symbol.
 */
#ifndef V2M_BASE_MODULE_H
#define V2M_BASE_MODULE_H

#include "base/err.h"

/* Put before that struct: nothing else of a module can be seen from outside.
 * What libv2m.so itself lets out is listed in lib/libv2m.map. */
#define V2M_EXPORT __attribute__((visibility("default")))

/* The struct `symbol` of the module `name` ("token-jwt"), loaded for good from
 * $V2M_LIBDIR or the folder that libv2m.so lies in.  Thread-safe.
 * NULL: V2M_CONFIG, naming the file and why it could not be loaded. */
const void *v2m_module(const char *name, const char *symbol,
    struct v2m_err *err);

/* Call fn with the name of each module there is, in order. */
int v2m_module_list(void (*fn)(const char *name), struct v2m_err *err);

#endif
