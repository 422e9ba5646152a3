/* Facts about the server: its time, and which product it is. */
#include "store/mongodb/mongodb.h"

#include <stdatomic.h>
#include <string.h>

#include "base/log.h"

static int
run_command(struct v2m_mongodb *m, const char *command, bson_t *reply,
    bson_error_t *error)
{
	bson_t *c = BCON_NEW(command, BCON_INT32(1));
	bool fine = mongoc_client_read_command_with_opts(m->client, "admin", c,
	    NULL, NULL, reply, error);

	bson_destroy(c);
	return fine ? 0 : -1;
}

static int
now_once(struct v2m_mongodb *m, int64_t *now_ms, struct v2m_err *err)
{
	bson_error_t error;
	bson_iter_t it;
	bson_t reply;
	int ret = run_command(m, "hello", &reply, &error);

	if (ret < 0 && error.code == MONGOC_ERROR_QUERY_COMMAND_NOT_FOUND) {
		bson_destroy(&reply);
		ret = run_command(m, "isMaster", &reply, &error);
	}
	if (ret < 0) {
		v2m_mongodb_err(m, &error, err, "ask the store for the time");
	} else if (bson_iter_init_find(&it, &reply, "localTime") &&
	    BSON_ITER_HOLDS_DATE_TIME(&it)) {
		*now_ms = bson_iter_date_time(&it);
	} else {
		ret = v2m_err_set(err, V2M_UNAVAILABLE, "the MongoDB server "
		    "%s does not say what time it is", m->host);
	}
	bson_destroy(&reply);
	return ret;
}

int
v2m_mongodb_now(void *self, int64_t *now_ms, struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_ASK_MS);
	int ret;

	do
		ret = now_once(self, now_ms, &t.failure);
	while (v2m_mongodb_again(&t, ret, err));
	return ret;
}

/* Only FerretDB has this member; its value may be "unknown". */
static bool
is_ferretdb_1(const bson_t *info)
{
	char version[32];
	bson_iter_t it;

	v2m_mongodb_text(info, "ferretdbVersion", version, sizeof version);
	return bson_iter_init_find(&it, info, "ferretdbVersion") &&
	    strncmp(version, "v2", 2) != 0;
}

void
v2m_mongodb_warn_once(struct v2m_mongodb *m)
{
	static atomic_flag warned = ATOMIC_FLAG_INIT;
	bson_error_t error;
	bson_t reply;

	if (m->atomic_known)
		return;
	if (run_command(m, "buildInfo", &reply, &error) == 0) {
		m->atomic_known = true;
		if (is_ferretdb_1(&reply) && !atomic_flag_test_and_set(&warned))
			v2m_warn("the store %s is FerretDB 1.x, where changes "
			    "are not atomic: run one worker and one notifier, "
			    "never two", m->host);
	}
	bson_destroy(&reply);
}
