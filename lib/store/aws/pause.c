/* The pause between two tries. */
#include "store/aws/aws.h"

#include <poll.h>

#include "base/clock.h"
#include "base/stop.h"

#define PAUSE_MS 100
#define PAUSE_MOST_MS 3000

bool
v2m_aws_pause(unsigned n)
{
	int ms = (int)v2m_backoff_ms(PAUSE_MS, PAUSE_MOST_MS, n);

	/* After the first signal, v2m_stop_sleep() does not sleep. */
	if (v2m_stop_count() > 0)
		poll(NULL, 0, ms);
	else
		v2m_stop_sleep(ms);
	return v2m_stop_count() < 2;
}
