/* store_suite.h - shared by the suites of records and of objects. */
#ifndef V2M_TESTS_STORE_SUITE_H
#define V2M_TESTS_STORE_SUITE_H

#include <pthread.h>
#include <sys/mman.h>

#include "store/document.h"
#include "store/partial.h"
#include "store/private.h"
#include "store/store.h"
#include "suite.h"

static struct v2m_store *store;
static char owner[V2M_EMAIL_MAX];	/* used by this run only */

static struct v2m_store *
open_store(void)
{
	struct v2m_store *s = v2m_store_open(&suite_conf, &suite_err);

	must(s != NULL, "the store opens");
	return s;
}

/* A record like that of a new upload. */
static struct v2m_record
record(void)
{
	struct v2m_record r;

	memset(&r, 0, sizeof r);
	v2m_id_new(r.id);
	snprintf(r.owner, sizeof r.owner, "%s", owner);
	return r;
}

static void
path_of(char path[256], const char *rest)
{
	snprintf(path, 256, "%s/store%s%s", suite_dir, *rest ? "/" : "",
	    rest);
}

/* Set up, and open. */
static void
begin_store(int argc, char **argv)
{
	char id[V2M_ID_SIZE];

	suite_start(argc, argv, "store", "V2M_TEST_STORE", "2min");
	good(v2m_store_init(&suite_conf, &suite_err) == 0,
	    "the store is set up");
	good(v2m_store_init(&suite_conf, &suite_err) == 0, "init again");
	store = open_store();
	v2m_id_new(id);
	snprintf(owner, sizeof owner, "%s@example.org", id);
}

#endif
