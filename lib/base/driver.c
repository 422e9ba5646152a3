#include "base/driver.h"

#include <stdio.h>
#include <string.h>

#include "base/module.h"
#include "base/suggest.h"

const void *
v2m_driver(const struct v2m_conf *conf, const char *key,
    const struct v2m_driver *table, struct v2m_err *err)
{
	const char *url = v2m_conf_text(conf, key);
	const struct v2m_driver *d;
	char forms[256] = "", scheme[V2M_SUGGEST_MAX], hint[V2M_SUGGEST_HINT];
	struct v2m_suggest s;
	size_t n = 0;

	snprintf(scheme, sizeof scheme, "%.*s", (int)strcspn(url, ":"), url);
	v2m_suggest_start(&s, scheme);
	for (d = table; d->scheme != NULL; d++) {
		if (v2m_conf_rest(conf, key, d->scheme) != NULL)
			return d->ops != NULL ? d->ops :
			    v2m_module(d->module, d->symbol, err);
		v2m_suggest_offer(&s, d->scheme);
		if (n < sizeof forms)
			n += (size_t)snprintf(forms + n, sizeof forms - n,
			    "%s%s", n == 0 ? "" : ", ", d->form);
	}
	v2m_err_set(err, V2M_CONFIG, "%s: unknown scheme '%s'%s (use %s)", key,
	    scheme, v2m_suggest_hint(&s, hint), forms);
	return NULL;
}
