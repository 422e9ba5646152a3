/* private.h - the inside of a store, for the files of lib/store alone. */
#ifndef V2M_STORE_PRIVATE_H
#define V2M_STORE_PRIVATE_H

#include "base/id.h"
#include "store/document.h"

struct v2m_store {
	const struct v2m_records_ops *records;
	void *record_driver;
	const struct v2m_objects_ops *objects;
	void *object_driver;
	bool ignores_moved;		/* moved.h */
	char mover[V2M_ID_SIZE];	/* its token, if this is it; or "" */
	int64_t unmoved_until;		/* v2m_boot_ms(): until then the mark
					 * need not be read again */
};

struct v2m_reader {
	const struct v2m_objects_ops *ops;
	void *self;
	int64_t length;
};

/* Is it a valid ID?  Every function that takes one checks it with this, as a
 * driver makes file names of IDs.  -1 with `code`: it is not. */
int v2m_store_check_id(const char *id, enum v2m_code code,
    struct v2m_err *err);

/* document.c: v2m_document_put() and v2m_document_drop(), whatever the mark of
 * a move says. */
int v2m_document_write(struct v2m_store *s, struct v2m_document *n,
    struct v2m_err *err);
int v2m_document_remove(struct v2m_store *s, const char *kind,
    const char *key, int64_t rev, struct v2m_err *err);

/* moved.c: is it so short a time since `begun` (v2m_boot_ms()) that a writer
 * may rely on what it read then? */
bool v2m_moved_is_believed(int64_t begun);

#endif
