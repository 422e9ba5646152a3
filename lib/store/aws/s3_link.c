/* Links: presigned URLs, with which anybody can read an object for a while.
 * They are valid only for the host that was signed, which must be one that
 * clients can reach. */
#include "store/aws/s3.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* The URL is a secret, also during transfer: it is all that is needed to
 * read. */
static int
check_clear(const struct v2m_conf *conf, const struct v2m_s3 *s3,
    struct v2m_err *err)
{
	if (!s3->public_clear ||
	    strcmp(v2m_conf_text(conf, "objects_tls"), "on") != 0)
		return 0;
	return v2m_err_set(err, V2M_CONFIG, "s3_public_endpoint: the "
	    "connection to it would not be encrypted, and objects_tls = on "
	    "refuses that (https://...)");
}

int
v2m_s3_take_public(struct v2m_s3 *s3, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	const char *told = v2m_conf_text(conf, "s3_public_endpoint");
	bool loopback = s3->aws.loopback;
	char endpoint[V2M_S3_ENDPOINT];

	if (!v2m_conf_bool(conf, "s3_redirect"))
		return 0;
	memcpy(s3->public_base, s3->aws.base, sizeof s3->public_base);
	memcpy(s3->public_host, s3->aws.host, sizeof s3->public_host);
	if (told[0] != '\0') {
		v2m_s3_endpoint(s3, told, endpoint);
		if (!v2m_aws_take_endpoint(endpoint, s3->public_base,
		    s3->public_host, &loopback))
			return v2m_err_set(err, V2M_CONFIG,
			    "s3_public_endpoint: '%.80s' is not of the form "
			    "https://HOST:PORT", told);
	}
	s3->public_clear = !loopback &&
	    strncmp(s3->public_base, "https:", 6) != 0;
	return check_clear(conf, s3, err);
}

bool
v2m_s3_has_links(const void *self)
{
	const struct v2m_s3 *s3 = self;

	return s3->public_host[0] != '\0';
}

/* The parameters that set response headers, sorted, as they are signed. */
static int
compose_query(char *query, size_t size, const struct v2m_link *link)
{
	char disposition[V2M_LINK_MAX / 2], type[256], control[256];
	int n;

	if (v2m_sigv4_encode(control, sizeof control, link->cache_control,
	    false) < 0 || v2m_sigv4_encode(disposition, sizeof disposition,
	    link->disposition, false) < 0 ||
	    v2m_sigv4_encode(type, sizeof type, link->type, false) < 0)
		return -1;
	n = snprintf(query, size, "response-cache-control=%s&"
	    "response-content-disposition=%s&response-content-type=%s",
	    control, disposition, type);
	return n < 0 || (size_t)n >= size ? -1 : 0;
}

static int
sign_link(const struct v2m_s3 *s3, const struct v2m_sigv4_request *rq,
    int seconds, char query[V2M_SIGV4_MAX], struct v2m_err *err)
{
	struct v2m_aws_credentials who;
	struct v2m_sigv4_key key = { who.access, who.secret, who.token,
		s3->aws.region, s3->aws.service };
	int ret = v2m_aws_credentials(&who, s3->aws.region, 0, err);

	if (ret == 0)
		ret = v2m_sigv4_presign(&key, rq, seconds, query, err);
	explicit_bzero(&who, sizeof who);
	return ret;
}

/* The link expires by the server's clock, which may differ from ours. */
int
v2m_s3_link(void *self, enum v2m_kind kind, const char *id,
    const struct v2m_link *link, char url[V2M_LINK_MAX], struct v2m_err *err)
{
	char key[V2M_S3_KEY], path[V2M_S3_PATH], host[320];
	char wanted[V2M_SIGV4_MAX], query[V2M_SIGV4_MAX];
	struct v2m_s3 *s3 = self;
	struct v2m_sigv4_request rq = { .method = "GET", .path = path,
		.query = wanted, .payload = "UNSIGNED-PAYLOAD",
		.headers = { host }, .nheaders = 1,
		.at_ms = v2m_wall_ms() + s3->aws.ahead_ms };
	int n;

	v2m_s3_key(s3, key, kind, id);
	v2m_s3_path(s3, path, key);
	snprintf(host, sizeof host, "host: %s", s3->public_host);
	if (compose_query(wanted, sizeof wanted, link) < 0)
		return v2m_err_set(err, V2M_BUG, "a link is too long");
	if (sign_link(s3, &rq, link->seconds, query, err) < 0)
		return -1;
	n = snprintf(url, V2M_LINK_MAX, "%s%s?%s", s3->public_base, path,
	    query);
	return n < 0 || n >= V2M_LINK_MAX ? v2m_err_set(err, V2M_BUG,
	    "a link is too long") : 0;
}
