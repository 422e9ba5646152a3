/* endpoint.c - reads where the broker is: amqp://user@host:port/vhost, with TLS
 * amqps:, and for a cluster several hosts. */
#include "queue/amqp/amqp.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/kept_file.h"
#include "base/secret.h"

v2m_hosts_last v2m_amqp_last_host;

void
v2m_amqp_turn(const struct v2m_amqp_link *l)
{
	v2m_hosts_lost(&v2m_amqp_last_host, &l->endpoint->hosts, l->host);
}

const struct v2m_amqp_step v2m_amqp_steps[V2M_AMQP_STEPS] = {
	{ ".wait.1s", 1000 },
	{ ".wait.10s", 10000 },
	{ ".wait.60s", 60000 },
	{ ".wait.600s", 600000 },
};

static int
set_defaults(struct v2m_amqp_endpoint *endpoint, struct v2m_err *err)
{
	struct v2m_url *url = &endpoint->url;
	struct v2m_host *first = &endpoint->hosts.at[0];

	/* An option in the URL must not be ignored silently. */
	if (url->query[0] != '\0')
		return v2m_err_set(err, V2M_CONFIG, "queue: the URL takes no "
		    "options after '?' (see queue_ca_file and the like)");
	endpoint->tls = strcmp(url->scheme, "amqps") == 0;
	/* Other clients also read amqp://host/ as the vhost "/". */
	endpoint->vhost = url->path[0] == '\0' ? "/" : url->path;
	if (first->name[0] == '\0')
		snprintf(first->name, sizeof first->name, "localhost");
	v2m_hosts_set_port(&endpoint->hosts, endpoint->tls ? 5671 : 5672);
	if (url->user[0] == '\0') {
		snprintf(url->user, sizeof url->user, "guest");
		if (url->password[0] == '\0')
			snprintf(url->password, sizeof url->password, "guest");
	}
	return 0;
}

/* Refuse a private key that others can read. */
static int
check_key(const char *path, struct v2m_err *err)
{
	int fd, ret;

	if (path[0] == '\0' || v2m_kept_file_has(path))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		v2m_err_sys(err, V2M_CONFIG, "queue_key_file: cannot read "
		    "'%s'", path);
		return v2m_err_configured(err);
	}
	ret = v2m_secret_check(fd, path, true, err);
	close(fd);
	return ret < 0 ? v2m_err_prefix(err, "queue_key_file") : 0;
}

static int
load_files(struct v2m_amqp_endpoint *endpoint, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	endpoint->ca_file = strdup(v2m_conf_text(conf, "queue_ca_file"));
	endpoint->cert_file = strdup(v2m_conf_text(conf, "queue_cert_file"));
	endpoint->key_file = strdup(v2m_conf_text(conf, "queue_key_file"));
	if (endpoint->ca_file == NULL || endpoint->cert_file == NULL ||
	    endpoint->key_file == NULL)
		return v2m_err_set(err, V2M_TEMP, "out of memory");
	if (!endpoint->tls && (endpoint->ca_file[0] != '\0' ||
	    endpoint->cert_file[0] != '\0'))
		return v2m_err_set(err, V2M_CONFIG, "queue: amqp: is not "
		    "encrypted: with queue_ca_file or queue_cert_file, use "
		    "amqps:");
	if (endpoint->key_file[0] == '\0' && endpoint->cert_file[0] != '\0') {
		free(endpoint->key_file);
		endpoint->key_file = strdup(endpoint->cert_file);
		if (endpoint->key_file == NULL)
			return v2m_err_set(err, V2M_TEMP, "out of memory");
	}
	return v2m_kept_files_check(conf, "queue", err) < 0 ? -1 :
	    check_key(endpoint->key_file, err);
}

int
v2m_amqp_endpoint_load(struct v2m_amqp_endpoint *endpoint,
    const struct v2m_conf *conf, struct v2m_err *err)
{
	memset(endpoint, 0, sizeof *endpoint);
	if (v2m_url_hosts_of_conf(&endpoint->url, &endpoint->hosts, conf,
	    "queue", err) < 0)
		return -1;
	endpoint->quorum = strcmp(v2m_conf_text(conf, "queue_type"),
	    "quorum") == 0;
	if (set_defaults(endpoint, err) < 0 || load_files(endpoint, conf, err) <
	    0) {
		v2m_amqp_endpoint_release(endpoint);
		return -1;
	}
	return 0;
}

void
v2m_amqp_endpoint_release(struct v2m_amqp_endpoint *endpoint)
{
	v2m_url_wipe(&endpoint->url);
	free(endpoint->ca_file);
	free(endpoint->cert_file);
	free(endpoint->key_file);
	memset(endpoint, 0, sizeof *endpoint);
}
