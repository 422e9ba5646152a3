/* Repeat a step that failed temporarily. */
#include "store/mongodb/mongodb.h"

#include "base/clock.h"
#include "base/stop.h"

#define PAUSE_MS 300

struct v2m_mongodb_try
v2m_mongodb_try(int64_t most_ms)
{
	struct v2m_mongodb_try t = { .until_ms = v2m_mono_ms() + most_ms };

	return t;
}

static bool
worth_it(const struct v2m_mongodb_try *t)
{
	return t->failure.code == V2M_TEMP && v2m_mono_ms() <= t->until_ms &&
	    v2m_stop_sleep(PAUSE_MS) < 2;
}

bool
v2m_mongodb_again(struct v2m_mongodb_try *t, int ret, struct v2m_err *err)
{
	if (ret >= 0)
		return false;
	if (worth_it(t)) {
		t->lost = true;
		return true;
	}
	v2m_err_pass(err, &t->failure);
	return false;
}
