/* page.h - the web page at /: a few files inside the module.
 *
 * They are those of page/; page_files.c has the assembler put them in, so that
 * none is looked for and none can be missing.
 */
#ifndef V2M_GATEWAY_PAGE_H
#define V2M_GATEWAY_PAGE_H

#include "gateway/server.h"

struct v2m_page_file {
	const char *path;		/* "/app.js"; "/" is index.html */
	const char *type;		/* of its content */
	const unsigned char *start, *end;
};

/* All of them; *n receives their number. */
const struct v2m_page_file *v2m_page_files(size_t *n);

/* Each file's path, for the table of routes. */
void v2m_page_get(struct v2m_rq *rq);

/* Their entity tags, computed once. */
struct v2m_page_tags;

struct v2m_page_tags *v2m_page_tags_new(void);		/* NULL: no memory */
void v2m_page_tags_free(struct v2m_page_tags *tags);	/* NULL is fine */

#endif
