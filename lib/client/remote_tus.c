#include "client/remote_tus.h"

#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"

#define RESUMABLE "Tus-Resumable: 1.0.0"

bool
v2m_tus_metadata(char *dst, size_t size, const struct v2m_tus_pair *pairs)
{
	size_t at = 0;

	for (; pairs->key != NULL; pairs++) {
		size_t n = strlen(pairs->value);

		if (at + strlen(pairs->key) + BASE64_ENCODE_RAW_LENGTH(n) +
		    3 > size)
			return false;
		at += (size_t)snprintf(dst + at, size - at, "%s%s%s",
		    at == 0 ? "" : ",", pairs->key, n == 0 ? "" : " ");
		base64_encode_raw(dst + at, n, (const uint8_t *)pairs->value);
		at += BASE64_ENCODE_RAW_LENGTH(n);
		dst[at] = '\0';
	}
	return true;
}

/* The last part of a Location is the ID of the upload: "ID", "/files/ID".  The
 * rest is ignored: the next request goes to our own url. */
static int
take_id(const char *location, char id[V2M_ID_SIZE], struct v2m_err *err)
{
	const char *slash = strrchr(location, '/');
	const char *name = slash == NULL ? location : slash + 1;

	if (!v2m_id_valid(name))
		return v2m_err_set(err, V2M_UNAVAILABLE, "the gateway does "
		    "not offer resumable uploads");
	memcpy(id, name, V2M_ID_SIZE);
	return 0;
}

int
v2m_tus_create(struct v2m_remote *r, int64_t length, const char *metadata,
    char id[V2M_ID_SIZE], struct v2m_err *err)
{
	char lengths[64], pairs[4096 + 32];
	const char *headers[] = { RESUMABLE, lengths, pairs, NULL };
	struct v2m_http_request rq = { .method = "POST", .path = "/files/",
	    .headers = headers, .token = r->token };
	struct v2m_http_answer a;
	int ret;

	snprintf(lengths, sizeof lengths, "Upload-Length: %lld",
	    (long long)length);
	snprintf(pairs, sizeof pairs, "Upload-Metadata: %s", metadata);
	/* If the answer is lost, an empty part stays, which expires. */
	if (v2m_http_ask(r->http, &rq, &a, err) < 0)
		return -1;
	ret = a.status == 201 ? take_id(a.location, id, err) :
	    v2m_http_answer_refused(&a, err);
	v2m_http_answer_release(&a);
	return ret;
}

int
v2m_tus_offset(struct v2m_remote *r, const char *id, int64_t *offset,
    struct v2m_err *err)
{
	const char *headers[] = { RESUMABLE, NULL };
	char path[64];
	struct v2m_http_request rq = { .method = "HEAD", .path = path,
	    .headers = headers, .token = r->token };
	struct v2m_http_answer a;
	int ret = -1;

	snprintf(path, sizeof path, "/files/%s", id);
	if (v2m_http_ask(r->http, &rq, &a, err) < 0)
		return -1;
	if (a.status == 404 || a.status == 410)
		ret = 0;
	else if (a.status == 409 || a.status == 423)
		ret = 2;
	else if (a.status < 200 || a.status > 299)
		v2m_http_answer_refused(&a, err);
	else if (a.upload_offset < 0)
		v2m_err_set(err, V2M_UNAVAILABLE, "the gateway does not tell "
		    "how much of the upload it has");
	else
		ret = 1;
	*offset = a.upload_offset;
	v2m_http_answer_release(&a);
	return ret;
}

int
v2m_tus_patch(struct v2m_remote *r, const char *id, int64_t *offset,
    const struct v2m_http_request *piece, struct v2m_http_answer *a,
    struct v2m_err *err)
{
	struct v2m_http_request rq = *piece;
	char path[64], at[64];
	const char *headers[] = { RESUMABLE, at, NULL };
	int ret = -1;

	snprintf(path, sizeof path, "/files/%s", id);
	snprintf(at, sizeof at, "Upload-Offset: %lld", (long long)*offset);
	rq.method = "PATCH";
	rq.path = path;
	rq.headers = headers;
	rq.token = r->token;
	if (v2m_http_try(r->http, &rq, a, err) < 0)
		return -1;
	if (a->status < 200 || a->status > 299) {
		v2m_http_answer_refused(a, err);
	} else if (a->upload_offset != *offset + piece->length) {
		v2m_err_set(err, V2M_UNAVAILABLE, "the gateway does not tell "
		    "how much of the upload it has");
		a->fate = V2M_HTTP_OVER;
	} else {
		*offset = a->upload_offset;
		ret = 0;
	}
	v2m_http_answer_release(a);
	return ret;
}

bool
v2m_tus_drop(struct v2m_remote *r, const char *id)
{
	const char *headers[] = { RESUMABLE, NULL };
	char path[64];
	struct v2m_http_request rq = { .method = "DELETE", .path = path,
	    .headers = headers, .token = r->token, .farewell = true };
	struct v2m_http_answer a;
	struct v2m_err ignored;

	snprintf(path, sizeof path, "/files/%s", id);
	bool gone;

	if (v2m_http_try(r->http, &rq, &a, &ignored) < 0)
		return false;
	gone = a.status / 100 == 2 || a.status == 404 || a.status == 410;
	v2m_http_answer_release(&a);
	return gone;
}
