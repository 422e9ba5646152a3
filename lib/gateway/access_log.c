/* access_log.c - a line of the log for each request.
 *
 * What the client chose is percent-encoded, so that it cannot look like another
 * pair.  Of the query, only parameters that are not secret are shown.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/percent.h"
#include "gateway/server_private.h"

#define KEEP "/:@+,="

/* Parameters that are not secret. */
static const char *const open_keys[] = {
	"after", "all", "count", "fid", "format", "hold", "limit", "order",
	"redirect", "sha256", "state",
};

static bool
is_open(const char *key)
{
	size_t i;

	for (i = 0; i < sizeof open_keys / sizeof *open_keys; i++)
		if (strcmp(open_keys[i], key) == 0)
			return true;
	return false;
}

/* " query=fid=...&ticket=*", or nothing.  size is above 16. */
static void
query_text(const struct v2m_rq *rq, char *dst, size_t size)
{
	char key[64], value[96];
	size_t i, n = 0;

	dst[0] = '\0';
	for (i = 0; i < rq->query.n && n + sizeof key + sizeof value + 16 <
	    size; i++) {
		v2m_percent_encode(key, sizeof key, rq->query.pairs[i].key,
		    NULL);
		v2m_percent_encode(value, sizeof value,
		    rq->query.pairs[i].value, NULL);
		n += (size_t)snprintf(dst + n, size - n, "%s%s=%s",
		    n == 0 ? " query=" : "&", key,
		    is_open(rq->query.pairs[i].key) ? value : "*");
	}
}

void
v2m_rq_log(const struct v2m_rq *rq, int status, uint64_t out)
{
	/* Together below the length of a line, see base/log.c. */
	char path[200], query[300], notes[200], method[72], value[160];
	const char *job = NULL;
	size_t i, n = 0;

	notes[0] = '\0';
	for (i = 0; i < rq->nnotes; i++) {
		if (strcmp(rq->notes[i].key, "job") == 0) {
			job = rq->notes[i].value;
			continue;
		}
		v2m_percent_encode(value, sizeof value, rq->notes[i].value,
		    KEEP);
		if (n + strlen(rq->notes[i].key) + strlen(value) + 3 <
		    sizeof notes)
			n += (size_t)snprintf(notes + n, sizeof notes - n,
			    " %s=%s", rq->notes[i].key, value);
	}
	v2m_percent_encode(path, sizeof path,
	    rq->path == NULL ? "-" : rq->path, "/:@+,");
	v2m_percent_encode(method, sizeof method,
	    rq->method[0] == '\0' ? "-" : rq->method, NULL);
	query_text(rq, query, sizeof query);
	v2m_event(job, "request", "id=%s address=%s%s method=%s path=%s%s "
	    "status=%d in=%llu out=%llu ms=%lld%s", rq->id, rq->ip,
	    notes, method, path, query, status,
	    (unsigned long long)rq->header_bytes +
	    (unsigned long long)rq->body, (unsigned long long)out,
	    (long long)(v2m_mono_ms() - rq->start_ms),
	    atomic_load(&rq->conn->cut) ? " result=cut" :
	    rq->aborted ? " result=aborted" : "");
}
