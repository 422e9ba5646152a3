/* document.h - small documents that all machines of a store share.
 *
 * For what is neither a video nor a job and must not be known to one process
 * alone: download tickets, the ledger of quotas, the states of partial
 * uploads.  A document has a kind (a word of ours), a key, a text of at most 64
 * KiB, and a revision; it changes by compare-and-set on that and in no other
 * way. A revision never comes again, not even where a document is dropped and
 * another made in its place.
 *
 * `until` says when it is of no use any more: v2m-prune removes it then.  Up
 * to that moment and beyond, it is there: who reads it judges the time.
 */
#ifndef V2M_STORE_DOCUMENT_H
#define V2M_STORE_DOCUMENT_H

#include "store/store.h"

/* The kinds of documents that are not of one module alone. */
#define V2M_TICKET_DOCUMENT "ticket"	/* a download without a token */
#define V2M_PROXY_DOCUMENT "proxy"	/* one that a gateway does not trust */

#define V2M_DOCUMENT_KIND 16	/* bytes, with the NUL: a-z and '-' */
#define V2M_DOCUMENT_KEY 256	/* clean text, not empty */
#define V2M_DOCUMENT_TEXT 65536

struct v2m_document {
	char kind[V2M_DOCUMENT_KIND];
	char key[V2M_DOCUMENT_KEY];
	int64_t rev;		/* 0: it is not in the store */
	int64_t until;		/* wall ms; 0: for good */
	char *text;		/* owned: malloc(); NULL is the empty text */
};

/* Read it into *n, whose text is freed first; n is all zero, or was filled
 * here.  1; 0 there is none, and then *n is one to be made: kind and key set,
 * the rest empty; -1. */
int v2m_document_get(struct v2m_store *s, const char *kind, const char *key,
    struct v2m_document *n, struct v2m_err *err);

/* Make it (rev 0) or change it, if its revision is still n->rev, which becomes
 * the new one.  1; 0 somebody was faster; -1, and then the outcome may be
 * unknown. */
int v2m_document_put(struct v2m_store *s, struct v2m_document *n,
    struct v2m_err *err);

/* Remove it if its revision is rev; 0: whatever it is.  1; 0 it is gone, or
 * another; -1. */
int v2m_document_drop(struct v2m_store *s, const char *kind, const char *key,
    int64_t rev, struct v2m_err *err);

/* The text, or "". */
const char *v2m_document_text(const struct v2m_document *n);

/* Replace the text by a copy.  V2M_TEMP: no memory; V2M_BUG: too long. */
int v2m_document_set(struct v2m_document *n, const char *text,
    struct v2m_err *err);

/* Free the text; the rest is zero then. */
void v2m_document_clear(struct v2m_document *n);

/* Those of a kind, by key: above `after` (NULL: all), and, unless
 * until_before is 0, only with an `until` before it; at most limit.  Caller
 * frees with v2m_documents_free(). */
int v2m_document_list(struct v2m_store *s, const char *kind,
    int64_t until_before, const char *after, int limit,
    struct v2m_document **list, size_t *n, struct v2m_err *err);
void v2m_documents_free(struct v2m_document *list, size_t n);

#endif
