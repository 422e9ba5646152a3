/* Temporary credentials of a role: by STS for a web identity, by a container's
 * agent, by the instance metadata of EC2.  The response says when they
 * expire. */
#include "store/aws/aws.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/loopback.h"

#define ROLE_MS 5000L		/* per try: connect and response */
#define INSTANCE_MS 1000L	/* shorter, as most machines are no instance */
#define TRIES 3
#define BODY_MAX 65536

struct fetch {
	const char *method, *url;
	const char *header;	/* or NULL */
	const char *doing;
	long ms;
	unsigned tries;
	char body[BODY_MAX];
	size_t n;
	long status;
};

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value == NULL ? "" : value;
}

static size_t
on_body(char *buf, size_t one, size_t n, void *arg)
{
	struct fetch *f = arg;

	n *= one;
	if (f->n + n >= sizeof f->body)
		return 0;
	memcpy(f->body + f->n, buf, n);
	f->n += n;
	f->body[f->n] = '\0';
	return n;
}

static void
set_options(CURL *curl, struct fetch *f, struct curl_slist *headers)
{
	curl_easy_setopt(curl, CURLOPT_URL, f->url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, f->method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	if (strncmp(f->url, "http:", 5) == 0)
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, f->ms);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, f->ms);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, f);
}

static CURLcode
fetch_once(struct fetch *f)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	CURL *curl = curl_easy_init();
	CURLcode rc = CURLE_OUT_OF_MEMORY;

	f->n = 0;
	f->body[0] = '\0';
	f->status = 0;
	if (f->header != NULL && f->header[0] != '\0')
		headers = curl_slist_append(headers, f->header);
	if (curl != NULL) {
		set_options(curl, f, headers);
		rc = curl_easy_perform(curl);
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &f->status);
		curl_easy_cleanup(curl);
	}
	curl_slist_free_all(headers);
	return rc;
}

/* V2M_TEMP: no response, or status 429 or 5xx; V2M_CONFIG: another status than
 * 200. */
static int
fetch(struct fetch *f, struct v2m_err *err)
{
	CURLcode rc = CURLE_OK;
	unsigned n;

	for (n = 0; n < f->tries; n++) {
		rc = fetch_once(f);
		if (rc == CURLE_OK && f->status == 200)
			return 0;
		if (n + 1 < f->tries && !v2m_aws_pause(n))
			break;
	}
	if (rc != CURLE_OK)
		return v2m_err_set(err, V2M_TEMP, "cannot %s: %s", f->doing,
		    curl_easy_strerror(rc));
	return v2m_err_set(err, f->status >= 500 || f->status == 429 ?
	    V2M_TEMP : V2M_CONFIG, "cannot %s: status %ld", f->doing,
	    f->status);
}

static int
parse_json(struct v2m_aws_credentials *c, const struct fetch *f,
    struct v2m_err *err)
{
	json_t *json = json_loads(f->body, 0, NULL);
	const char *access = NULL, *secret = NULL, *token = "", *end = "";
	int ret = json == NULL ? -1 : json_unpack(json,
	    "{s:s, s:s, s?s, s?s}", "AccessKeyId", &access,
	    "SecretAccessKey", &secret, "Token", &token, "Expiration", &end);

	if (ret == 0) {
		snprintf(c->access, sizeof c->access, "%s", access);
		snprintf(c->secret, sizeof c->secret, "%s", secret);
		snprintf(c->token, sizeof c->token, "%s", token);
		c->expires_at = v2m_wall_parse(end);
	}
	json_decref(json);
	return ret == 0 ? 1 : v2m_err_set(err, V2M_TEMP, "cannot %s: the "
	    "answer holds no credentials", f->doing);
}

/* The first line of a file that another program renews. */
static int
read_token(const char *path, char *token, size_t size, struct v2m_err *err)
{
	FILE *f = fopen(path, "re");
	bool read = f != NULL && fgets(token, (int)size, f) != NULL;

	if (f != NULL)
		fclose(f);
	if (!read)
		return v2m_err_sys(err, V2M_CONFIG, "cannot read '%s'", path);
	token[strcspn(token, "\r\n")] = '\0';
	return 0;
}

/* --- a web identity --- */

static void
on_element(void *arg, const char *name, const char *text)
{
	struct v2m_aws_credentials *c = arg;

	if (strcmp(name, "AccessKeyId") == 0)
		snprintf(c->access, sizeof c->access, "%s", text);
	else if (strcmp(name, "SecretAccessKey") == 0)
		snprintf(c->secret, sizeof c->secret, "%s", text);
	else if (strcmp(name, "SessionToken") == 0)
		snprintf(c->token, sizeof c->token, "%s", text);
	else if (strcmp(name, "Expiration") == 0)
		c->expires_at = v2m_wall_parse(text);
}

static int
name_sts(char *url, size_t size, const char *region, const char *arn,
    const char *token)
{
	const char *other = variable("AWS_ENDPOINT_URL_STS");
	const char *session = variable("AWS_ROLE_SESSION_NAME");
	char base[256], role[1024], name[256], web[12288];

	if (other[0] != '\0')
		snprintf(base, sizeof base, "%s", other);
	else
		snprintf(base, sizeof base, "https://sts.%s.amazonaws.com",
		    region);
	if (v2m_sigv4_encode(role, sizeof role, arn, false) < 0 ||
	    v2m_sigv4_encode(name, sizeof name, session[0] != '\0' ? session :
	    "v2m", false) < 0 ||
	    v2m_sigv4_encode(web, sizeof web, token, false) < 0)
		return -1;
	snprintf(url, size, "%s/?Action=AssumeRoleWithWebIdentity&"
	    "Version=2011-06-15&RoleArn=%s&RoleSessionName=%s&"
	    "WebIdentityToken=%s", base, role, name, web);
	return 0;
}

