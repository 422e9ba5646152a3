/* version.h - the version; it is nowhere else. */
#ifndef V2M_BASE_VERSION_H
#define V2M_BASE_VERSION_H

#define V2M_VERSION "0.1.0"

#endif
