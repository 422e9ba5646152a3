/* document.h - small documents that all machines of a store share.
 *
 * They hold what is neither a video nor a job, but must be known to all
 * processes: download tickets, the ledger of quotas, the state of partial
 * uploads.  A document has a kind (one of our words), a key, a text of at most
 * 64 KiB, and a revision.  It changes only by compare-and-set on the revision,
 * and no revision is used twice for a key, even if the document is dropped and
 * made again.
 *
 * After the time `until`, v2m-prune removes it.  It may still be there for a
 * while, so a reader must check the time.
 */
#ifndef V2M_STORE_DOCUMENT_H
#define V2M_STORE_DOCUMENT_H

#include "store/store.h"

/* The kinds of documents that more than one module uses. */
#define V2M_TICKET_DOCUMENT "ticket"	/* a download without a token */
#define V2M_TICKETS_DOCUMENT "tickets"	/* all tickets of an account */
#define V2M_PROXY_DOCUMENT "proxy"	/* one that a gateway does not trust */
/* The kinds that move with the jobs to another store (moved.h).  lib/flow says
 * what is in them. */
#define V2M_LIMITS_DOCUMENT "limits"	/* what an owner may have */
#define V2M_KEPT_DOCUMENT "kept"	/* jobs that outlive their account */
#define V2M_SINCE_DOCUMENT "since"	/* since when ends are published */
extern const char *const v2m_documents_moved[];	/* these; ends with NULL */

#define V2M_DOCUMENT_KIND 16	/* bytes, with the NUL: a-z and '-' */
#define V2M_DOCUMENT_KEY 256	/* clean text, not empty */
#define V2M_DOCUMENT_TEXT 65536

struct v2m_document {
	char kind[V2M_DOCUMENT_KIND];
	char key[V2M_DOCUMENT_KEY];
	int64_t rev;		/* 0: it is not in the store */
	int64_t until;		/* wall ms; 0: without limit */
	char *text;		/* owned (malloc); NULL: the empty text */
};

/* Read it into *n, whose text is freed first; *n is all zero or was filled by
 * this function.  1; 0: there is none, and *n is ready to make one: kind and
 * key are set, the rest is empty; -1. */
int v2m_document_get(struct v2m_store *s, const char *kind, const char *key,
    struct v2m_document *n, struct v2m_err *err);

/* Make it (n->rev is 0), or change it if its revision is still n->rev.  Sets
 * n->rev to the new revision.  1; 0: another was faster; -1: it may have been
 * changed or not. */
int v2m_document_put(struct v2m_store *s, struct v2m_document *n,
    struct v2m_err *err);

/* Remove it if its revision is rev; rev 0: any.  1; 0: it is gone or was
 * changed; -1. */
int v2m_document_drop(struct v2m_store *s, const char *kind, const char *key,
    int64_t rev, struct v2m_err *err);

/* The text, or "". */
const char *v2m_document_text(const struct v2m_document *n);

/* Replace the text by a copy.  V2M_TEMP: no memory; V2M_BUG: too long. */
int v2m_document_set(struct v2m_document *n, const char *text,
    struct v2m_err *err);

/* Free the text and set all to zero. */
void v2m_document_clear(struct v2m_document *n);

/* The documents of a kind in the order of their keys: at most limit, after the
 * key `after` (NULL: all), and, unless until_before is 0, only those whose
 * `until` is before it.  Caller frees with v2m_documents_free(). */
int v2m_document_list(struct v2m_store *s, const char *kind,
    int64_t until_before, const char *after, int limit,
    struct v2m_document **list, size_t *n, struct v2m_err *err);
void v2m_documents_free(struct v2m_document *list, size_t n);

#endif
