/* "Did you mean": which word is near to which. */
#include "base/suggest.h"
#include "tap.h"

static const char *const words[] = {
	"upload", "convert", "convert-worker", "status", "user", "no", "V2",
	"--q", NULL
};

static const char *
nearest(const char *given)
{
	static struct v2m_suggest s;

	v2m_suggest_start(&s, given);
	for (int i = 0; words[i] != NULL; i++)
		v2m_suggest_offer(&s, words[i]);
	return v2m_suggest_best(&s) == NULL ? "" : v2m_suggest_best(&s);
}

static void
test_words(void)
{
	is(nearest("uplaod"), "upload", "two letters swapped");
	is(nearest("upoad"), "upload", "one left out");
	is(nearest("uploadds"), "upload", "two put in");
	is(nearest("stauts"), "status", "swapped in the middle");
	is(nearest("STATUS"), "status", "a word in capitals");
	is(nearest("convert_worker"), "convert-worker", "an underscore");
	is(nearest("conv"), "convert", "a beginning: the first of two");
	is(nearest("use"), "user", "a short one");
	is(nearest("NO"), "no", "a short one has to be right");
	is(nearest("on"), "", "but for capitals");
	is(nearest("xy"), "", "nothing of a short one is right");
	is(nearest("download"), "", "three letters off");
	is(nearest("co"), "", "too short a beginning");
	is(nearest("--p"), "", "hyphens do not make a word longer");
	is(nearest(""), "", "nothing at all");
	is(nearest("a-very-long-word-that-is-longer-than-all-that-is-known-"
	    "of-any-of-them"), "", "longer than any");
}

static void
test_hint(void)
{
	struct v2m_suggest s;
	char hint[V2M_SUGGEST_HINT];

	v2m_suggest_start(&s, "clasic");
	v2m_suggest_offer_words(&s, " classic quorum ");
	is(v2m_suggest_hint(&s, hint), ": did you mean 'classic'?",
	    "a list of words");
	v2m_suggest_start(&s, "other");
	v2m_suggest_offer_words(&s, "classic quorum");
	is(v2m_suggest_hint(&s, hint), "", "none is near");
	is(v2m_suggest_of("classic", "classic quorum", hint), "",
	    "never the word that was given");
}

int
main(void)
{
	test_words();
	test_hint();
	return tap_done();
}
