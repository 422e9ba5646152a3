#include "http/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/text.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool
is_v4(const struct v2m_ip *a)
{
	return memcmp(a->b, mapped, sizeof mapped) == 0;
}

static void
set_v4(struct v2m_ip *a, const void *four)
{
	memcpy(a->b, mapped, sizeof mapped);
	memcpy(a->b + 12, four, 4);
}

void
v2m_ip_of(struct v2m_ip *a, const struct sockaddr *sa)
{
	memset(a, 0, sizeof *a);
	if (sa->sa_family == AF_INET)
		set_v4(a, &((const struct sockaddr_in *)(const void *)sa)
		    ->sin_addr);
	else if (sa->sa_family == AF_INET6)
		memcpy(a->b, &((const struct sockaddr_in6 *)(const void *)sa)
		    ->sin6_addr, sizeof a->b);
}

static bool
parse_bare(struct v2m_ip *a, const char *s, size_t n)
{
	char text[V2M_IP_TEXT];
	uint8_t four[4];

	if (n == 0 || n >= sizeof text || memchr(s, '\0', n) != NULL)
		return false;
	memcpy(text, s, n);
	text[n] = '\0';
	if (inet_pton(AF_INET, text, four) == 1) {
		set_v4(a, four);
		return true;
	}
	return inet_pton(AF_INET6, text, a->b) == 1;
}

static bool
is_port(const char *s, size_t n)
{
	size_t i;

	if (n < 2 || n > 6 || s[0] != ':')
		return false;
	for (i = 1; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

bool
v2m_ip_parse(struct v2m_ip *a, const char *s, size_t n,
    bool with_port)
{
	const char *end;
	size_t host_n;

	if (n > 0 && s[0] == '[') {
		end = memchr(s, ']', n);
		if (end == NULL)
			return false;
		host_n = (size_t)(end - s) + 1;
		return (host_n == n ||
		    (with_port && is_port(end + 1, n - host_n))) &&
		    parse_bare(a, s + 1, host_n - 2) && !is_v4(a);
	}
	/* More than one colon is an IPv6 address without brackets. */
	end = with_port ? memchr(s, ':', n) : NULL;
	if (end == NULL || memchr(end + 1, ':', n - (size_t)(end - s) - 1))
		return parse_bare(a, s, n);
	host_n = (size_t)(end - s);
	return is_port(end, n - host_n) && parse_bare(a, s, host_n);
}

char *
v2m_ip_text(char dst[V2M_IP_TEXT], const struct v2m_ip *a)
{
	const char *text = is_v4(a) ?
	    inet_ntop(AF_INET, a->b + 12, dst, V2M_IP_TEXT) :
	    inet_ntop(AF_INET6, a->b, dst, V2M_IP_TEXT);

	if (text == NULL)
		dst[0] = '\0';
	return dst;
}

void
v2m_ip_rate_key(struct v2m_ip *a)
{
	if (!is_v4(a))
		memset(a->b + 8, 0, 8);
}

static int
add_network(struct v2m_networks *nets, const char *key, const char *s,
    size_t n, struct v2m_err *err)
{
	const char *slash = memchr(s, '/', n);
	size_t address_n = slash == NULL ? n : (size_t)(slash - s);
	int64_t bits = 128, most = 128;
	struct v2m_ip a;
	char text[8];

	if (nets->n == V2M_NETWORKS_MAX)
		return v2m_err_set(err, V2M_CONFIG,
		    "%s: more than %d networks", key, V2M_NETWORKS_MAX);
	if (!v2m_ip_parse(&a, s, address_n, false))
		goto fail;
	if (is_v4(&a))
		most = 32;
	if (slash != NULL) {
		if (n - address_n - 1 >= sizeof text)
			goto fail;
		memcpy(text, slash + 1, n - address_n - 1);
		text[n - address_n - 1] = '\0';
		if (!v2m_text_parse_int(text, 0, most, &bits))
			goto fail;
		bits += 128 - most;
	}
	nets->list[nets->n].base = a;
	nets->list[nets->n++].bits = (unsigned)bits;
	return 0;
fail:
	return v2m_err_set(err, V2M_CONFIG, "%s: '%.*s' is neither an "
	    "address nor a network (10.0.0.0/8)", key, (int)(n & 127), s);
}

int
v2m_networks_parse(struct v2m_networks *nets, const char *key,
    const char *text, struct v2m_err *err)
{
	size_t n;

	nets->n = 0;
	for (;; text += n) {
		text += strspn(text, " \t,");
		n = strcspn(text, " \t,");
		if (n == 0)
			return 0;
		if (add_network(nets, key, text, n, err) < 0)
			return -1;
	}
}

static bool
same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 &&
	    (rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0);
}

bool
v2m_networks_hold(const struct v2m_networks *nets,
    const struct v2m_ip *a)
{
	for (size_t i = 0; i < nets->n; i++)
		if (same_bits(nets->list[i].base.b, a->b, nets->list[i].bits))
			return true;
	return false;
}
