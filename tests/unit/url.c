#include "base/url.h"
#include "tap.h"

static struct v2m_url url;
static struct v2m_err err;

static bool
parses(const char *text)
{
	return v2m_url_parse(&url, "queue", text, &err) == 0;
}

int
main(void)
{
	char value[64];

	ok(parses("amqp://ann:p%40ss%2fw@db.example:5673/my%2fhost"
	    "?x=1&y=a%20b"),
	    "a whole URL");
	is(url.scheme, "amqp", "its scheme");
	is(url.user, "ann", "its user");
	is(url.password, "p@ss/w", "its password, decoded");
	is(url.host, "db.example", "its host");
	ok(url.port == 5673, "its port");
	is(url.path, "my/host", "its path, decoded");
	ok(v2m_url_query(&url, "y", value, sizeof value), "a query value");
	is(value, "a b", "an option of a URL is decoded");
	ok(!v2m_url_query(&url, "z", value, sizeof value), "none of that name");
	ok(parses("mysql://db"), "a host alone");
	ok(!url.has_path && url.port == 0 && url.user[0] == '\0',
	    "and nothing else");
	ok(parses("amqp://h/"), "an empty path");
	ok(url.has_path && url.path[0] == '\0', "is told from none");
	ok(parses("smtp://[::1]:2525"), "an IPv6 address");
	is(url.host, "::1", "without its brackets");
	ok(url.port == 2525, "and its port");
	ok(parses("smtp://a@b@host"), "an @ in the user's name");
	is(url.user, "a@b", "belongs to the name");
	ok(!parses("amqp:host"), "no slashes");
	ok(!parses("amqp://h:port"), "a port that is none");
	ok(!parses("amqp://h:0") && !parses("amqp://h:65536"),
	    "a port out of range");
	ok(!parses("amqp://h/%zz") && !parses("amqp://h/%4"), "a bad escape");
	ok(!parses("amqp://h/%00"), "a NUL");
	ok(!parses("amqp://[::1"), "an open bracket");
	parses("amqp://ann:secret@h:bad");
	ok(strstr(err.msg, "secret") == NULL && url.password[0] == '\0',
	    "a password is not repeated");
	return tap_done();
}
