/* What a file's name says about its content. */
#include "media/hint.h"

#include "tap.h"

static void
says(const char *name, const char *wanted)
{
	char hint[V2M_HINT_SIZE];

	v2m_hint(hint, name);
	is(hint, wanted, name == NULL ? "no name" : name);
}

int
main(void)
{
	says("talk.sbc", "sbc");
	says("TALK.APTX", "aptx");
	says("a.mp3.g722", "g722");
	says("dir.sbc/talk.ul", "ul");
	says(".g722", "g722");
	says("talk", "");
	says("talk.", "");
	says("dir.sbc/talk", "");
	says("a.b c", "");
	says("a.\xc3\xbc", "");
	says("a.1234567", "1234567");
	says("a.12345678", "");
	says("", "");
	says(NULL, "");
	return tap_done();
}
