/* Headers that clients send: the parsers of lib/http, one after the other. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/percent.h"
#include "http/basic.h"
#include "http/bearer.h"
#include "http/date.h"
#include "http/disposition.h"
#include "http/etag.h"
#include "http/fields.h"
#include "http/forwarded.h"
#include "http/ip.h"
#include "http/param.h"
#include "http/query.h"
#include "http/range.h"
#include "tap.h"

static struct v2m_err err;

static void
try_percent(void)
{
	char out[64];

	ok(v2m_percent_decode(out, "a%20b%C3%A4+", 12, false),
	    "escapes are decoded");
	is(out, "a b\xc3\xa4+", "decoded, a plus is a plus");
	ok(v2m_percent_decode(out, "a+b", 3, true), "in a form");
	is(out, "a b", "a plus is a blank");
	ok(!v2m_percent_decode(out, "%00", 3, false), "an escaped NUL");
	ok(!v2m_percent_decode(out, "a\0b", 3, false), "a raw one");
	ok(!v2m_percent_decode(out, "%0a", 3, false) &&
	    !v2m_percent_decode(out, "%7F", 3, false), "control characters");
	ok(!v2m_percent_decode(out, "%4", 2, false) &&
	    !v2m_percent_decode(out, "%", 1, false) &&
	    !v2m_percent_decode(out, "%zz", 3, false), "bad escapes");
	ok(v2m_percent_encode(out, sizeof out, "a b/\xc3\xa4~",
	    NULL), "a text is encoded whole");
	is(out, "a%20b%2F%C3%A4~", "bytes that need it are escaped");
	ok(v2m_percent_encode(out, 4, "a/b", "/"), "one that just fits, too");
	is(out, "a/b", "a character to keep stays");
	ok(!v2m_percent_encode(out, 6, "abc def", NULL),
	    "one that is cut is told of");
	is(out, "abc", "a cut leaves no half an escape");
}

static void
try_query(void)
{
	struct v2m_query q;
	const char *text = "fid=1&name=a%26b+c&&flag&x=&=y";

	ok(v2m_query_parse(&q, text, strlen(text), &err) == 0, "a query");
	is(v2m_query_get(&q, "fid"), "1", "a value");
	is(v2m_query_get(&q, "name"), "a&b c", "a value of a query is decoded");
	is(v2m_query_get(&q, "flag"), "", "a key alone");
	is(v2m_query_get(&q, "x"), "", "an empty value");
	is(v2m_query_get(&q, ""), "y", "an empty key");
	ok(v2m_query_get(&q, "y") == NULL, "none of that name");
	v2m_query_release(&q);
	ok(v2m_query_parse(&q, "", 0, &err) == 0 && q.n == 0,
	    "an empty query has no fields");
	v2m_query_release(&q);
	ok(v2m_query_parse(&q, "a&a", 3, &err) < 0 && err.code == V2M_USAGE,
	    "the same key twice");
	ok(v2m_query_parse(&q, "a&%61", 5, &err) < 0, "also when escaped");
	ok(v2m_query_parse(&q, "a=%00", 5, &err) < 0, "a NUL");
	ok(v2m_query_parse(&q, "a=\n", 3, &err) < 0, "a line end");
	text = "a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q&r&s&t&u&v&w&x&y&z&0&1&2&3&4"
	    "&5&6";
	ok(v2m_query_parse(&q, text, strlen(text), &err) < 0, "too many");
	ok(v2m_query_parse(&q, text, strlen(text) - 2, &err) == 0 &&
	    q.n == V2M_QUERY_MAX, "as many as may be");
	v2m_query_release(&q);
}

static void
try_bearer(void)
{
	static const char *const none[] = { "Bearer", "Bearer ", "Bearer =",
		"" };
	char token[32];

	ok(v2m_bearer_parse("Bearer abc.DEF-_~+/==", token, sizeof token),
	    "a token");
	is(token, "abc.DEF-_~+/==", "as it stands");
	ok(v2m_bearer_parse("bEARER   x  ", token, sizeof token),
	    "whatever the case, and blanks");
	is(token, "x", "which are not the token's");
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		okf(!v2m_bearer_parse(none[i], token, sizeof token),
		    "no token in '%s'", none[i]);
	ok(!v2m_bearer_parse("Basic abc", token, sizeof token) &&
	    !v2m_bearer_parse("Bearerx abc", token, sizeof token),
	    "another scheme");
	ok(!v2m_bearer_parse("Bearer a b", token, sizeof token) &&
	    !v2m_bearer_parse("Bearer a,b", token, sizeof token) &&
	    !v2m_bearer_parse("Bearer a=b", token, sizeof token),
	    "what is none");
	ok(!v2m_bearer_parse("Bearer 12345678901234567890123456789012",
	    token, sizeof token), "too long");
	ok(v2m_bearer_parse("Bearer 1234567890123456789012345678901", token,
	    sizeof token), "as long as may be");
}

static void
try_basic(void)
{
	static const char *const broken[] = { "Basic YTpi=", "Basic YTpiO",
		"Basic YTp*", "Basic YT\np", "Basic YTpiOg====", "Basic",
		"" };
	struct v2m_basic b;

	ok(v2m_basic_parse("Basic YW5uQGV4YW1wbGUub3JnOnNlY3JldA==", &b),
	    "a name and a password");
	is(b.user, "ann@example.org", "the name");
	is(b.password, "secret", "the password");
	v2m_basic_wipe(&b);
	ok(b.user[0] == '\0' && b.password[0] == '\0',
	    "name and password are wiped");
	ok(v2m_basic_parse("basic YTpiOmM", &b), "without padding");
	is(b.user, "a", "the first colon");
	is(b.password, "b:c", "ends the name");
	ok(v2m_basic_parse("Basic Og==", &b) && b.user[0] == '\0' &&
	    b.password[0] == '\0', "both empty");
	ok(!v2m_basic_parse("Basic YWI=", &b), "no colon");
	ok(!v2m_basic_parse("Basic YQA6Yg==", &b), "a NUL");
	ok(!v2m_basic_parse("Basic YQo6Yg==", &b), "a line end");
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		okf(!v2m_basic_parse(broken[i], &b), "no base64 in '%s'",
		    broken[i]);
	ok(!v2m_basic_parse("Bearer YTpi", &b), "another scheme");
}

static void
try_long_basic(void)
{
	char value[4096] = "Basic ";
	struct v2m_basic b;
	size_t i;

	/* "YWFh" is "aaa". */
	for (i = 6; i + 4 < 6 + 4 * 100; i += 4)
		memcpy(value + i, "YWFh", 5);
	memcpy(value + i, "Og==", 5);
	ok(!v2m_basic_parse(value, &b), "a name that is too long");
	ok(b.user[0] == '\0', "is not kept");
	memcpy(value, "Basic YWE6", 11);	/* "aa:" */
	for (i = strlen(value); i + 4 < sizeof value; i += 4)
		memcpy(value + i, "YWFh", 5);
	ok(!v2m_basic_parse(value, &b) && b.password[0] == '\0',
	    "nor a password");
}

