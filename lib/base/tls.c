#include "base/tls.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/loopback.h"
#include "base/url.h"

static bool
is_set(const struct v2m_conf *conf, const char *key, const char *rest)
{
	char name[64];

	snprintf(name, sizeof name, "%s%s", key, rest);
	return v2m_conf_text(conf, name)[0] != '\0';
}

/* The TLS option in the query of a MongoDB URL: 1: on; 0: off; -1: not
 * there. */
static int
mongodb_option(const char *url)
{
	const char *at = strchr(url, '?');
	int says = -1;

	while (at != NULL) {
		at++;
		if (strncasecmp(at, "tls=", 4) == 0 ||
		    strncasecmp(at, "ssl=", 4) == 0)
			says = strncasecmp(at + 4, "true", 4) == 0;
		at = strchr(at, '&');
	}
	return says;
}

/* In URLs of AWS, the host is a bucket or a table.  The server is the endpoint
 * in the query, or else one of Amazon. */
static bool
is_aws(const char *url)
{
	return strncmp(url, "s3:", 3) == 0 || strncmp(url, "dynamodb:", 9) == 0;
}

/* The endpoint; "https://" if there is none: Amazon's. */
static const char *
aws_endpoint(const char *url, char *text, size_t size)
{
	struct v2m_url parts;

	if (v2m_url_parse(&parts, "objects", url, NULL) < 0 ||
	    !v2m_url_query(&parts, "endpoint", text, size))
		snprintf(text, size, "https://");
	return text;
}

static bool
is_encrypted(const struct v2m_conf *conf, const char *key)
{
	const char *url = v2m_conf_text(conf, key);
	char endpoint[512];
	int says;

	if (is_aws(url))
		return strncmp(aws_endpoint(url, endpoint, sizeof endpoint),
		    "http:", 5) != 0;

	if (strncmp(url, "mongodb", 7) != 0)
		return strncmp(url, "amqps:", 6) == 0;
	if (is_set(conf, key, "_ca_file") || is_set(conf, key, "_cert_file"))
		return true;
	says = mongodb_option(url);
	return says >= 0 ? says : strncmp(url, "mongodb+srv:", 12) == 0;
}

/* Take the first host, without its port, of "host:port,[v6]:port,...".  Returns
 * the rest of the list; NULL behind the last. */
static const char *
next_host(const char *at, const char *end, char *host, size_t size)
{
	size_t all = (size_t)(end - at), n;
	const char *comma = memchr(at, ',', all);

	if (comma != NULL)
		all = (size_t)(comma - at);
	if (all > 0 && at[0] == '[') {
		n = strcspn(at, "]") + 1;
	} else {
		n = strcspn(at, ":");
	}
	snprintf(host, size, "%.*s", (int)(n < all ? n : all), at);
	return comma == NULL ? NULL : comma + 1;
}

/* A host may be the path of a socket, as %2Ftmp%2F...; an empty host is
 * localhost. */
static bool
is_here(const char *host)
{
	return host[0] == '\0' || strncasecmp(host, "%2F", 3) == 0 ||
	    v2m_loopback(host);
}

static bool
is_all_here(const char *authority, char *host, size_t size)
{
	const char *end = authority + strcspn(authority, "/?");
	const char *user = memrchr(authority, '@',
	    (size_t)(end - authority));
	const char *at = user == NULL ? authority : user + 1;

	while (at != NULL) {
		at = next_host(at, end, host, size);
		if (!is_here(host))
			return false;
	}
	return true;
}

enum v2m_tls
v2m_tls_of(const struct v2m_conf *conf, const char *key, char *host,
    size_t size)
{
	const char *url = v2m_conf_text(conf, key);
	const char *authority = strstr(url, "://");
	char endpoint[512];

	host[0] = '\0';
	if (authority == NULL || (strncmp(url, "amqp", 4) != 0 &&
	    strncmp(url, "mongodb", 7) != 0 && !is_aws(url)))
		return V2M_TLS_NO_SERVER;
	if (is_encrypted(conf, key))
		return V2M_TLS_ON;
	if (is_aws(url))
		authority = strstr(aws_endpoint(url, endpoint,
		    sizeof endpoint), "://");
	return is_all_here(authority + 3, host, size) ? V2M_TLS_LOCAL :
	    V2M_TLS_CLEAR;
}

static void
warn_once(const char *key, const char *host)
{
	static atomic_flag store = ATOMIC_FLAG_INIT, queue = ATOMIC_FLAG_INIT,
	    objects = ATOMIC_FLAG_INIT;

	if (!atomic_flag_test_and_set(strcmp(key, "store") == 0 ? &store :
	    strcmp(key, "objects") == 0 ? &objects : &queue))
		v2m_warn("%s: the connection to %s is not encrypted: others "
		    "can read passwords and files (%s_tls = off hides this "
		    "warning, on refuses such connections)",
		    key, host, key);
}

int
v2m_tls_check(const struct v2m_conf *conf, const char *key,
    struct v2m_err *err)
{
	char host[256], name[64];
	enum v2m_tls how = v2m_tls_of(conf, key, host, sizeof host);
	const char *wanted;

	snprintf(name, sizeof name, "%s_tls", key);
	wanted = v2m_conf_text(conf, name);
	if (how == V2M_TLS_CLEAR && strcmp(wanted, "on") == 0)
		return v2m_err_set(err, V2M_CONFIG, "%s: the connection to %s "
		    "would not be encrypted, and %s = on refuses that (%s)",
		    key, host,
		    name, strcmp(key, "queue") == 0 ? "amqps:" :
		    is_aws(v2m_conf_text(conf, key)) ?
		    "endpoint=https://..." : strcmp(key, "objects") == 0 ?
		    "?tls=true, or objects_ca_file" :
		    "?tls=true, or store_ca_file");
	if (how == V2M_TLS_ON && strcmp(wanted, "off") == 0)
		return v2m_err_set(err, V2M_CONFIG, "%s: the URL or a "
		    "certificate asks for TLS, but %s = off forbids it", key,
		    name);
	if (how == V2M_TLS_CLEAR && strcmp(wanted, "auto") == 0)
		warn_once(key, host);
	return 0;
}
