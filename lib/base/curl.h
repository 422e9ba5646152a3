/* curl.h - settings of libcurl that all HTTP requests share.
 *
 * Inline functions, because only modules link libcurl, and libv2m does not.
 */
#ifndef V2M_CURL_H
#define V2M_CURL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <string.h>

#include "base/version.h"

/* Use HTTP/1.1 only, and follow no redirects.  With TLS, the server must have a
 * certificate with its name, signed by an authority in ca_file ("": by one that
 * the system trusts). */
static inline void
v2m_easy_server(CURL *curl, const char *ca_file)
{
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "v2m/" V2M_VERSION);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	if (ca_file[0] == '\0')
		return;
	curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
	/* Otherwise the system's authorities would be accepted, too. */
	curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
}

/* Transfer in large pieces, and notice if the peer is gone. */
static inline void
v2m_easy_transfer(CURL *curl, long buffer_size)
{
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, buffer_size);
	curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, buffer_size);
}

static inline int
v2m_easy_begin(void *begun, char *ip, char *own_ip, int port, int own_port)
{
	bool *again = begun;

	(void)ip, (void)own_ip, (void)port, (void)own_port;
	if (*again)
		return CURL_PREREQFUNC_ABORT;
	*again = true;
	return CURL_PREREQFUNC_OK;
}

/* Where a connection that was used before ends without an answer, libcurl sends
 * the request once more, and tells nobody; but the server may have done it the
 * first time.  This has it fail (CURLE_ABORTED_BY_CALLBACK), so that the caller
 * decides.  *begun lives as long as the request. */
static inline void
v2m_easy_once(CURL *curl, bool *begun)
{
	*begun = false;
	curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, v2m_easy_begin);
	curl_easy_setopt(curl, CURLOPT_PREREQDATA, begun);
}

/* Append a line.  false: no memory, or line is NULL; the list stays as it
 * was. */
static inline bool
v2m_easy_add(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = line == NULL ? NULL :
	    curl_slist_append(*list, line);

	if (longer != NULL)
		*list = longer;
	return longer != NULL;
}

/* Free a list of lines with secrets in them. */
static inline void
v2m_easy_wipe(struct curl_slist *list)
{
	struct curl_slist *at;

	for (at = list; at != NULL; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(list);
}

#endif