static void
try_range(void)
{
	static const char *const ignored[] = { "bytes=0-1,5-6", "bytes=9-1",
		"bytes=a-", "bytes=-", "bytes=", "bytes=1 -2", "lines=1-2" };
	static const char *const others[] = { "\"y\"", "W/\"x\"", "\"x\"y",
		"Sat, 21 Nov 2026 08:00:00 GMT" };
	int64_t a, b;

	ok(v2m_range_parse(NULL, 100, &a, &b) == V2M_RANGE_ALL, "no range");
	ok(v2m_range_parse("bytes=0-9", 100, &a, &b) == V2M_RANGE_PART &&
	    a == 0 && b == 9, "the first ten");
	ok(v2m_range_parse("Bytes= 90-  ", 100, &a, &b) == V2M_RANGE_PART &&
	    a == 90 && b == 99, "from the ninetieth on");
	ok(v2m_range_parse("bytes=-5", 100, &a, &b) == V2M_RANGE_PART &&
	    a == 95 && b == 99, "the last five");
	ok(v2m_range_parse("bytes=-500", 100, &a, &b) == V2M_RANGE_PART &&
	    a == 0 && b == 99, "the last of more than there are");
	ok(v2m_range_parse("bytes=50-500", 100, &a, &b) == V2M_RANGE_PART &&
	    a == 50 && b == 99, "to behind the end");
	ok(v2m_range_parse("bytes=50-100", 100, &a, &b) == V2M_RANGE_PART &&
	    b == 99, "a last byte that is the size is one too many");
	ok(v2m_range_parse("bytes=99-99", 100, &a, &b) == V2M_RANGE_PART &&
	    a == 99 && b == 99, "the last byte alone");
	ok(v2m_range_parse("bytes=100-", 100, &a, &b) == V2M_RANGE_NONE,
	    "from the end on there is nothing");
	ok(v2m_range_parse("bytes=-0", 100, &a, &b) == V2M_RANGE_NONE,
	    "nor in the last 0 bytes");
	ok(v2m_range_parse("bytes=0-", 0, &a, &b) == V2M_RANGE_NONE,
	    "nor from the first byte of none");
	ok(v2m_range_parse("bytes=-1", 0, &a, &b) == V2M_RANGE_NONE,
	    "nor in the last byte of none");
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		okf(v2m_range_parse(ignored[i], 100, &a, &b) == V2M_RANGE_ALL,
		    "Range '%s' counts for nothing", ignored[i]);
	ok(v2m_range_parse("bytes=99999999999999999999-", 100, &a, &b) ==
	    V2M_RANGE_NONE && v2m_range_parse(
	    "bytes=1-99999999999999999999", 100, &a, &b) == V2M_RANGE_PART &&
	    b == 99, "numbers without end");
	ok(v2m_if_range(NULL, "\"x\"") && v2m_if_range("\"x\" ", "\"x\""),
	    "If-Range that holds");
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		okf(!v2m_if_range(others[i], "\"x\""),
		    "If-Range '%s' does not hold", others[i]);
}

