#include "base/hosts.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tap.h"

static struct v2m_hosts hosts = { .n = 3 };

/* If no host is known to work, is each one tried, and nothing else? */
static bool
is_spread(v2m_hosts_last *last)
{
	size_t seen[3] = { 0 }, i;

	for (i = 0; i < 400; i++)
		seen[v2m_hosts_first(last, &hosts)]++;
	return seen[0] > 0 && seen[1] > 0 && seen[2] > 0;
}

static void
test_first(void)
{
	v2m_hosts_last last = 0;
	struct v2m_hosts one = { .n = 1 };
	bool stays = true, moves = true, to[3] = { false };
	size_t i;

	ok(is_spread(&last), "the first time any host may be the first");
	v2m_hosts_works(&last, 2);
	for (i = 0; i < 100; i++)
		stays = stays && v2m_hosts_first(&last, &hosts) == 2;
	ok(stays, "then the one that worked");
	v2m_hosts_lost(&last, &hosts, 1);
	ok(v2m_hosts_first(&last, &hosts) == 2, "another is lost: no matter");
	for (i = 0; i < 400; i++) {
		v2m_hosts_works(&last, 2);
		v2m_hosts_lost(&last, &hosts, 2);
		to[v2m_hosts_first(&last, &hosts)] = true;
	}
	moves = to[0] && to[1] && !to[2];
	ok(moves, "that one is lost: any of the others");
	v2m_hosts_works(&last, 2);
	ok(v2m_hosts_first(&last, &one) == 0, "a list that is shorter");
	v2m_hosts_works(&last, 0);
	v2m_hosts_lost(&last, &one, 0);
	ok(v2m_hosts_first(&last, &one) == 0, "one host is that one");
}

static void
test_child(void)
{
	v2m_hosts_last last = 0;
	int status = -1;
	pid_t pid;

	v2m_hosts_works(&last, 1);
	pid = fork();
	if (pid == 0)
		_exit(is_spread(&last) ? 0 : 1);
	waitpid(pid, &status, 0);
	ok(status == 0, "a child begins with any");
}

static void
test_share(void)
{
	int64_t now = v2m_mono_ms();
	int64_t share = v2m_hosts_share(now + 9000, 3);

	ok(share > 2000 && share <= 3000, "a third of the time for three");
	ok(v2m_hosts_share(now - 1000, 1) == 500, "never none");
}

static void
test_errors(void)
{
	struct v2m_err all = { .code = V2M_OK }, one;

	v2m_err_set(&one, V2M_CONFIG, "a: its certificate");
	v2m_hosts_failed(&all, &one);
	ok(all.code == V2M_CONFIG, "the code of one failure");
	v2m_err_set(&one, V2M_TEMP, "b: away");
	v2m_hosts_failed(&all, &one);
	is(all.msg, "a: its certificate; b: away", "each host and its reason");
	ok(all.code == V2M_TEMP, "one that is away may come back");
	v2m_err_set(&one, V2M_CONFIG, "%0500d", 1);
	v2m_hosts_failed(&all, &one);
	ok(strlen(all.msg) == sizeof all.msg - 1 && all.code == V2M_TEMP,
	    "what does not fit is cut");
}

int
main(void)
{
	test_first();
	test_child();
	test_share();
	test_errors();
	return tap_done();
}
