/* The parameters of a URL of AWS. */
#include "store/aws/aws.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789._-"

bool
v2m_aws_is_plain(const char *s, bool slashes)
{
	return s[strspn(s, slashes ? PLAIN "/" : PLAIN)] == '\0';
}

static bool
is_listed(const char *names, const char *name, size_t n)
{
	for (; *names != '\0'; names += strspn(names, ", ")) {
		size_t length = strcspn(names, ",");

		if (length == n && strncmp(names, name, n) == 0)
			return true;
		names += length;
	}
	return false;
}

int
v2m_aws_check_names(const char *query, const char *names, const char *scheme,
    const char *key, struct v2m_err *err)
{
	char name[V2M_SUGGEST_MAX], hint[V2M_SUGGEST_HINT];

	while (*query != '\0') {
		size_t n = strcspn(query, "=&");

		snprintf(name, sizeof name, "%.*s", (int)n, query);
		if (!is_listed(names, query, n))
			return v2m_err_set(err, V2M_CONFIG, "%s: unknown "
			    "parameter '%s' of %s://%s (there are %s)", key,
			    name, scheme, v2m_suggest_of(name, names, hint),
			    names);
		query += strcspn(query, "&");
		query += *query == '&';
	}
	return 0;
}

void
v2m_aws_parameter(const struct v2m_url *url, const char *name, char *value,
    size_t size, const char *fallback)
{
	if (!v2m_url_query(url, name, value, size))
		snprintf(value, size, "%s", fallback);
}

int
v2m_aws_take_region(struct v2m_aws *aws, const struct v2m_url *url,
    const char *endpoint, const char *key, struct v2m_err *err)
{
	char usual[64];

	v2m_aws_default_region(usual);
	v2m_aws_parameter(url, "region", aws->region, sizeof aws->region,
	    usual[0] != '\0' || endpoint[0] == '\0' ? usual : "us-east-1");
	if (aws->region[0] != '\0' && v2m_aws_is_plain(aws->region, false))
		return 0;
	return v2m_err_set(err, V2M_CONFIG, "%s: region= is missing, and "
	    "AWS_REGION is not set", key);
}

int
v2m_aws_refuse_passwords(const struct v2m_conf *conf, const struct v2m_url *url,
    const char *key, struct v2m_err *err)
{
	char file[64];

	snprintf(file, sizeof file, "%s_password_file", key);
	if (v2m_conf_text(conf, file)[0] == '\0' && url->user[0] == '\0' &&
	    url->password[0] == '\0')
		return 0;
	return v2m_err_set(err, V2M_CONFIG, "%s: %s: takes no password, in its "
	    "URL or in %s; AWS credentials come by AWS_PROFILE, the "
	    "environment or a role", key, url->scheme, file);
}
