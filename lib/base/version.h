/* version.h - the one place that knows how old v2m is. */
#ifndef V2M_BASE_VERSION_H
#define V2M_BASE_VERSION_H

#define V2M_VERSION "0.1.0"

#endif
