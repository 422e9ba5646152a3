/* page.h - the files of the web page.
 *
 * They are in page/.  page_files.c embeds them into the module, so that none
 * can be missing at run time.
 */
#ifndef V2M_GATEWAY_PAGE_H
#define V2M_GATEWAY_PAGE_H

#include "gateway/server.h"

struct v2m_page_file {
	const char *path;		/* "/app.js"; "/" is index.html */
	const char *type;		/* of its content */
	const unsigned char *start, *end;
};

/* All files; *n becomes their number. */
const struct v2m_page_file *v2m_page_files(size_t *n);

/* The route of each file. */
void v2m_page_get(struct v2m_rq *rq);

/* The entity tags of the files, computed once. */
struct v2m_page_tags;

struct v2m_page_tags *v2m_page_tags_new(void);		/* NULL: no memory */
void v2m_page_tags_free(struct v2m_page_tags *tags);	/* NULL is fine */

#endif
