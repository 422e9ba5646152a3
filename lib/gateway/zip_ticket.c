/* Tickets for a ZIP. */
#include <stdlib.h>
#include <string.h>

#include "gateway/ticket_store.h"
#include "gateway/zip.h"

#define OPENS "zip "
#define DIGITS (V2M_ID_SIZE - 1)

/* {"ids": the digits of all, one after the other} */
static json_t *
compose(char ids[][V2M_ID_SIZE], size_t n)
{
	char *all = malloc(n * DIGITS + 1);
	json_t *what;
	size_t i;

	if (all == NULL)
		return NULL;
	for (i = 0; i < n; i++)
		memcpy(all + i * DIGITS, ids[i], V2M_ID_SIZE);
	what = json_pack("{s:s}", "ids", all);
	free(all);
	return what;
}

int
v2m_zip_ticket_make(struct v2m_services *s, const struct v2m_claims *identity,
    char ids[][V2M_ID_SIZE], size_t n, char code[V2M_TICKET_SIZE],
    struct v2m_err *err)
{
	return v2m_ticket_keep(s, OPENS, identity, compose(ids, n),
	    V2M_TICKET_MS, code, err);
}

int
v2m_zip_ticket_open(struct v2m_store *s, const char *code,
    struct v2m_claims *identity, char ids[V2M_ZIP_MOST][V2M_ID_SIZE],
    size_t *n, struct v2m_err *err)
{
	const char *all;
	json_t *what;
	size_t i, length;
	int ret;

	*n = 0;
	if (v2m_ticket_find(s, OPENS, code, identity, &what, err) < 0)
		return -1;
	ret = json_unpack(what, "{s:s%}", "ids", &all, &length) < 0 ?
	    v2m_ticket_damaged(err) : 0;
	if (ret == 0) {
		*n = length / DIGITS < V2M_ZIP_MOST ? length / DIGITS :
		    V2M_ZIP_MOST;
		for (i = 0; i < *n; i++)
			memcpy(ids[i], all + i * DIGITS, DIGITS);
	}
	json_decref(what);
	return ret;
}
