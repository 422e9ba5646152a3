/* POST /validate: the claims of a token. */
#include <stdlib.h>

#include "gateway/fail.h"
#include "gateway/handlers.h"
#include "gateway/identity.h"

void
v2m_validate_post(struct v2m_rq *rq)
{
	struct v2m_claims claims;
	struct v2m_err err;
	char *text;

	if (!v2m_identity(rq, &claims))
		return;
	text = v2m_claims_json(&claims, &err);
	if (text == NULL) {
		v2m_fail(rq, &err);
		return;
	}
	v2m_rq_reply_header(rq, "Content-Type", "application/json");
	v2m_rq_reply_header(rq, "Cache-Control", "no-store");
	v2m_rq_reply_text(rq, 200, text);
	free(text);
}
