/* Embeds the files of the page by the assembler's .incbin; paths are relative
 * to the folder in which make runs. */
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

#define PAGE(symbol, path, file, type) EMBED(symbol, file);
#include "gateway/page_list.h"
#undef PAGE

#define PAGE(symbol, path, file, type) \
	{ path, type, v2m_page_##symbol, v2m_page_##symbol##_end },

static const struct v2m_page_file files[] = {
#include "gateway/page_list.h"
};

const struct v2m_page_file *
v2m_page_files(size_t *n)
{
	*n = sizeof files / sizeof *files;
	return files;
}
