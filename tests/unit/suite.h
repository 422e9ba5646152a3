/* suite.h - shared by the suites of drivers: a temporary state folder, a
 * configuration with the driver's URL, and child processes.
 *
 * A suite runs on the embedded driver by default, and on another one if a URL
 * is given as its argument or in V2M_TEST_STORE / V2M_TEST_QUEUE.  A second
 * argument is the URL of a store's objects.
 */
#ifndef V2M_TESTS_SUITE_H
#define V2M_TESTS_SUITE_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/conf.h"
#include "tap.h"

static struct v2m_err suite_err;
static struct v2m_conf suite_conf;
static char suite_dir[64] = "/tmp/v2m-suite.XXXXXX";
static pid_t suite_pid;		/* the process that owns the folder */
static bool suite_embedded;	/* uses the embedded driver, in suite_dir */
static const char *suite_objects;	/* "objects" if they have a URL of their
					 * own */
static const char *suite_objects_url;

static inline void
suite_diag(void)
{
	fprintf(stderr, "#   error %d: %s\n", suite_err.code, suite_err.msg);
}

/* ok(), which also prints the error if it fails. */
#define good(what_is, what) do { \
	if (!ok((what_is), (what))) \
		suite_diag(); \
} while (0)

static inline void
is_int(int64_t got, int64_t wanted, const char *what)
{
	if (!ok(got == wanted, what))
		fprintf(stderr, "#   got: %lld\n#   wanted: %lld\n",
		    (long long)got, (long long)wanted);
}

/* End the suite unless `fine`: the rest would make no sense. */
static inline void
must(bool fine, const char *what)
{
	if (fine)
		return;
	ok(false, what);
	suite_diag();
	exit(1);
}

static inline void
suite_load(struct v2m_conf *conf, const char *key, const char *url,
    const char *lease)
{
	struct v2m_conf_override overrides[] = {
		{ "lease", lease },
		{ url == NULL ? NULL : key, url },
		{ suite_objects, suite_objects_url },
		{ NULL, NULL },
	};

	must(v2m_conf_load(conf, "/dev/null", overrides, &suite_err) == 0,
	    "the configuration loads");
}

/* Clean up when the suite ends, but not when one of its children does. */
static inline void
suite_clean(void)
{
	char command[96];

	if (getpid() != suite_pid)
		return;
	snprintf(command, sizeof command, "rm -rf '%s'", suite_dir);
	if (system(command) != 0)
		fprintf(stderr, "# cannot remove %s\n", suite_dir);
}

static inline void
suite_start(int argc, char **argv, const char *key, const char *variable,
    const char *lease)
{
	const char *url = argc > 1 ? argv[1] : getenv(variable);

	must(mkdtemp(suite_dir) != NULL, "a temporary folder");
	suite_pid = getpid();
	atexit(suite_clean);
	setenv("V2M_STATE", suite_dir, 1);
	setenv("V2M_CONFIG", "/dev/null", 1);
	setenv("HOME", suite_dir, 1);
	unsetenv("V2M_FAULT");
	unsetenv("V2M_STORE");
	unsetenv("V2M_OBJECTS");
	unsetenv("V2M_QUEUE");
	suite_embedded = url == NULL;
	if (url != NULL && argc > 2) {
		suite_objects = "objects";
		suite_objects_url = argv[2];
	}
	suite_load(&suite_conf, key, url, lease);
}

static inline int
suite_end(void)
{
	v2m_conf_release(&suite_conf);
	return tap_done();
}

/* Run a function in four threads at once; it sets the bool that is its argument
 * to whether it succeeded.  Returns whether all did. */
static inline bool
suite_threads(void *(*run)(void *fine))
{
	pthread_t threads[4];
	bool fine[4], all = true;
	int i;

	for (i = 0; i < 4; i++)
		must(pthread_create(&threads[i], NULL, run, &fine[i]) == 0,
		    "a thread");
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		all &= fine[i];
	}
	return all;
}

/* Run a function in a child process.  Returns its PID.  The child must open
 * what it uses itself, as a driver must not be used across fork(2). */
static inline pid_t
suite_fork(int (*run)(void *arg), void *arg)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0)
		_exit(run(arg));
	return pid;
}

static inline int
suite_wait(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status;
}

static inline int
suite_child(int (*run)(void *arg), void *arg)
{
	return suite_wait(suite_fork(run, arg));
}

/* Run it in n children at a time.  0: all ended with status 0. */
static inline int
suite_children(int n, int (*run)(void *arg), void *arg)
{
	pid_t pids[16];
	int i, status = 0;

	must(n <= 16, "so many children");
	for (i = 0; i < n; i++)
		pids[i] = suite_fork(run, arg);
	for (i = 0; i < n; i++)
		status |= suite_wait(pids[i]);
	return status;
}

#endif