int
v2m_aws_web_identity(struct v2m_aws_credentials *c, const char *region,
    struct v2m_err *err)
{
	const char *file = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
	const char *arn = variable("AWS_ROLE_ARN");
	char token[8192], url[16384];
	struct fetch f = { .method = "POST", .url = url, .ms = ROLE_MS,
		.tries = TRIES, .doing = "take the role of AWS_ROLE_ARN" };

	if (file[0] == '\0' || arn[0] == '\0')
		return 0;
	if (read_token(file, token, sizeof token, err) < 0)
		return -1;
	if (name_sts(url, sizeof url, region, arn, token) < 0)
		return v2m_err_set(err, V2M_CONFIG, "AWS_ROLE_ARN, or the "
		    "token in '%s', is too long", file);
	if (fetch(&f, err) < 0)
		return -1;
	v2m_aws_xml(f.body, f.n, on_element, c);
	explicit_bzero(f.body, sizeof f.body);
	return c->access[0] != '\0' && c->secret[0] != '\0' ? 1 :
	    v2m_err_set(err, V2M_TEMP, "cannot %s: the answer holds no "
	    "credentials", f.doing);
}

/* --- a container --- */

/* Is the URL https, of this machine, or an agent's fixed address?  Others must
 * not get the token. */
static bool
may_be_asked(const char *url)
{
	static const char *const agents[] = { "169.254.170.2",
		"169.254.170.23", "[fd00:ec2::23]" };
	char host[256];
	size_t i;

	if (strncmp(url, "https://", 8) == 0)
		return true;
	if (strncmp(url, "http://", 7) != 0)
		return false;
	url += 7;
	snprintf(host, sizeof host, "%.*s", (int)(url[0] == '[' ?
	    strcspn(url, "]") + 1 : strcspn(url, ":/?#")), url);
	for (i = 0; i < sizeof agents / sizeof agents[0]; i++)
		if (strcmp(host, agents[i]) == 0)
			return true;
	return strchr(host, '@') == NULL && v2m_loopback(host);
}

int
v2m_aws_container(struct v2m_aws_credentials *c, struct v2m_err *err)
{
	const char *relative = variable(
	    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	const char *file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	char url[4096], header[8300] = "", token[8192];
	struct fetch f = { .method = "GET", .url = url, .ms = ROLE_MS,
		.tries = TRIES, .header = header,
		.doing = "get the credentials of the container" };

	if (relative[0] == '\0' && full[0] == '\0')
		return 0;
	if (relative[0] != '\0')
		snprintf(url, sizeof url, "http://169.254.170.2%s", relative);
	else
		snprintf(url, sizeof url, "%s", full);
	if (!may_be_asked(url))
		return v2m_err_set(err, V2M_CONFIG,
		    "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor "
		    "this machine's");
	snprintf(token, sizeof token, "%s",
	    variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
	if (file[0] != '\0' && read_token(file, token, sizeof token, err) < 0)
		return -1;
	if (strpbrk(token, "\r\n") != NULL)
		return v2m_err_set(err, V2M_CONFIG, "the authorization token "
		    "of the container has more than one line");
	if (token[0] != '\0')
		snprintf(header, sizeof header, "Authorization: %s", token);
	return fetch(&f, err) < 0 ? -1 : parse_json(c, &f, err);
}

/* --- an instance of EC2, by its metadata (version 2) --- */

static void
name_metadata(char url[512], const char *rest)
{
	const char *other = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	size_t n = strlen(other);

	while (n > 0 && other[n - 1] == '/')
		n--;
	if (n == 0)
		snprintf(url, 512, "http://169.254.169.254/latest/%s", rest);
	else
		snprintf(url, 512, "%.*s/latest/%s", (int)n, other, rest);
}

static int
ask_metadata(struct fetch *f, const char *method, const char *rest,
    const char *header, struct v2m_err *err)
{
	char url[512];

	name_metadata(url, rest);
	f->method = method;
	f->url = url;
	f->header = header;
	return fetch(f, err);
}

/* If nothing answers, this is not an instance. */
int
v2m_aws_instance(struct v2m_aws_credentials *c, struct v2m_err *err)
{
	struct fetch f = { .ms = INSTANCE_MS, .tries = 1,
		.doing = "get the credentials of the instance" };
	char header[1200], path[512];
	struct v2m_err ignored;

	if (strcasecmp(variable("AWS_EC2_METADATA_DISABLED"), "true") == 0 ||
	    ask_metadata(&f, "PUT", "api/token",
	    "X-aws-ec2-metadata-token-ttl-seconds: 21600", &ignored) < 0)
		return 0;
	snprintf(header, sizeof header, "X-aws-ec2-metadata-token: %.1000s",
	    f.body);
	if (strpbrk(header, "\r\n") != NULL || ask_metadata(&f, "GET",
	    "meta-data/iam/security-credentials/", header, &ignored) < 0)
		return 0;		/* it has no role */
	f.body[strcspn(f.body, "\r\n")] = '\0';
	snprintf(path, sizeof path,
	    "meta-data/iam/security-credentials/%.256s", f.body);
	return ask_metadata(&f, "GET", path, header, err) < 0 ? -1 :
	    parse_json(c, &f, err);
}
