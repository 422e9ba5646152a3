/* driver.h - what one scheme of a store's URL gives. */
#ifndef V2M_STORE_DRIVER_H
#define V2M_STORE_DRIVER_H

#include "store/objects.h"
#include "store/records.h"

struct v2m_store_driver {
	const struct v2m_records_ops *records;
	const struct v2m_objects_ops *objects;
};

#endif
