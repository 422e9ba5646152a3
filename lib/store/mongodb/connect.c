/* Make a client from the URL and the configuration beside it. */
#include "store/mongodb/mongodb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/kept_file.h"
#include "base/secret.h"

/* Defaults; the URL can set others.  A server is searched for as long as an
 * election may take; libmongoc tries one that failed again only after 5 s.
 * libmongoc's own default for a server that does not respond is five
 * minutes. */
#define SELECTION_MS 7000
#define CONNECT_MS 3000
#define SOCKET_MS 20000
#define MAJORITY_MS 15000

#define PEM_MAX 65536	/* bytes of a key or a chain */

/* Options in the URL take precedence. */
static void
set_timeouts(mongoc_uri_t *uri)
{
	static const struct { const char *name; int32_t ms; } limits[] = {
		{ MONGOC_URI_SERVERSELECTIONTIMEOUTMS, SELECTION_MS },
		{ MONGOC_URI_CONNECTTIMEOUTMS, CONNECT_MS },
		{ MONGOC_URI_SOCKETTIMEOUTMS, SOCKET_MS },
	};
	size_t i;

	for (i = 0; i < sizeof limits / sizeof limits[0]; i++)
		if (mongoc_uri_get_option_as_int32(uri, limits[i].name, 0) <=
		    0)
			mongoc_uri_set_option_as_int32(uri, limits[i].name,
			    limits[i].ms);
	if (!mongoc_uri_has_option(uri, MONGOC_URI_SERVERSELECTIONTRYONCE))
		mongoc_uri_set_option_as_bool(uri,
		    MONGOC_URI_SERVERSELECTIONTRYONCE, false);
	if (mongoc_uri_get_appname(uri) == NULL)
		mongoc_uri_set_appname(uri, "v2m");
}

/* The value of KEY_word. */
static const char *
companion(const struct v2m_conf *conf, const char *key, const char *word)
{
	char name[64];

	snprintf(name, sizeof name, "%s_%s", key, word);
	return v2m_conf_text(conf, name);
}

static int
prefix_companion(struct v2m_err *err, const char *key, const char *word)
{
	return v2m_err_prefix(err, "%s_%s", key, word);
}

static int
set_password(mongoc_uri_t *uri, const struct v2m_conf *conf, const char *key,
    struct v2m_err *err)
{
	const char *file = companion(conf, key, "password_file");
	const char *user = mongoc_uri_get_username(uri);
	bool set;
	char *line;

	if (file[0] == '\0' || mongoc_uri_get_password(uri) != NULL)
		return 0;
	if (user == NULL || user[0] == '\0')
		return v2m_err_set(err, V2M_CONFIG, "%s_password_file is "
		    "set, but the URL of `%s` names no user "
		    "(mongodb://USER@HOST/)", key, key);
	line = v2m_secret_line(file, err);
	if (line == NULL) {
		prefix_companion(err, key, "password_file");
		return v2m_err_configured(err);
	}
	set = mongoc_uri_set_password(uri, line);
	v2m_secret_free(line);
	return set ? 0 : v2m_err_set(err, V2M_CONFIG, "%s_password_file: the "
	    "password is no UTF-8 text", key);
}

static int
append_file(int to, const char *path, bool secret, struct v2m_err *err)
{
	int from = open(v2m_kept_file_path(path), O_RDONLY | O_CLOEXEC |
	    O_NOCTTY);
	char buf[PEM_MAX];
	ssize_t n;
	int ret = -1;

	if (from < 0)
		return v2m_err_sys(err, errno == ENOENT ? V2M_NOINPUT :
		    V2M_CONFIG, "cannot open '%s'", path);
	if (!secret || v2m_kept_file_has(path) ||
	    v2m_secret_check(from, path, true, err) == 0) {
		n = v2m_io_read(from, buf, sizeof buf, path, err);
		if (n >= 0 && v2m_io_write(to, buf, (size_t)n, path, err) == 0)
			ret = v2m_io_write(to, "\n", 1, path, err);
		explicit_bzero(buf, sizeof buf);
	}
	close(from);
	return ret;
}

/* libmongoc needs certificate and key in one file. */
static int
join_key(struct v2m_mongodb *m, mongoc_uri_t *uri,
    const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	const char *secret = companion(conf, key, "key_file");
	char path[64];

	m->key_fd = memfd_create("v2m", MFD_CLOEXEC);
	if (m->key_fd < 0)
		return v2m_err_sys(err, V2M_TEMP, "cannot read '%s'", secret);
	if (append_file(m->key_fd, companion(conf, key, "cert_file"), false,
	    err) < 0)
		return prefix_companion(err, key, "cert_file");
	if (append_file(m->key_fd, secret, true, err) < 0)
		return prefix_companion(err, key, "key_file");
	snprintf(path, sizeof path, "/proc/self/fd/%d", m->key_fd);
	mongoc_uri_set_option_as_utf8(uri, MONGOC_URI_TLSCERTIFICATEKEYFILE,
	    path);
	return 0;
}

