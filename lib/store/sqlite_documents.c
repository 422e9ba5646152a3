/* Documents, in the table `note`. */
#include "store/document.h"

#include <stdlib.h>
#include <string.h>

#include "store/sqlite.h"

static int
fill_document(struct v2m_document *n, struct v2m_rows *rows,
    struct v2m_err *err)
{
	v2m_text_copy(n->key, sizeof n->key, v2m_rows_text(rows, 0));
	n->rev = v2m_rows_int(rows, 1);
	n->until = v2m_rows_int(rows, 2);
	n->text = strdup(v2m_rows_text(rows, 3));
	return n->text == NULL ?
	    v2m_err_sys(err, V2M_TEMP, "cannot read a document") : 0;
}

#define DOCUMENT "SELECT key, rev, until, text FROM note "

int
v2m_sqlite_document_get(void *self, const char *kind, const char *key,
    struct v2m_document *n, struct v2m_err *err)
{
	struct v2m_sqlite *q = self;
	struct v2m_rows *rows = v2m_db_query(q->db, err,
	    DOCUMENT "WHERE kind = ? AND key = ?", "tt", kind, key);
	int found;

	if (rows == NULL)
		return -1;
	found = v2m_rows_next(rows, err);
	if (found == 1 && fill_document(n, rows, err) < 0)
		found = -1;
	v2m_rows_free(rows);
	return found;
}

int
v2m_sqlite_document_put(void *self, const struct v2m_document *n,
    int64_t old_rev, struct v2m_err *err)
{
	struct v2m_sqlite *q = self;
	bool taken;

	if (old_rev != 0)
		return (int)v2m_db_run(q->db, err, NULL, "UPDATE note "
		    "SET rev = ?, until = ?, text = ? WHERE kind = ? AND "
		    "key = ? AND rev = ?", "iittti", n->rev, n->until,
		    v2m_document_text(n), n->kind, n->key, old_rev);
	if (v2m_db_run(q->db, err, &taken, "INSERT INTO note (kind, "
	    "key, rev, until, text) VALUES (?, ?, ?, ?, ?)", "ttiit", n->kind,
	    n->key, n->rev, n->until, v2m_document_text(n)) >= 0)
		return 1;
	return taken ? 0 : -1;
}

int
v2m_sqlite_document_drop(void *self, const char *kind, const char *key,
    int64_t rev, struct v2m_err *err)
{
	struct v2m_sqlite *q = self;

	return (int)v2m_db_run(q->db, err, NULL, "DELETE FROM note "
	    "WHERE kind = ? AND key = ? AND (? = 0 OR rev = ?)", "ttii", kind,
	    key, rev, rev);
}

int
v2m_sqlite_document_list(void *self, const char *kind, int64_t until_before,
    const char *after, int limit, struct v2m_document **list, size_t *n,
    struct v2m_err *err)
{
	struct v2m_sqlite *q = self;
	struct v2m_rows *rows;
	int more = -1;

	*list = calloc((size_t)limit + 1, sizeof **list);
	if (*list == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot list documents");
	rows = v2m_db_query(q->db, err, DOCUMENT "WHERE kind = ? AND "
	    "key > ? AND (? = 0 OR (until > 0 AND until < ?)) ORDER BY key "
	    "LIMIT ?", "ttiii", kind, after, until_before, until_before,
	    (int64_t)limit);
	while (rows != NULL && (more = v2m_rows_next(rows, err)) == 1) {
		struct v2m_document *document = &(*list)[(*n)++];

		v2m_text_copy(document->kind, sizeof document->kind, kind);
		if (fill_document(document, rows, err) < 0)
			break;
	}
	v2m_rows_free(rows);
	return more == 0 ? 0 : -1;
}
