#include "store/mongodb/mongodb.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"

/* By default the library writes to stderr. */
static void
on_log(mongoc_log_level_t level, const char *domain, const char *message,
    void *user_data)
{
	(void)user_data;
	if (level <= MONGOC_LOG_LEVEL_WARNING)
		v2m_debug("%s: %s", domain, message);
}

static void
start(void)
{
	mongoc_log_set_handler(on_log, NULL);
	mongoc_init();
}

void
v2m_mongodb_quiet(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start);
}

/* By the server's codes (src/mongo/base/error_codes.yml). */
static enum v2m_code
server_code(uint32_t code)
{
	static const uint32_t later[] = {
		6, 7, 24, 43, 50, 64, 89, 91, 112, 133, 134, 189, 202, 262,
		9001, 10058, 10107, 11600, 11602, 13435, 13436, 14031,
	};
	static const uint32_t account[] = { 11, 13, 18, 31, 8000 };
	size_t i;

	for (i = 0; i < sizeof later / sizeof later[0]; i++)
		if (code == later[i])
			return V2M_TEMP;
	for (i = 0; i < sizeof account / sizeof account[0]; i++)
		if (code == account[i])
			return V2M_CONFIG;
	return V2M_UNAVAILABLE;
}

static enum v2m_code
code_of(const bson_error_t *error)
{
	switch (error->domain) {
	case MONGOC_ERROR_SERVER_SELECTION:
	case MONGOC_ERROR_STREAM:
	case MONGOC_ERROR_WRITE_CONCERN:	/* maybe not durable */
		return V2M_TEMP;
	case MONGOC_ERROR_CLIENT:
	case MONGOC_ERROR_SASL:
	case MONGOC_ERROR_SCRAM:
		return error->code == MONGOC_ERROR_CLIENT_NOT_READY ?
		    V2M_TEMP : V2M_CONFIG;
	case MONGOC_ERROR_PROTOCOL:
		return error->code == MONGOC_ERROR_PROTOCOL_INVALID_REPLY ?
		    V2M_TEMP : V2M_UNAVAILABLE;
	case MONGOC_ERROR_SERVER:
	case MONGOC_ERROR_QUERY:
		return server_code(error->code);
	case MONGOC_ERROR_BSON:
	case MONGOC_ERROR_COMMAND:
		return V2M_BUG;
	default:
		return V2M_UNAVAILABLE;
	}
}

int
v2m_mongodb_err(const struct v2m_mongodb *m, const bson_error_t *error,
    struct v2m_err *err, const char *doing, ...)
{
	enum v2m_code code = code_of(error);
	const char *says = "says";
	char action[160];
	va_list ap;

	va_start(ap, doing);
	vsnprintf(action, sizeof action, doing, ap);
	va_end(ap);
	if (error->domain == MONGOC_ERROR_SERVER_SELECTION)
		says = "does not answer (is it running, and `store` right?)";
	else if (error->domain == MONGOC_ERROR_STREAM)
		says = "was cut off";
	else if (code == V2M_CONFIG)
		says = "refuses the account or password of `store`";
	return v2m_err_set(err, code, "cannot %s: the MongoDB server %s %s: "
	    "%s", action, m->host, says, error->message);
}
