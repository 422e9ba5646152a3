#include "auth/mysql/mysql.h"

#include <errmsg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/kept_file.h"

#define PORT 3306
#define DATABASE "auth"
#define CONNECT_MOST_S 5

/* Strict, so that a value that does not fit is refused and never cut; a
 * backslash in SQL is only a backslash.  The wait for a lock is shorter than
 * the time limit of the connection. */
#define SESSION "SET SESSION sql_mode = 'STRICT_ALL_TABLES," \
	"NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 5, " \
	"lock_wait_timeout = 30, autocommit = 1"

/* MariaDB's Connector/C and MySQL's own library differ in little. */
#ifdef MARIADB_PACKAGE_VERSION
#define IS_CONNECTOR_C 1
#else
#define IS_CONNECTOR_C 0
#endif

static v2m_hosts_last last_host;

const char *
v2m_mysql_database(const struct v2m_mysql *m)
{
	return m->url.path[0] != '\0' ? m->url.path : DATABASE;
}

/* What users_tls = auto means for this host. */
static const char *
choose_tls(const struct v2m_mysql *m, const char *wanted)
{
	if (m->socket[0] != '\0')
		return "off";
	if (strcmp(wanted, "auto") != 0)
		return wanted;
	return v2m_hosts_are_loopback(&m->hosts) && m->ca[0] == '\0' ?
	    "off" : "verify";
}

static int
check_url(struct v2m_mysql *m, struct v2m_err *err)
{
	bool has_socket = v2m_url_query(&m->url, "socket", m->socket,
	    sizeof m->socket);

	if (m->url.query[0] != '\0' && !has_socket)
		return v2m_err_set(err, V2M_CONFIG, "users: '?%s': only "
		    "?socket=/path is known", m->url.query);
	if (has_socket && (m->socket[0] != '/' ||
	    m->hosts.n > 1 || (m->url.host[0] != '\0' &&
	    !v2m_hosts_are_loopback(&m->hosts))))
		return v2m_err_set(err, V2M_CONFIG, "users: a socket has an "
		    "absolute path, and is on localhost");
	if ((m->url.host[0] == '\0' && !has_socket) || m->url.user[0] == '\0')
		return v2m_err_set(err, V2M_CONFIG, "users: the URL lacks %s "
		    "(mysql://user@host/auth)", m->url.user[0] == '\0' ?
		    "a user" : "a host");
	if (strchr(m->url.path, '/') != NULL || strlen(m->url.path) > 64)
		return v2m_err_set(err, V2M_CONFIG, "users: '%s' is not the "
		    "name of a database", m->url.path);
	return 0;
}

int
v2m_mysql_init(struct v2m_mysql *m, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	int64_t timeout_ms = v2m_conf_number(conf, "users_timeout");

	memset(m, 0, sizeof *m);
	if (v2m_url_hosts_of_conf(&m->url, &m->hosts, conf, "users", err) < 0 ||
	    check_url(m, err) < 0 ||
	    v2m_kept_files_check(conf, "users", err) < 0)
		return -1;
	if (timeout_ms == 0)
		return v2m_err_set(err, V2M_CONFIG, "users_timeout must be "
		    "more than 0");
	m->timeout_s = (unsigned)((timeout_ms + 999) / 1000);
	m->ca = v2m_conf_text(conf, "users_ca_file");
	m->cert = v2m_conf_text(conf, "users_cert_file");
	m->key = v2m_conf_text(conf, "users_key_file");
	m->tls = choose_tls(m, v2m_conf_text(conf, "users_tls"));
	v2m_hosts_set_port(&m->hosts, PORT);
	m->where = m->socket[0] != '\0' ? m->socket : m->hosts.at[0].where;
	return 0;
}

void
v2m_mysql_release(struct v2m_mysql *m)
{
	if (m->db != NULL)
		mysql_close(m->db);
	m->db = NULL;
	v2m_url_wipe(&m->url);
}

static const char *
or_none(const char *path)
{
	return path[0] == '\0' ? NULL : v2m_kept_file_path(path);
}

void
v2m_mysql_turn(struct v2m_mysql *m)
{
	if (m->db != NULL)
		mysql_close(m->db);
	m->db = NULL;
	v2m_hosts_lost(&last_host, &m->hosts, m->host);
}

#if IS_CONNECTOR_C

/* Asking for encryption is not enough: if the server has none, the library
 * connects without it, unless the certificate is to be checked (see also
 * is_encrypted()).  A server whose certificate was not checked must not ask for
 * the password in plain text. */