static void
try_etag(void)
{
	static const char *const with[] = { "\"x\"",
		"\"a\", W/\"x\" ,\"b\"", " * ", ",, \"x,y\",\"x\"" };
	static const char *const without[] = { "\"y\"", "", "x", "\"x",
		"\"a\" \"x\"", "*, \"x\"" };

	for (size_t i = 0; i < sizeof with / sizeof *with; i++)
		okf(v2m_etag_listed(with[i], "\"x\""), "listed in '%s'",
		    with[i]);
	for (size_t i = 0; i < sizeof without / sizeof *without; i++)
		okf(!v2m_etag_listed(without[i], "\"x\""),
		    "not listed in '%s'", without[i]);
}

static void
try_disposition(void)
{
	char out[V2M_DISPOSITION_MAX], name[256];

	is(v2m_disposition(out, "talk.mp3"),
	    "attachment; filename=\"talk.mp3\"", "a plain name");
	is(v2m_disposition(out, "M\xc3\xa4rz 50%.mp3"),
	    "attachment; filename=\"M_rz 50_.mp3\"; "
	    "filename*=UTF-8''M%C3%A4rz%2050%25.mp3", "both forms");
	is(v2m_disposition(out, "a\"b\\c/d\r\nX: y"),
	    "attachment; filename=\"a_b_c_d??X: y\"; "
	    "filename*=UTF-8''a%22b_c_d%3F%3FX%3A%20y",
	    "nothing gets out of its quotes");
	memset(name, 0xc3, 255);
	name[255] = '\0';
	ok(strlen(v2m_disposition(out, name)) < sizeof out,
	    "bytes without sense, as many as can be");
	for (size_t i = 0; i < 254; i += 2)
		memcpy(name + i, "\xc3\xa4", 3);
	v2m_disposition(out, name);
	ok(strlen(out) > 3 * 254 && strcmp(out + strlen(out) - 6, "%C3%A4") ==
	    0, "the longest name, to its end");
}

static const char *
client(const char *peer, enum v2m_forwarded kind, const char *value)
{
	static char text[V2M_IP_TEXT];
	struct v2m_networks nets;
	struct v2m_ip a;

	v2m_networks_parse(&nets, "k", "127.0.0.1, 10.0.0.0/8 2001:db8::/32",
	    &err);
	v2m_ip_parse(&a, peer, strlen(peer), false);
	v2m_forwarded_client(&a, kind, value, &nets);
	return v2m_ip_text(text, &a);
}

