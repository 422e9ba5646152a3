/* The server's time, by its latest responses. */
#include "store/aws/dynamo.h"

#include "base/clock.h"

#define CLOCK_OLD_MS 60000

int
v2m_dynamo_now(void *self, int64_t *now_ms, struct v2m_err *err)
{
	struct v2m_dynamo_key key = { "clock", "none" };
	struct v2m_dynamo *d = self;
	json_t *item = NULL;

	if (d->clock_at_ms == 0 ||
	    v2m_mono_ms() - d->clock_at_ms > CLOCK_OLD_MS) {
		if (v2m_dynamo_get(d, &key, &item, "ask for the time",
		    err) < 0)
			return -1;
		json_decref(item);
	}
	if (d->clock_at_ms == 0)
		return v2m_err_set(err, V2M_UNAVAILABLE, "%s does not tell the "
		    "time: its answers have no Date", d->aws.host);
	*now_ms = d->clock_ms + v2m_mono_ms();
	return 0;
}
