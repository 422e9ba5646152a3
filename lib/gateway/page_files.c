/* The files of the page, put in by the assembler: the path is that from the
 * folder in which make runs. */
#include "gateway/page.h"

#define EMBED(symbol, file)						\
	__asm__(".pushsection .rodata\n"				\
	    ".global v2m_page_" #symbol "\n"				\
	    ".hidden v2m_page_" #symbol "\n"				\
	    "v2m_page_" #symbol ":\n"					\
	    ".incbin \"lib/gateway/page/" file "\"\n"			\
	    ".global v2m_page_" #symbol "_end\n"			\
	    ".hidden v2m_page_" #symbol "_end\n"			\
	    "v2m_page_" #symbol "_end:\n"				\
	    ".byte 0\n"							\
	    ".popsection\n");						\
	extern const unsigned char v2m_page_##symbol[],			\
	    v2m_page_##symbol##_end[]

#define PAGE(path, type, symbol)					\
	{ path, type, v2m_page_##symbol, v2m_page_##symbol##_end }

EMBED(index, "index.html");
EMBED(style, "style.css");
EMBED(api, "api.js");
EMBED(app, "app.js");
EMBED(desk, "desk.js");
EMBED(upload, "upload.js");
EMBED(words, "words.js");
EMBED(icon, "icon.svg");

#define HTML "text/html; charset=utf-8"
#define CSS "text/css; charset=utf-8"
#define JS "text/javascript; charset=utf-8"
#define SVG "image/svg+xml"

static const struct v2m_page_file files[] = {
	PAGE("/", HTML, index),
	PAGE("/api.js", JS, api),
	PAGE("/app.js", JS, app),
	PAGE("/desk.js", JS, desk),
	PAGE("/icon.svg", SVG, icon),
	PAGE("/style.css", CSS, style),
	PAGE("/upload.js", JS, upload),
	PAGE("/words.js", JS, words),
};

const struct v2m_page_file *
v2m_page_files(size_t *n)
{
	*n = sizeof files / sizeof *files;
	return files;
}