static void
try_forwarded(void)
{
	enum v2m_forwarded x = V2M_X_FORWARDED_FOR, f = V2M_FORWARDED;

	is(client("192.0.2.1", x, "198.51.100.9"), "192.0.2.1",
	    "a stranger is not believed");
	is(client("127.0.0.1", x, NULL), "127.0.0.1", "nothing is said");
	is(client("127.0.0.1", x, "198.51.100.9"), "198.51.100.9",
	    "a proxy is");
	is(client("127.0.0.1", x, "1.1.1.1, 198.51.100.9 , 10.1.2.3"),
	    "198.51.100.9", "the last that is no proxy");
	is(client("127.0.0.1", x, "10.0.0.7, 10.1.2.3"), "10.0.0.7",
	    "all of them proxies: the first");
	is(client("127.0.0.1", x, "198.51.100.9:4711"), "198.51.100.9",
	    "with a port");
	is(client("127.0.0.1", x, "[2001:db9::5]:80"), "2001:db9::5",
	    "IPv6 with a port");
	is(client("127.0.0.1", x, "2001:db9::5"), "2001:db9::5",
	    "X-Forwarded-For with an IPv6 address");
	is(client("2001:db8::1", x, "::ffff:192.0.2.9"), "192.0.2.9",
	    "IPv4 in IPv6 is IPv4");
	is(client("127.0.0.1", x, "198.51.100.9, unknown"), "127.0.0.1",
	    "what is no address ends it");
	is(client("127.0.0.1", x, "198.51.100.9, 10.0.0.1, x"), "127.0.0.1",
	    "wherever it stands");
	is(client("127.0.0.1", x, ""), "127.0.0.1", "an empty list");
	is(client("127.0.0.1", f, "for=198.51.100.9"), "198.51.100.9",
	    "the client of a Forwarded header");
	is(client("127.0.0.1", f,
	    "for=1.1.1.1;by=x, By=\"a,b;c\" ; For=\"[2001:db9::5]:80\""),
	    "2001:db9::5", "with all that may be in it");
	is(client("127.0.0.1", f, "for=198.51.100.9, for=_hidden"),
	    "127.0.0.1", "an obfuscated name");
	is(client("127.0.0.1", f, "for=\"198.51.100.9"), "127.0.0.1",
	    "quotes that do not close");
	is(client("127.0.0.1", f, "for=1.1.1.1, proto=https"), "127.0.0.1",
	    "an element without for");
	is(client("127.0.0.1", f, "a=\"\\\",for=9.9.9.9\", for=8.8.8.8"),
	    "8.8.8.8", "an escaped quote");
}

static void
try_address(void)
{
	static const char *const no_ip[] = { "1.2.3", "1.2.3.4:", "1.2.3.4:x",
		"[1.2.3.4]", "[::1", "" };
	static const char *const no_network[] = { "10.0.0.0/33",
		"proxy.example", "10.0.0.0/" };
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0x7f000001) };
	char text[V2M_IP_TEXT];
	struct v2m_networks nets;
	struct v2m_ip a, b;

	v2m_ip_of(&a, (struct sockaddr *)&in);
	is(v2m_ip_text(text, &a), "127.0.0.1", "of a socket");
	ok(v2m_ip_parse(&b, "::ffff:127.0.0.1", 16, false) &&
	    memcmp(&a, &b, sizeof a) == 0, "the same by IPv6");
	v2m_ip_parse(&a, "2001:db8:1:2:3::4", 17, false);
	v2m_ip_rate_key(&a);
	is(v2m_ip_text(text, &a), "2001:db8:1:2::", "a household");
	for (size_t i = 0; i < sizeof no_ip / sizeof *no_ip; i++)
		okf(!v2m_ip_parse(&a, no_ip[i], strlen(no_ip[i]), true),
		    "no IP address: '%s'", no_ip[i]);
	ok(!v2m_ip_parse(&a, "1.2.3.4:80", 10, false),
	    "a port where none may be");
	ok(v2m_networks_parse(&nets, "k", " 192.0.2.0/23,2001:db8::/33 ",
	    &err) == 0 && nets.n == 2, "a list of two networks");
	v2m_ip_parse(&a, "192.0.3.255", 11, false);
	v2m_ip_parse(&b, "192.0.4.0", 9, false);
	ok(v2m_networks_hold(&nets, &a) && !v2m_networks_hold(&nets, &b),
	    "bits of IPv4");
	v2m_ip_parse(&a, "2001:db8:7fff::1", 16, false);
	v2m_ip_parse(&b, "2001:db8:8000::1", 16, false);
	ok(v2m_networks_hold(&nets, &a) && !v2m_networks_hold(&nets, &b),
	    "bits of IPv6");
	for (size_t i = 0; i < sizeof no_network / sizeof *no_network; i++)
		okf(v2m_networks_parse(&nets, "k", no_network[i], &err) < 0 &&
		    err.code == V2M_CONFIG, "no network: '%s'",
		    no_network[i]);
}

/* Are these "Name: value" lines accepted? */
static bool
fine(const char *lines, bool http_1_1)
{
	struct v2m_http_field f[V2M_FIELDS_MAX + 1];
	size_t n = 0, line_n;
	const char *colon;

	for (; *lines != '\0'; lines += line_n + 1) {
		line_n = strcspn(lines, "\n");
		colon = memchr(lines, ':', line_n);
		f[n].name = lines;
		f[n].name_n = (size_t)(colon - lines);
		f[n].value = colon + 2;
		f[n].value_n = (size_t)(lines + line_n - colon - 2);
		n++;
	}
	return v2m_fields_check(f, n, http_1_1, &err) == 0;
}

