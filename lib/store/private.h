/* private.h - what a store is made of, for the files of lib/store. */
#ifndef V2M_STORE_PRIVATE_H
#define V2M_STORE_PRIVATE_H

#include "store/store.h"

struct v2m_store {
	const struct v2m_records_ops *records;
	void *record_driver;
	const struct v2m_objects_ops *objects;
	void *object_driver;
};

struct v2m_reader {
	const struct v2m_objects_ops *ops;
	void *self;
	int64_t length;
};

/* The one grammar for every entrance: a driver makes file names of IDs.
 * `code` where it is none. */
int v2m_store_check_id(const char *id, enum v2m_code code,
    struct v2m_err *err);

#endif
