/* Can mail reach an address?  Judged by its form only. */
#include <string.h>

#include "base/text.h"
#include "mail/mail.h"

#define LOCAL_MOST 64		/* RFC 5321, 4.5.3.1 */
#define LABEL_MOST 63		/* RFC 1035, 2.3.4 */

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static bool
is_label(const char *s, size_t n)
{
	return n > 0 && n <= LABEL_MOST && s[0] != '-' && s[n - 1] != '-' &&
	    strspn(s, ALNUM "-_") >= n;
}

/* The number of its labels; 0: it is not a domain. */
static int
count_labels(const char *domain)
{
	int labels = 0;
	size_t n;

	for (;;) {
		n = strcspn(domain, ".");
		if (!is_label(domain, n))
			return 0;
		labels++;
		if (domain[n] == '\0')
			return labels;
		domain += n + 1;
	}
}

/* A dot-atom of RFC 5322.  Quoted forms are not needed: v2m_text_email()
 * refuses the characters that would have to be quoted. */
static bool
is_dot_atom(const char *s, size_t n)
{
	return s[0] != '.' && s[n - 1] != '.' && memmem(s, n, "..", 2) == NULL;
}

static bool
is_mailed(const struct v2m_conf *conf)
{
	return v2m_conf_rest(conf, "notify", "log") == NULL &&
	    v2m_conf_rest(conf, "notify", "exec") == NULL;
}

int
v2m_mail_reaches(const struct v2m_conf *conf, const char *address,
    struct v2m_err *err)
{
	char to[V2M_EMAIL_MAX];
	const char *at;
	int labels;

	if (!is_mailed(conf))
		return 0;
	if (!v2m_text_email(to, address))
		return v2m_err_set(err, V2M_USAGE, "not an e-mail address");
	at = strchr(to, '@');
	for (const char *s = to; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return v2m_err_set(err, V2M_USAGE, "no notice would "
			    "reach it: %s has characters that are not ASCII%s",
			    s < at ? "the part before the @" : "the domain",
			    s < at ? "" : ": write it as xn--...");
	labels = count_labels(at + 1);
	if (labels == 0)
		return v2m_err_set(err, V2M_USAGE, "no notice would reach it: "
		    "'%s' is not a domain", at + 1);
	if (at - to > LOCAL_MOST)
		return v2m_err_set(err, V2M_USAGE, "no notice would reach it: "
		    "more than %d bytes before the @", LOCAL_MOST);
	if (labels == 1)
		v2m_err_set(err, V2M_OK, "its domain has no dot: mail servers "
		    "elsewhere do not know it");
	else if (!is_dot_atom(to, (size_t)(at - to)))
		v2m_err_set(err, V2M_OK, "some mail servers refuse it, "
		    "because of the dots before the @");
	else
		return 0;
	return 1;
}
