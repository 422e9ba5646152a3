#include "gateway/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/secret.h"

#define CERT_MAX (256 << 10)	/* a chain */

/* A certificate is not a secret, so everybody may read its file. */
static char *
read_cert(const char *path, struct v2m_err *err)
{
	char *text = malloc(CERT_MAX + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (text == NULL || fd < 0)
		v2m_err_sys(err, V2M_CONFIG, "cannot read '%s'", path);
	else
		n = v2m_io_read(fd, text, CERT_MAX, path, err);
	if (fd >= 0)
		close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

static int
check_pair(const struct v2m_tls *tls, const char *cert, const char *key,
    struct v2m_err *err)
{
	gnutls_datum_t cert_pem = { (unsigned char *)tls->cert,
		(unsigned)strlen(tls->cert) };
	gnutls_datum_t key_pem = { (unsigned char *)tls->key,
		(unsigned)strlen(tls->key) };
	gnutls_certificate_credentials_t pair;
	int n;

	n = gnutls_certificate_allocate_credentials(&pair);
	if (n == 0) {
		n = gnutls_certificate_set_x509_key_mem(pair, &cert_pem,
		    &key_pem, GNUTLS_X509_FMT_PEM);
		gnutls_certificate_free_credentials(pair);
	}
	return n >= 0 ? 0 : v2m_err_set(err, V2M_CONFIG,
	    "cannot use '%s' with the key in '%s': %s", cert, key,
	    gnutls_strerror(n));
}

int
v2m_tls_read(struct v2m_tls *tls, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	const char *cert = v2m_conf_text(conf, "listen_cert_file");
	const char *key = v2m_conf_text(conf, "listen_key_file");

	tls->cert = tls->key = NULL;
	if (cert[0] == '\0' && key[0] == '\0')
		return 0;
	if (cert[0] == '\0')
		return v2m_err_set(err, V2M_CONFIG, "listen_key_file is set, "
		    "but listen_cert_file is not");
	if (key[0] == '\0')
		key = cert;
	tls->cert = read_cert(cert, err);
	if (tls->cert != NULL)
		tls->key = v2m_secret_file(key, NULL, err);
	if (tls->key == NULL || check_pair(tls, cert, key, err) < 0) {
		if (tls->cert != NULL && tls->key == NULL && key == cert)
			v2m_err_prefix(err, "listen_key_file is not set, so "
			    "listen_cert_file has to hold the key");
		v2m_tls_release(tls);
		return v2m_err_configured(err);
	}
	return 0;
}

void
v2m_tls_release(struct v2m_tls *tls)
{
	free(tls->cert);
	v2m_secret_free(tls->key);
	tls->cert = tls->key = NULL;
}
