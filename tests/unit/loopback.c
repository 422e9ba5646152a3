#include "base/loopback.h"

#include "tap.h"

static const char *const here[] = {
	"localhost", "LocalHost", "127.0.0.1", "127.255.255.254", "127.1.2.3",
	"::1", "[::1]", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1",
	"[::ffff:127.1.2.3]", "::FFFF:7f00:1", NULL
};

static const char *const elsewhere[] = {
	"", "127.db.example.org", "127.0.0.1.example.org", "127.", "127.1",
	"127.0.0.1.2", "127.0.0.256", "127.0.0.1 ", " 127.0.0.1", "0127.0.0.1",
	"0x7f.0.0.1", "2130706433", "128.0.0.1", "10.0.0.1", "0.0.0.0",
	"localhost.", "localhost.example.org", "db.localhost", ".localhost",
	"mylocalhost", "localhos", "::", "::2", "::127.0.0.1", "::1%lo",
	"[::1", "::1]", "[]", "[", "[localhost]", "[127.0.0.1]",
	"::ffff:10.0.0.1",
	"fe80::1", "::1.example.org",
	"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]", NULL
};

int
main(void)
{
	for (int i = 0; here[i] != NULL; i++)
		ok(v2m_loopback(here[i]), here[i]);
	for (int i = 0; elsewhere[i] != NULL; i++)
		ok(!v2m_loopback(elsewhere[i]), elsewhere[i]);
	return tap_done();
}