static int
set_uri_tls(struct v2m_mongodb *m, mongoc_uri_t *uri,
    const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	const char *ca = companion(conf, key, "ca_file");
	const char *cert = companion(conf, key, "cert_file");
	const char *secret = companion(conf, key, "key_file");

	if (ca[0] == '\0' && cert[0] == '\0' && secret[0] == '\0')
		return 0;
	if (cert[0] == '\0' && secret[0] != '\0')
		return v2m_err_set(err, V2M_CONFIG, "%s_key_file is set, "
		    "but %s_cert_file is not", key, key);
	if (v2m_kept_files_check(conf, key, err) < 0)
		return -1;
	mongoc_uri_set_option_as_bool(uri, MONGOC_URI_TLS, true);
	if (ca[0] != '\0')
		mongoc_uri_set_option_as_utf8(uri, MONGOC_URI_TLSCAFILE,
		    v2m_kept_file_path(ca));
	if (secret[0] != '\0' && strcmp(secret, cert) != 0)
		return join_key(m, uri, conf, key, err);
	if (cert[0] != '\0')
		mongoc_uri_set_option_as_utf8(uri,
		    MONGOC_URI_TLSCERTIFICATEKEYFILE,
		    v2m_kept_file_path(cert));
	return 0;
}

/* What a crash or an election can roll back does not count as written: the
 * library's default write concern (w=1, in memory) is not enough. */
static int
set_durability(struct v2m_mongodb *m, const mongoc_uri_t *uri,
    const char *key, struct v2m_err *err)
{
	mongoc_write_concern_t *wc = mongoc_write_concern_copy(
	    mongoc_uri_get_write_concern(uri));
	mongoc_read_prefs_t *primary = mongoc_read_prefs_new(
	    MONGOC_READ_PRIMARY);
	int32_t w = mongoc_write_concern_get_w(wc);
	int ret = 0;

	if (w == MONGOC_WRITE_CONCERN_W_DEFAULT)
		mongoc_write_concern_set_w(wc,
		    MONGOC_WRITE_CONCERN_W_MAJORITY);
	if (!mongoc_write_concern_journal_is_set(wc))
		mongoc_write_concern_set_journal(wc, true);
	if (mongoc_write_concern_get_wtimeout_int64(wc) <= 0)
		mongoc_write_concern_set_wtimeout_int64(wc, MAJORITY_MS);
	if (w == MONGOC_WRITE_CONCERN_W_UNACKNOWLEDGED ||
	    w == MONGOC_WRITE_CONCERN_W_ERRORS_IGNORED)
		ret = v2m_err_set(err, V2M_CONFIG, "%s: w=%d in the URL "
		    "would lose uploads unnoticed", key, (int)w);
	mongoc_client_set_write_concern(m->client, wc);
	mongoc_client_set_read_prefs(m->client, primary);
	mongoc_write_concern_destroy(wc);
	mongoc_read_prefs_destroy(primary);
	return ret;
}

/* The name of the server for messages: its first host.  The URL may hold
 * secrets. */
static void
name_host(struct v2m_mongodb *m, const mongoc_uri_t *uri)
{
	const mongoc_host_list_t *hosts = mongoc_uri_get_hosts(uri);
	const char *srv = mongoc_uri_get_srv_hostname(uri);

	snprintf(m->host, sizeof m->host, "%.100s%s",
	    hosts != NULL ? hosts->host_and_port : srv != NULL ? srv : "",
	    hosts != NULL && hosts->next != NULL ? ",..." : "");
}

/* After an unescaped '@' in a password, the library would take the password's
 * end for the host name, which goes to messages and to the resolver. */
static bool
has_bare_at(const char *url)
{
	const char *at = strchr(url, '@');

	return at != NULL && memchr(at + 1, '@', strcspn(at + 1, "/?")) != NULL;
}

/* The library's messages may repeat parts of the URL, so they are shown only if
 * it has no password. */
static mongoc_uri_t *
parse_uri(const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	const char *text = v2m_conf_text(conf, key);
	mongoc_uri_t *uri;
	bson_error_t error;

	if (has_bare_at(text)) {
		v2m_err_set(err, V2M_CONFIG, "%s: an '@' in a user or "
		    "password is written %%40 (see %s_password_file)", key,
		    key);
		return NULL;
	}
	uri = mongoc_uri_new_with_error(text, &error);
	if (uri == NULL)
		v2m_err_set(err, V2M_CONFIG, "%s: not of the form "
		    "mongodb://USER@HOST:PORT/?OPTION=VALUE%s%s", key,
		    strchr(text, '@') == NULL ? ": " : "",
		    strchr(text, '@') == NULL ? error.message : "");
	return uri;
}

static int
connect_to(struct v2m_mongodb *m, mongoc_uri_t *uri,
    const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	bson_error_t error;

	name_host(m, uri);
	set_timeouts(uri);
	if (set_password(uri, conf, key, err) < 0 ||
	    set_uri_tls(m, uri, conf, key, err) < 0)
		return -1;
	m->client = mongoc_client_new_from_uri_with_error(uri, &error);
	if (m->client == NULL)
		return v2m_err_set(err, mongoc_uri_get_srv_hostname(uri) !=
		    NULL ? V2M_TEMP : V2M_CONFIG, "%s: cannot use the URL "
		    "for %s: %s", key, m->host, error.message);
	mongoc_client_set_error_api(m->client, MONGOC_ERROR_API_VERSION_2);
	return set_durability(m, uri, key, err);
}

int
v2m_mongodb_connect(struct v2m_mongodb *m, const struct v2m_conf *conf,
    const char *key, struct v2m_err *err)
{
	mongoc_uri_t *uri = parse_uri(conf, key, err);
	int ret;

	if (uri == NULL)
		return -1;
	ret = connect_to(m, uri, conf, key, err);
	mongoc_uri_destroy(uri);
	return ret;
}
