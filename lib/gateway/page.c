#include "gateway/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "gateway/components.h"
#include "http/etag.h"

/* Only load from this origin, allow no frame around the page, and no form to be
 * sent except by the script. */
#define POLICY "default-src 'none'; script-src 'self'; style-src 'self'; " \
	"img-src 'self'; connect-src 'self'; media-src 'self'; " \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

struct v2m_page_tags {			/* an array, one for each file */
	char tag[V2M_SHA256_HEX + 2];
};

static void
compute_tag(const struct v2m_page_file *f, struct v2m_page_tags *t)
{
	char hex[V2M_SHA256_HEX];
	struct v2m_sha256 h;

	v2m_sha256_init(&h);
	v2m_sha256_update(&h, f->start, (size_t)(f->end - f->start));
	v2m_sha256_final(&h, hex);
	snprintf(t->tag, sizeof t->tag, "\"%s\"", hex);
}

struct v2m_page_tags *
v2m_page_tags_new(void)
{
	size_t n, i;
	const struct v2m_page_file *files = v2m_page_files(&n);
	struct v2m_page_tags *tags = calloc(n, sizeof *tags);

	for (i = 0; tags != NULL && i < n; i++)
		compute_tag(&files[i], &tags[i]);
	return tags;
}

void
v2m_page_tags_free(struct v2m_page_tags *tags)
{
	free(tags);
}

/* no-cache: a browser keeps the file, but asks each time whether it has
 * changed; mostly the answer is a 304.  So a new version is used at once. */
static void
headers(struct v2m_rq *rq, const char *tag)
{
	v2m_rq_reply_header(rq, "ETag", tag);
	v2m_rq_reply_header(rq, "Cache-Control", "no-cache");
	v2m_rq_reply_header(rq, "Content-Security-Policy", POLICY);
	v2m_rq_reply_header(rq, "Referrer-Policy", "no-referrer");
}

static void
reply_file(struct v2m_rq *rq, const struct v2m_page_file *f, const char *tag)
{
	const char *known = v2m_rq_header(rq, "If-None-Match");
	bool same = known != NULL && v2m_etag_listed(known, tag);

	/* With a 304 only the header is sent, with the length of the file. */
	headers(rq, tag);
	v2m_rq_reply_static(rq, same ? 304 : 200, f->type, f->start,
	    (size_t)(f->end - f->start));
}

void
v2m_page_get(struct v2m_rq *rq)
{
	size_t n, i;
	const struct v2m_page_file *files = v2m_page_files(&n);
	const struct v2m_page_tags *tags = v2m_rq_components(rq)->page_tags;

	for (i = 0; i < n; i++)
		if (strcmp(files[i].path, v2m_rq_path(rq)) == 0) {
			reply_file(rq, &files[i], tags[i].tag);
			return;
		}
	v2m_rq_reply_text(rq, 404, "no such page");
}
