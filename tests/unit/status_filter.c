/* Which jobs a list shows: by words for their states, and by name. */
#include "flow/status_filter.h"

#include <string.h>

#include "base/fold.h"
#include "tap.h"

static bool
shows(const char *words, const struct v2m_record *r)
{
	struct v2m_status_filter f = { .states = 0 };
	struct v2m_err err;

	return (words == NULL ||
	    v2m_status_states(words, &f.states, &err) == 0) &&
	    v2m_status_matches(&f, r);
}

static void
test_states(void)
{
	const struct v2m_record running = { .state = V2M_JOB_RUNNING },
	    removed = { .state = V2M_JOB_CANCELLED },
	    expired = { .state = V2M_JOB_DONE },
	    warned = { .state = V2M_JOB_DONE, .mp3 = "x", .warnings = "[1]" };

	ok(shows(NULL, &running) && shows(NULL, &expired) &&
	    !shows(NULL, &removed), "all but removed ones");
	ok(shows("running", &running) && shows("failed,converting", &running) &&
	    !shows("queued", &running), "by either word, of several");
	ok(shows("done", &warned) && shows("done", &expired), "all done ones");
	ok(shows("warnings", &warned) && !shows("warnings", &expired) &&
	    shows("expired", &expired), "some of these");
	ok(shows("removed", &removed) && shows("cancelled", &removed),
	    "removed ones where they are named");
}

static void
test_one_state(void)
{
	static const struct {
		const char *words;
		int state;
	} list[] = {
		{ "failed", V2M_JOB_FAILED }, { "new", V2M_JOB_NEW },
		{ "warnings,expired", V2M_JOB_DONE }, { "done", V2M_JOB_DONE },
		{ "held,queued", -1 },
	};
	struct v2m_status_filter f = { .states = 0 };
	struct v2m_err err;
	size_t i;

	ok(v2m_status_filter_state(&f) == -1, "all have several states");
	for (i = 0; i < sizeof list / sizeof list[0]; i++)
		ok(v2m_status_states(list[i].words, &f.states, &err) == 0 &&
		    v2m_status_filter_state(&f) == list[i].state,
		    list[i].words);
	ok(v2m_status_states("", &f.states, &err) < 0 &&
	    v2m_status_states("done,", &f.states, &err) < 0 &&
	    v2m_status_states("done,failde", &f.states, &err) < 0,
	    "a list with an empty or unknown word is refused");
	is(err.msg, "unknown state 'failde': did you mean 'failed'?",
	    "which one, and which is near");
	ok(v2m_status_states("done,,held", &f.states, &err) < 0,
	    "and so is one that is near to none");
	is(err.msg, "unknown state '': use one of new held queued converting "
	    "done warnings expired failed removed, or several with commas "
	    "between them", "with all that there are");
}

static void
test_long_names(void)
{
	char text[V2M_FOLD_MAX], part[V2M_FOLD_MAX + 44];

	memset(text, 'a', sizeof text - 1);
	memcpy(text + sizeof text - 3, "bC", 3);
	memset(part, 'A', sizeof part - 1);
	part[sizeof part - 1] = '\0';
	ok(v2m_fold_has(text, "aBc") && v2m_fold_has(text, text),
	    "the end of the longest text, and all of it");
	ok(!v2m_fold_has(text, part), "a part that is longer");
	memset(text, 'a', sizeof text - 1);
	ok(!v2m_fold_has(text, part), "of the same letters");
	ok(!v2m_fold_has("a\xc0\x80z", "aa") &&
	    v2m_fold_has("a\xc0\x80z", "Z"), "a NUL of two bytes is no end");
}

static void
test_names(void)
{
	const struct v2m_record r = { .state = V2M_JOB_QUEUED,
	    .name = "H\xc3\xb6rprobe 2026.MP4" };

	ok(v2m_status_matches(&(struct v2m_status_filter){ .name =
	    "\xc3\x96RPROBE" }, &r), "a part of the name");
	ok(!v2m_status_matches(&(struct v2m_status_filter){ .name =
	    "probe 2027" }, &r), "none of it");
	ok(v2m_fold_has("abc", "") && v2m_fold_has("", "") &&
	    v2m_fold_has("abc", "BC"), "nothing, and the end of a text");
	ok(!v2m_fold_has("abc", "bcd") && !v2m_fold_has("", "a"),
	    "a part that is longer than the text stands nowhere");
	ok(v2m_fold_has("\xd0\x9a\xd0\xbe\xd1\x82", "\xd0\xba\xd0\x9e"),
	    "another alphabet");
	ok(v2m_fold_has("a\xc3", "\xc3") && !v2m_fold_has("\xff", "\xfe") &&
	    !v2m_fold_has("\xf0\x9f", "\xf0\x9f\x8e\xb5"),
	    "bytes that are no text");
}

int
main(void)
{
	test_states();
	test_one_state();
	test_names();
	test_long_names();
	return tap_done();
}
