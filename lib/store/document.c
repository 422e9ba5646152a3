#include "store/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "store/private.h"

static int
check_key(const char *kind, const char *key, struct v2m_err *err)
{
	char clean[V2M_DOCUMENT_KEY];
	size_t n = strlen(kind);

	if (n > 0 && n < V2M_DOCUMENT_KIND &&
	    strspn(kind, "abcdefghijklmnopqrstuvwxyz-") == n &&
	    key[0] != '\0' && strlen(key) < V2M_DOCUMENT_KEY &&
	    strcmp(v2m_text_copy(clean, sizeof clean, key), key) == 0)
		return 0;
	return v2m_err_set(err, V2M_BUG, "'%s', '%s' names no document", kind,
	    key);
}

const char *
v2m_document_text(const struct v2m_document *n)
{
	return n->text == NULL ? "" : n->text;
}

int
v2m_document_set(struct v2m_document *n, const char *text, struct v2m_err *err)
{
	char *copy;

	if (strlen(text) >= V2M_DOCUMENT_TEXT)
		return v2m_err_set(err, V2M_BUG, "the document %s %s is too "
		    "long", n->kind, n->key);
	copy = strdup(text);
	if (copy == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot document %s", n->key);
	free(n->text);
	n->text = copy;
	return 0;
}

void
v2m_document_clear(struct v2m_document *n)
{
	free(n->text);
	memset(n, 0, sizeof *n);
}

int
v2m_document_get(struct v2m_store *s, const char *kind, const char *key,
    struct v2m_document *n, struct v2m_err *err)
{
	if (check_key(kind, key, err) < 0)
		return -1;
	v2m_document_clear(n);
	v2m_text_copy(n->kind, sizeof n->kind, kind);
	v2m_text_copy(n->key, sizeof n->key, key);
	return s->records->document_get(s->record_driver, kind, key, n, err);
}

/* The first revision of a new document.  It was never used before, so a writer
 * that remembers a dropped document with the same key fails. */
static int64_t
first_rev(void)
{
	uint64_t bits;

	v2m_random(&bits, sizeof bits);
	return (int64_t)(bits >> 16) + 1;
}

int
v2m_document_write(struct v2m_store *s, struct v2m_document *n,
    struct v2m_err *err)
{
	int64_t old = n->rev;
	int won;

	if (check_key(n->kind, n->key, err) < 0)
		return -1;
	if (strlen(v2m_document_text(n)) >= V2M_DOCUMENT_TEXT)
		return v2m_err_set(err, V2M_BUG, "the document %s %s is too "
		    "long", n->kind, n->key);
	if (n->text != NULL)
		v2m_text_clean(n->text);
	if (v2m_fault("document-put", err) < 0)
		return -1;
	n->rev = old == 0 ? first_rev() : old + 1;
	won = s->records->document_put(s->record_driver, n, old, err);
	if (won == 1 && v2m_fault("document-written", err) < 0)
		won = -1;
	if (won != 1)
		n->rev = old;
	return won;
}

int
v2m_document_remove(struct v2m_store *s, const char *kind, const char *key,
    int64_t rev, struct v2m_err *err)
{
	if (check_key(kind, key, err) < 0)
		return -1;
	return s->records->document_drop(s->record_driver, kind, key, rev,
	    err);
}

int
v2m_document_list(struct v2m_store *s, const char *kind, int64_t until_before,
    const char *after, int limit, struct v2m_document **list, size_t *n,
    struct v2m_err *err)
{
	*list = NULL;
	*n = 0;
	if (check_key(kind, "-", err) < 0)
		return -1;
	if (s->records->document_list(s->record_driver, kind, until_before,
	    after == NULL ? "" : after, limit, list, n, err) == 0)
		return 0;
	v2m_documents_free(*list, *n);
	*list = NULL;
	*n = 0;
	return -1;
}

void
v2m_documents_free(struct v2m_document *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(list[i].text);
	free(list);
}
