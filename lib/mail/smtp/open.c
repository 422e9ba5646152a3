/* Checks the configuration of the SMTP driver, and sets libcurl up. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/kept_file.h"
#include "base/loopback.h"
#include "base/url.h"
#include "mail/smtp/smtp.h"

#define CONNECT_MS 30000	/* up to the greeting, which may be slow */
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define HOST_CHARS LETTERS "0123456789.-_:"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global;

static void
init_global(void)
{
	global = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool
is_made_of(const char *s, const char *chars)
{
	return s[strspn(s, chars)] == '\0';
}

static int
check_url(const struct v2m_url *url, struct v2m_err *err)
{
	if (url->host[0] == '\0' || !is_made_of(url->host, HOST_CHARS))
		return v2m_err_set(err, V2M_CONFIG, "notify: no host name in "
		    "it (use %s://user@host:port)", url->scheme);
	/* The path is our name in EHLO. */
	if (!is_made_of(url->path, HOST_CHARS "[]"))
		return v2m_err_set(err, V2M_CONFIG, "notify: '%s' is not a "
		    "valid name to greet the server with", url->path);
	if (url->query[0] != '\0')
		return v2m_err_set(err, V2M_CONFIG, "notify: '?%s': unknown "
		    "setting in the URL", url->query);
	if (url->user[0] != '\0' && url->password[0] == '\0')
		return v2m_err_set(err, V2M_CONFIG, "notify: user '%s' without "
		    "a password: set notify_password_file", url->user);
	if (url->user[0] == '\0' && url->password[0] != '\0')
		return v2m_err_set(err, V2M_CONFIG, "notify: a password "
		    "without a user (use %s://user@host)", url->scheme);
	return 0;
}

/* May the connection be unencrypted?  -1: V2M_CONFIG. */
static int
may_be_clear(const struct v2m_conf *conf, const struct v2m_url *url,
    struct v2m_err *err)
{
	if (strcmp(v2m_conf_text(conf, "notify_tls"), "on") == 0 ||
	    strcmp(url->scheme, "smtps") == 0)
		return 0;
	if (url->user[0] != '\0' && !v2m_loopback(url->host))
		return v2m_err_set(err, V2M_CONFIG, "notify_tls = off would "
		    "send the password unencrypted: use TLS, or a server that "
		    "needs no user");
	return 1;
}

static bool
set_file(struct v2m_smtp *smtp, CURLoption option,
    const struct v2m_conf *conf, const char *key)
{
	const char *path = v2m_conf_text(conf, key);

	if (path[0] == '\0')
		return false;
	curl_easy_setopt(smtp->curl, option, v2m_kept_file_path(path));
	return true;
}

static int
set_smtp_tls(struct v2m_smtp *smtp, const struct v2m_conf *conf,
    const struct v2m_url *url, struct v2m_err *err)
{
	int clear = may_be_clear(conf, url, err);

	if (clear < 0 || v2m_kept_files_check(conf, "notify", err) < 0)
		return -1;
	curl_easy_setopt(smtp->curl, CURLOPT_USE_SSL,
	    clear ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	curl_easy_setopt(smtp->curl, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(smtp->curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(smtp->curl, CURLOPT_SSL_VERIFYHOST, 2L);
	/* Without this, the system's certificates would be trusted too. */
	if (set_file(smtp, CURLOPT_CAINFO, conf, "notify_ca_file"))
		curl_easy_setopt(smtp->curl, CURLOPT_CAPATH, NULL);
	set_file(smtp, CURLOPT_SSLCERT, conf, "notify_cert_file");
	set_file(smtp, CURLOPT_SSLKEY, conf, "notify_key_file");
	return 0;
}

static int
set_server(struct v2m_smtp *smtp, const struct v2m_url *url,
    struct v2m_err *err)
{
	bool v6 = strchr(url->host, ':') != NULL;
	bool tls = strcmp(url->scheme, "smtps") == 0;
	char full[sizeof smtp->server + sizeof url->path + 1];

	snprintf(smtp->server, sizeof smtp->server, "%s://%s%s%s:%d",
	    tls ? "smtps" : "smtp", v6 ? "[" : "", url->host, v6 ? "]" : "",
	    url->port != 0 ? url->port : tls ? 465 : 25);
	snprintf(full, sizeof full, "%s/%s", smtp->server, url->path);
	if (curl_easy_setopt(smtp->curl, CURLOPT_URL, full) != CURLE_OK)
		goto memory;
	if (url->user[0] != '\0' && (curl_easy_setopt(smtp->curl,
	    CURLOPT_USERNAME, url->user) != CURLE_OK ||
	    curl_easy_setopt(smtp->curl, CURLOPT_PASSWORD,
	    url->password) != CURLE_OK))
		goto memory;
	return 0;
memory:
	return v2m_err_set(err, V2M_TEMP, "out of memory");
}

static void
set_limits(struct v2m_smtp *smtp, const struct v2m_conf *conf)
{
	smtp->timeout_ms = v2m_conf_number(conf, "notify_timeout");
	smtp->drain_ms = v2m_conf_number(conf, "drain_timeout");
	curl_easy_setopt(smtp->curl, CURLOPT_CONNECTTIMEOUT_MS,
	    smtp->timeout_ms < CONNECT_MS ? (long)smtp->timeout_ms :
	    (long)CONNECT_MS);
	curl_easy_setopt(smtp->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT,
	    (long)(smtp->timeout_ms / 1000 + 1));
	curl_easy_setopt(smtp->curl, CURLOPT_NOSIGNAL, 1L);
	/* Environment variables must not change where mail goes. */
	curl_easy_setopt(smtp->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(smtp->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(smtp->curl, CURLOPT_ERRORBUFFER, smtp->error);
}

static int
set_all(struct v2m_smtp *smtp, const struct v2m_conf *conf,
    const struct v2m_url *url, struct v2m_err *err)
{
	set_limits(smtp, conf);
	if (set_server(smtp, url, err) < 0 ||
	    set_smtp_tls(smtp, conf, url, err) < 0)
		return -1;
	return 0;
}

int
v2m_smtp_setup(struct v2m_smtp *smtp, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	struct v2m_url url;
	int ret = -1;

	if (v2m_url_of_conf(&url, conf, "notify", err) < 0)
		return -1;
	if (check_url(&url, err) < 0)
		goto out;
	pthread_once(&once, init_global);
	smtp->curl = global == CURLE_OK ? curl_easy_init() : NULL;
	if (smtp->curl == NULL) {
		v2m_err_set(err, V2M_TEMP, "notify: libcurl does not start");
		goto out;
	}
	if (set_all(smtp, conf, &url, err) < 0) {
		curl_easy_cleanup(smtp->curl);
		smtp->curl = NULL;
		goto out;
	}
	ret = 0;
out:
	v2m_url_wipe(&url);
	return ret;
}
