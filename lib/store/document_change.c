/* Changes of documents.  They obey the mark of a move, which is one itself. */
#include <string.h>

#include "base/clock.h"
#include "store/document.h"
#include "store/moved.h"
#include "store/private.h"

const char *const v2m_documents_moved[] = { V2M_LIMITS_DOCUMENT,
	V2M_KEPT_DOCUMENT, V2M_SINCE_DOCUMENT, NULL };

/* Does this kind of document move with the jobs?  Changes of others are not
 * checked. */
static bool
is_moved(const char *kind)
{
	size_t i;

	for (i = 0; v2m_documents_moved[i] != NULL; i++)
		if (strcmp(v2m_documents_moved[i], kind) == 0)
			return true;
	return false;
}

static int
check_moved(struct v2m_store *s, const char *kind, struct v2m_err *err)
{
	return is_moved(kind) ? v2m_moved_check(s, V2M_WRITE_NEW, err) : 0;
}

static int
check_late(struct v2m_store *s, const char *kind, int64_t begun,
    struct v2m_err *err)
{
	return is_moved(kind) ? v2m_moved_check_late(s, begun, err) : 0;
}

int
v2m_document_put(struct v2m_store *s, struct v2m_document *n,
    struct v2m_err *err)
{
	int64_t old = n->rev, begun = v2m_boot_ms();
	int won;

	if (check_moved(s, n->kind, err) < 0)
		return -1;
	won = v2m_document_write(s, n, err);
	if (won == 1 && check_late(s, n->kind, begun, err) < 0) {
		n->rev = old;
		won = -1;
	}
	return won;
}

int
v2m_document_drop(struct v2m_store *s, const char *kind, const char *key,
    int64_t rev, struct v2m_err *err)
{
	int64_t begun = v2m_boot_ms();
	int dropped;

	if (check_moved(s, kind, err) < 0)
		return -1;
	dropped = v2m_document_remove(s, kind, key, rev, err);
	return dropped == 1 && check_late(s, kind, begun, err) < 0 ? -1 :
	    dropped;
}
