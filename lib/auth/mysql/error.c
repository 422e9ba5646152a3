#include "auth/mysql/mysql.h"

#include <errmsg.h>
#include <mysqld_error.h>

/* Numbers that one of the two libraries lacks, or names otherwise. */
#define LOST_EXTENDED 2055	/* CR_SERVER_LOST_EXTENDED */
#define PLUGIN_MISSING 2059	/* CR_AUTH_PLUGIN_CANNOT_LOAD */
#define PLUGIN_REFUSED 2061	/* CR_AUTH_PLUGIN_ERR */
#define KILLED 1927		/* ER_CONNECTION_KILLED, MariaDB */
#define NOT_LET_IN 1698		/* ER_ACCESS_DENIED_NO_PASSWORD_ERROR */
#define READ_ONLY 1290		/* ER_OPTION_PREVENTS_STATEMENT */
#define READ_ONLY_MODE 1836	/* ER_READ_ONLY_MODE */
#define NOT_READY 1047		/* ER_UNKNOWN_COM_ERROR: a Galera node */
#define IDLE 4031		/* ER_CLIENT_INTERACTION_TIMEOUT, MySQL */
#define DISK_IS_FULL 1021	/* ER_DISK_FULL, EE_DISK_FULL */

/* The error numbers of library and server that tell what to do.  If another
 * server of a cluster may succeed, the connection counts as lost.  A number
 * that is not listed is V2M_IO. */
static const struct meaning {
	unsigned number;
	enum v2m_code code;
	bool lost;
	const char *advice;	/* NULL: none */
} meanings[] = {
	{ CR_CONNECTION_ERROR, V2M_TEMP, true, "is the server running?" },
	{ CR_CONN_HOST_ERROR, V2M_TEMP, true, "is the server running?" },
	{ CR_UNKNOWN_HOST, V2M_TEMP, true, "check the host in users" },
	{ CR_SERVER_GONE_ERROR, V2M_TEMP, true, "try again" },
	{ CR_SERVER_LOST, V2M_TEMP, true, "try again" },
	{ LOST_EXTENDED, V2M_TEMP, true, "try again" },
	{ KILLED, V2M_TEMP, true, "try again" },
	{ IDLE, V2M_TEMP, true, "try again" },
	{ ER_SERVER_SHUTDOWN, V2M_TEMP, true, "try again" },
	{ ER_LOCK_DEADLOCK, V2M_TEMP, true, "try again" },
	{ CR_OUT_OF_MEMORY, V2M_TEMP, false, NULL },
	{ ER_CON_COUNT_ERROR, V2M_TEMP, false, "try again" },
	{ ER_TOO_MANY_USER_CONNECTIONS, V2M_TEMP, false, "try again" },
	{ ER_USER_LIMIT_REACHED, V2M_TEMP, false, "try again" },
	{ ER_LOCK_WAIT_TIMEOUT, V2M_TEMP, false, "try again" },
	{ DISK_IS_FULL, V2M_TEMP, false, "free space on the server" },
	{ ER_RECORD_FILE_FULL, V2M_TEMP, false, "free space on the server" },
	{ NOT_READY, V2M_TEMP, true, "has the node lost its cluster?" },
	{ READ_ONLY, V2M_TEMP, true, "is this the primary server?" },
	{ READ_ONLY_MODE, V2M_TEMP, true, "is this the primary server?" },
	{ ER_HOST_IS_BLOCKED, V2M_TEMP, false, "run mariadb-admin "
	    "flush-hosts on the server" },
	{ ER_ACCESS_DENIED_ERROR, V2M_CONFIG, false, "check the user in users "
	    "and users_password_file" },
	{ NOT_LET_IN, V2M_CONFIG, false, "check the user in users and "
	    "users_password_file" },
	{ ER_DBACCESS_DENIED_ERROR, V2M_CONFIG, false, "grant the user the "
	    "rights that init.sql lists" },
	{ ER_TABLEACCESS_DENIED_ERROR, V2M_CONFIG, false, "grant the user the "
	    "rights that init.sql lists" },
	{ ER_COLUMNACCESS_DENIED_ERROR, V2M_CONFIG, false, "grant the user "
	    "the rights that init.sql lists" },
	{ ER_HOST_NOT_PRIVILEGED, V2M_CONFIG, false, "let this host in on the "
	    "server" },
	{ PLUGIN_MISSING, V2M_CONFIG, false, "give the user another way to "
	    "log in" },
	{ PLUGIN_REFUSED, V2M_CONFIG, false, "give the user another way to "
	    "log in" },
	{ CR_SSL_CONNECTION_ERROR, V2M_CONFIG, false, "check users_tls and "
	    "users_ca_file" },
	{ ER_BAD_DB_ERROR, V2M_CONFIG, false, "run v2m-init" },
	{ ER_NO_SUCH_TABLE, V2M_CONFIG, false, "run v2m-init" },
	{ ER_BAD_FIELD_ERROR, V2M_CONFIG, false, "run v2m-init" },
	{ ER_DATA_TOO_LONG, V2M_USAGE, false, NULL },
	{ ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, V2M_USAGE, false, NULL },
};

int
v2m_mysql_error(struct v2m_mysql *m, unsigned number, const char *text,
    struct v2m_err *err)
{
	static const struct meaning unforeseen = { .code = V2M_IO };
	const struct meaning *is = &unforeseen;
	size_t i;

	for (i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (meanings[i].number == number)
			is = &meanings[i];
	m->lost = is->lost;
	m->number = number;
	return v2m_err_set(err, is->code, "users on %s: %s (%u)%s%s", m->where,
	    text[0] == '\0' ? "no reason given" : text, number,
	    is->advice == NULL ? "" : ": ", is->advice == NULL ? "" :
	    is->advice);
}
