/* Which text an error's message may have, and how errors are passed on. */
#include "base/err.h"

#include "tap.h"

static void
says(const char *text, const char *wanted, const char *what)
{
	struct v2m_err err;

	v2m_err_set(&err, V2M_DATA, "%s", text);
	is(err.msg, wanted, what);
}

int
main(void)
{
	struct v2m_err err = { .code = V2M_OK }, why;

	says("a\tb\x1b[2Jc", "a?b?[2Jc", "no control character");
	says("a\xe2\x81\xa6" "b", "a?b", "nor what isolates a text: U+2066");
	says("a\xe2\x81\xa7" "b", "a?b", "U+2067");
	says("a\xe2\x81\xa8" "b", "a?b", "U+2068");
	says("a\xe2\x81\xa9" "b", "a?b", "U+2069");
	says("a\xe2\x80\xae" "b", "a?b", "nor what turns it: U+202E");
	says("\xe2\x82\xac", "\xe2\x82\xac", "a character beside them");

	v2m_err_damage(&why, "the file '%s'", "x");
	ok(v2m_err_pass(&err, &why) < 0, "to pass an error on is a failure");
	ok(err.code == V2M_IO && v2m_err_is_damage(&err), "of the same kind");
	is(err.msg, "the file 'x'", "with the same words");
	ok(v2m_err_pass(NULL, &why) < 0, "nobody need want it");
	ok(v2m_err_set(NULL, V2M_BUG, "x") < 0 &&
	    v2m_err_sys(NULL, V2M_BUG, "x") < 0 &&
	    v2m_err_prefix(NULL, "x") < 0, "nor need one that is set");
	ok(v2m_err_damage(NULL, "x") < 0 && v2m_err_busy(NULL, "x") < 0,
	    "nor damage, nor a limit");
	return tap_done();
}