static bool
fine_after_host(const char *name, const char *value)
{
	char lines[128];

	snprintf(lines, sizeof lines, "Host: a\n%s: %s\n", name, value);
	return fine(lines, true);
}

static void
try_fields(void)
{
	static const char *const no_length[] = { "+5", "5, 5", "0x5", "", "-1",
		"99999999999999999999" };
	static const char *const codings[] = { "gzip", "xchunked",
		"chunked, identity", "identity", "chunked " };
	struct v2m_http_field f = { "Host", "a\0b", 4, 3 };

	ok(fine("Host: a.example:80\nContent-Length: 5 \nX: y\n", true),
	    "a good header");
	ok(fine("host: x\nTransfer-Encoding: CHUNKED\n", true),
	    "a chunked body, in capitals");
	ok(fine("X: y\n", false), "HTTP/1.0 without Host");
	ok(!fine("X: y\n", true), "HTTP/1.1 without");
	ok(!fine("Host: a\nhost: a\n", true), "two Host headers are refused");
	ok(!fine("Host: a b\n", true) && !fine("Host: a/b\n", true) &&
	    !fine("Host: a@b\n", true), "one that is none");
	ok(!fine("Host: a\nContent-Length: 5\nContent-Length: 5\n", true),
	    "two lengths");
	ok(!fine("Host: a\nContent-Length: 5\nTransfer-Encoding: chunked\n",
	    true), "a length of what is chunked");
	for (size_t i = 0; i < sizeof no_length / sizeof *no_length; i++)
		okf(!fine_after_host("Content-Length", no_length[i]),
		    "no length: '%s'", no_length[i]);
	for (size_t i = 0; i < sizeof codings / sizeof *codings; i++)
		okf(!fine_after_host("Transfer-Encoding", codings[i]),
		    "another coding: '%s'", codings[i]);
	ok(!fine("Host: a\nTransfer-Encoding: chunked\n"
	    "Transfer-Encoding: chunked\n", true), "chunked twice");
	ok(!fine("Transfer-Encoding: chunked\n", false), "HTTP/1.0 chunked");
	ok(!fine("Host: a\nContent-Length : 5\n", true),
	    "a blank behind a name");
	ok(!fine("Host: a\n: x\n", true), "no name");
	ok(!fine("Host: a\nA(b: x\n", true), "a bracket in a name");
	ok(!fine("Host: a\nA\xc3\xa4: x\n", true), "a name beyond ASCII");
	ok(!fine("Host: a\nX: a\001b\n", true) &&
	    !fine("Host: a\nX: a\rb\n", true) &&
	    !fine("Host: a\nX: a\177b\n", true), "control characters");
	ok(fine("Host: a\nX: a\tb\xc3\xa4\xff\n", true),
	    "values of other bytes are taken");
	ok(v2m_fields_check(&f, 1, true, &err) < 0, "a NUL");
	ok(!fine("Host: a\nAuthorization: x\nauthorization: y\n", true),
	    "two of Authorization");
	f = (struct v2m_http_field){ "content-length", "77 ", 14, 3 };
	ok(v2m_fields_length(&f, 1) == 77, "the length");
	f = (struct v2m_http_field){ "transfer-encoding", "chunked", 17, 7 };
	ok(v2m_fields_length(&f, 1) == -1, "of what is chunked");
	ok(v2m_fields_length(&f, 0) == 0, "of nothing");
}

static void
try_date(void)
{
	char text[V2M_HTTP_DATE_SIZE];

	v2m_http_date(text, 784111777);
	is(text, "Sun, 06 Nov 1994 08:49:37 GMT", "a date as RFC 9110 has it");
}

static void
test_param_head(void)
{
	ok(v2m_param_head("a/b") == 3, "a value alone");
	ok(v2m_param_head("a/b;c=d") == 3, "before a parameter");
	ok(v2m_param_head("a/b \t;c=d") == 3, "no blank or tab behind it");
	ok(v2m_param_head("a/b\t ;c=d") == 3, "in either order");
	ok(v2m_param_head(" \t;") == 0, "nothing but blanks");
}

int
main(void)
{
	test_param_head();
	try_percent();
	try_query();
	try_bearer();
	try_basic();
	try_long_basic();
	try_range();
	try_etag();
	try_disposition();
	try_forwarded();
	try_address();
	try_fields();
	try_date();
	return tap_done();
}
