#include "http/query.h"

#include <stdlib.h>
#include <string.h>

#include "base/percent.h"

static int
add_pair(struct v2m_query *q, char *at, const char *pair, size_t n,
    struct v2m_err *err)
{
	const char *equals = memchr(pair, '=', n);
	size_t key_n = equals == NULL ? n : (size_t)(equals - pair);
	char *value = at + key_n + 1;

	if (q->n == V2M_QUERY_MAX)
		return v2m_err_set(err, V2M_USAGE, "too many parameters");
	if (!v2m_percent_decode(at, pair, key_n, true) ||
	    !v2m_percent_decode(value, equals == NULL ? "" : equals + 1,
	    equals == NULL ? 0 : n - key_n - 1, true))
		return v2m_err_set(err, V2M_USAGE,
		    "bad escape in the parameters");
	if (v2m_query_get(q, at) != NULL)
		return v2m_err_set(err, V2M_USAGE,
		    "parameter '%.64s' is given twice", at);
	q->pairs[q->n].key = at;
	q->pairs[q->n++].value = value;
	return 0;
}

int
v2m_query_parse(struct v2m_query *q, const char *text, size_t n,
    struct v2m_err *err)
{
	const char *end = text + n, *amp;
	char *at;

	memset(q, 0, sizeof *q);
	/* Decoded, a pair is not longer than before; a key without '=' and the
	 * last value need one more byte for the NUL. */
	q->text = at = malloc(2 * n + 2);
	if (at == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	for (; text < end; text = amp + 1) {
		amp = memchr(text, '&', (size_t)(end - text));
		if (amp == NULL)
			amp = end;
		if (amp == text)
			continue;
		if (add_pair(q, at, text, (size_t)(amp - text), err) < 0) {
			v2m_query_release(q);
			return -1;
		}
		at += amp - text + 2;
	}
	return 0;
}

void
v2m_query_release(struct v2m_query *q)
{
	free(q->text);
	q->text = NULL;
	q->n = 0;
}

const char *
v2m_query_get(const struct v2m_query *q, const char *key)
{
	for (size_t i = 0; i < q->n; i++)
		if (strcmp(q->pairs[i].key, key) == 0)
			return q->pairs[i].value;
	return NULL;
}