static void
set_mysql_tls(MYSQL *db, const struct v2m_mysql *m)
{
	static const char safe[] = "mysql_native_password,"
	    "caching_sha2_password,client_ed25519,parsec";
	char on = strcmp(m->tls, "off") != 0;
	char verify = strcmp(m->tls, "verify") == 0;

	if (on) {
		mysql_ssl_set(db, or_none(m->key), or_none(m->cert),
		    or_none(m->ca), NULL, NULL);
		mysql_options(db, MYSQL_OPT_SSL_ENFORCE, &on);
	}
	mysql_options(db, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
	if (!verify && m->socket[0] == '\0')
		mysql_options(db, MARIADB_OPT_RESTRICTED_AUTH, safe);
}

#else

/* MySQL's library sends no password unencrypted unless told to. */
static void
set_mysql_tls(MYSQL *db, const struct v2m_mysql *m)
{
	unsigned mode = strcmp(m->tls, "off") == 0 ? SSL_MODE_PREFERRED :
	    strcmp(m->tls, "on") == 0 ? SSL_MODE_REQUIRED :
	    SSL_MODE_VERIFY_IDENTITY;

	mysql_options(db, MYSQL_OPT_SSL_KEY, or_none(m->key));
	mysql_options(db, MYSQL_OPT_SSL_CERT, or_none(m->cert));
	mysql_options(db, MYSQL_OPT_SSL_CA, or_none(m->ca));
	mysql_options(db, MYSQL_OPT_SSL_MODE, &mode);
}

#endif

/* The defaults will not do: no timeout is set, the server may ask for files of
 * this machine, and "localhost" means a socket. */
static void
set_options(MYSQL *db, const struct v2m_mysql *m, unsigned connect_s,
    unsigned patience_s)
{
	unsigned off = 0, protocol = m->socket[0] != '\0' ?
	    MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;

	mysql_options(db, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
	mysql_options(db, MYSQL_OPT_READ_TIMEOUT, &patience_s);
	mysql_options(db, MYSQL_OPT_WRITE_TIMEOUT, &patience_s);
	mysql_options(db, MYSQL_OPT_LOCAL_INFILE, &off);
	mysql_options(db, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options(db, MYSQL_INIT_COMMAND, SESSION);
	/* MySQL's library asks for a collation that MariaDB does not know;
	 * MariaDB then uses latin1. */
	if (!IS_CONNECTOR_C)
		mysql_options(db, MYSQL_INIT_COMMAND, "SET NAMES utf8mb4");
	set_mysql_tls(db, m);
}

static bool
is_encrypted(MYSQL *db)
{
	const char *cipher = mysql_get_ssl_cipher(db);

	return cipher != NULL && cipher[0] != '\0';
}

static const char *
name_of(const struct v2m_mysql *m)
{
	const char *name = m->hosts.at[m->host].name;

	if (m->socket[0] != '\0')
		return "localhost";
	return strcmp(name, "localhost") == 0 && strcmp(m->tls, "off") == 0 ?
	    "127.0.0.1" : name;
}

static int
connect_one(struct v2m_mysql *m, const char *database, unsigned connect_s,
    unsigned patience_s, struct v2m_err *err)
{
	MYSQL *db = mysql_init(NULL);

	if (db == NULL)
		return v2m_err_set(err, V2M_TEMP, "users: out of memory");
	set_options(db, m, connect_s, patience_s);
	if (mysql_real_connect(db, name_of(m), m->url.user, m->url.password,
	    database, (unsigned)m->hosts.at[m->host].port, or_none(m->socket),
	    0) == NULL) {
		v2m_mysql_error(m, mysql_errno(db), mysql_error(db), err);
	} else if (strcmp(m->tls, "off") != 0 && !is_encrypted(db)) {
		v2m_err_set(err, V2M_CONFIG, "users on %s: the server has no "
		    "encryption: set it up there, or users_tls = off",
		    m->where);
	} else {
		m->db = db;
		return 0;
	}
	mysql_close(db);
	return -1;
}

/* The library counts in seconds. */
static unsigned
share_s(int64_t until, size_t left)
{
	int64_t s = (v2m_hosts_share(until, left) + 500) / 1000;

	return s < 1 ? 1 : (unsigned)s;
}

int
v2m_mysql_connect(struct v2m_mysql *m, const char *database,
    unsigned patience_s, struct v2m_err *err)
{
	unsigned most_s = m->timeout_s < CONNECT_MOST_S ? m->timeout_s :
	    CONNECT_MOST_S;
	int64_t until = v2m_mono_ms() + most_s * 1000;
	size_t first = v2m_hosts_first(&last_host, &m->hosts), i;
	struct v2m_err all = { .code = V2M_OK }, one;
	unsigned answer = 0;

	if (m->db != NULL)
		mysql_close(m->db);
	m->db = NULL;
	for (i = 0; i < m->hosts.n; i++) {
		m->lost = false;
		m->number = 0;
		m->host = (first + i) % m->hosts.n;
		if (m->socket[0] == '\0')
			m->where = m->hosts.at[m->host].where;
		if (connect_one(m, database, share_s(until, m->hosts.n - i),
		    patience_s == 0 ? m->timeout_s : patience_s, &one) == 0) {
			v2m_hosts_works(&last_host, m->host);
			return 0;
		}
		v2m_hosts_failed(&all, &one);
		if (m->number < CR_MIN_ERROR && m->number != 0)
			answer = m->number;
	}
	/* A server's error tells more than that another is away. */
	if (answer != 0)
		m->number = answer;
	return v2m_err_pass(err, &all);
}
