#include "base/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool
is_loopback_v6(const char *text)
{
	struct in6_addr a;

	if (inet_pton(AF_INET6, text, &a) != 1)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&a) ||
	    (IN6_IS_ADDR_V4MAPPED(&a) && a.s6_addr[12] == 127);
}

bool
v2m_loopback(const char *host)
{
	char bare[INET6_ADDRSTRLEN];
	struct in_addr a;
	size_t n = strlen(host);

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &a) == 1)
		return ntohl(a.s_addr) >> 24 == 127;
	if (host[0] != '[')
		return is_loopback_v6(host);
	if (host[n - 1] != ']' || n - 2 >= sizeof bare)
		return false;
	snprintf(bare, sizeof bare, "%.*s", (int)(n - 2), host + 1);
	return is_loopback_v6(bare);
}
