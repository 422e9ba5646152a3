/* Parse XML responses with expat. */
#include "store/aws/aws.h"

#include <expat.h>
#include <string.h>

#define TEXT_MAX 4096		/* per element; keys have at most 1,024 */

struct parse {
	XML_Parser parser;
	void (*each)(void *arg, const char *name, const char *text);
	void *arg;
	char text[TEXT_MAX];
	size_t n;
};

static void
on_start(void *self, const char *name, const char **attributes)
{
	struct parse *p = self;

	(void)name;
	(void)attributes;
	p->n = 0;
}

static void
on_text(void *self, const char *text, int n)
{
	struct parse *p = self;

	if (p->n + (size_t)n >= sizeof p->text) {
		XML_StopParser(p->parser, XML_FALSE);
		return;
	}
	memcpy(p->text + p->n, text, (size_t)n);
	p->n += (size_t)n;
}

static void
on_end(void *self, const char *name)
{
	struct parse *p = self;
	const char *colon = strrchr(name, ':');

	p->text[p->n] = '\0';
	p->each(p->arg, colon == NULL ? name : colon + 1, p->text);
	p->n = 0;
}

/* A DOCTYPE is refused: entities could expand without limit. */
static void
on_doctype(void *self, const char *name, const char *system,
    const char *public, int internal)
{
	struct parse *p = self;

	(void)name, (void)system, (void)public, (void)internal;
	XML_StopParser(p->parser, XML_FALSE);
}

bool
v2m_aws_xml(const char *xml, size_t n,
    void (*each)(void *arg, const char *name, const char *text), void *arg)
{
	struct parse p = { .each = each, .arg = arg };
	bool good;

	p.parser = XML_ParserCreate(NULL);
	if (p.parser == NULL)
		return false;
	XML_SetUserData(p.parser, &p);
	XML_SetElementHandler(p.parser, on_start, on_end);
	XML_SetCharacterDataHandler(p.parser, on_text);
	XML_SetStartDoctypeDeclHandler(p.parser, on_doctype);
	good = XML_Parse(p.parser, xml, (int)n, 1) == XML_STATUS_OK;
	XML_ParserFree(p.parser);
	return good;
}
