/* Send a request until there is a response that counts. */
#include "store/aws/aws.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

static int
try_once(struct v2m_aws *aws, const struct v2m_aws_request *rq,
    int64_t wanted_after, struct v2m_aws_answer *a, struct v2m_err *err)
{
	struct v2m_aws_call *c = v2m_aws_call_new(aws, aws->curl, rq,
	    wanted_after, err);

	if (c == NULL ||
	    v2m_aws_call_end(c, curl_easy_perform(aws->curl), a, err) < 0)
		return -1;
	if (rq->is_whole == NULL || rq->is_whole(rq->arg, a))
		return 0;
	v2m_aws_answer_clear(a);
	return v2m_err_set(err, V2M_TEMP, "%s: its answer was damaged on the "
	    "way", aws->host);
}

static bool
is_fine(const struct v2m_aws_request *rq, const struct v2m_aws_answer *a)
{
	if (rq->answer_code != NULL && strcmp(a->code, rq->answer_code) == 0)
		return true;
	return (a->status >= 200 && a->status < 300 && a->code[0] == '\0') ||
	    a->status == 404 || a->status == 412 || a->status == 416 ||
	    a->status == 501;
}

int
v2m_aws_ask(struct v2m_aws *aws, const struct v2m_aws_request *rq,
    int64_t most_ms, struct v2m_aws_answer *a, const char *doing,
    struct v2m_err *err)
{
	int64_t until = v2m_mono_ms() + most_ms, wanted_after = 0;
	struct v2m_err failure;
	bool lost = false, later;
	unsigned n;

	for (n = 0; ; n++) {
		*a = (struct v2m_aws_answer){ .status = 0 };
		if (try_once(aws, rq, wanted_after, a, &failure) < 0) {
			later = failure.code == V2M_TEMP;
			lost = true;
			v2m_err_prefix(&failure, "cannot %s", doing);
		} else {
			a->lost = lost;
			if (a->date != 0)
				aws->ahead_ms = a->date - v2m_wall_ms();
			if (is_fine(rq, a))
				return 0;
			later = v2m_aws_is_later(a);
			lost |= a->status >= 500;
			if (v2m_aws_has_expired(a) && wanted_after == 0) {
				wanted_after = v2m_wall_ms();
				later = true;
			}
			v2m_aws_refused(aws, a, doing, &failure);
			v2m_aws_answer_clear(a);
		}
		/* A try that stalled may have used up the time: try once more
		 * even so. */
		if (!later || (n > 0 && v2m_mono_ms() > until) ||
		    !v2m_aws_pause(n))
			break;
		v2m_debug("%s, trying again", failure.msg);
	}
	return v2m_err_pass(err, &failure);
}
