#include "base/url.h"
#include "tap.h"

static struct v2m_url url;
static struct v2m_err err;

static bool
parses(const char *text)
{
	return v2m_url_parse(&url, "queue", text, &err) == 0;
}

static struct v2m_hosts hosts;

static bool
lists(const char *text)
{
	return v2m_url_parse_hosts(&url, &hosts, "queue", text, &err) == 0;
}

static void
test_lists(void)
{
	ok(lists("amqp://ann:a,b@mq1:5673,mq2,[::1]:5674,[fe80::1]/v"),
	    "a list of hosts");
	ok(hosts.n == 4, "each of them");
	is(url.password, "a,b", "a comma in the password parts nothing");
	is(url.host, "mq1", "the first");
	v2m_hosts_set_port(&hosts, 5672);
	is(hosts.at[0].where, "mq1:5673", "a port of its own");
	is(hosts.at[1].where, "mq2:5672", "the port of all that have none");
	is(hosts.at[2].where, "[::1]:5674", "an IPv6 address and a port");
	is(hosts.at[3].where, "[fe80::1]:5672", "and one without");
	is(url.path, "v", "what is behind the list");
	ok(lists("amqp://") && hosts.n == 1, "no host is one without a name");
	ok(!lists("amqp://a,") && !lists("amqp://,a"),
	    "a list with a gap at one end");
	ok(!lists("amqp://a,,b"), "a list with a gap inside");
	ok(!lists("amqp://,"), "a list of nothing");
	ok(!lists("amqp://a,b:0") && !lists("amqp://a:x,b") &&
	    !lists("amqp://a,[::1"), "a list with a host that is none");
	ok(lists("amqp://1,2,3,4,5,6,7,8") && hosts.n == 8, "eight hosts");
	ok(!lists("amqp://1,2,3,4,5,6,7,8,9"), "and not nine");
	ok(!parses("smtp://ann:secret@a,b") &&
	    strstr(err.msg, "secret") == NULL && url.password[0] == '\0',
	    "no list where one host is meant");
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
	test_lists();
	return tap_done();
}
