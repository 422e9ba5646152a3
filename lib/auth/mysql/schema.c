#include "auth/mysql/mysql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <mysqld_error.h>

#include "base/log.h"

#define PATIENCE_S 900		/* ALTER TABLE may copy a large table */
#define HASH_LENGTH "128"	/* longer than any hash that crypt(3) makes */

/* Other programs' SELECT * and INSERT without column names do not see an
 * invisible column.  Each kind of server reads one of the two comments, if it
 * is new enough. */
#define INVISIBLE " /*!80023 INVISIBLE */ /*M!100303 INVISIBLE */"

/* The address as v2m compares it: trimmed, with the letters of ASCII in lower
 * case.  The server computes it for every row, whoever writes it.  LOWER()
 * would change other letters too. */
#define REPLACE4 "REPLACE(REPLACE(REPLACE(REPLACE("
#define NORMAL "TRIM(" REPLACE4 REPLACE4 REPLACE4 REPLACE4 REPLACE4 REPLACE4 \
	REPLACE4 "REPLACE(CONVERT(email USING utf8mb4) COLLATE utf8mb4_bin" \
	", 'A', 'a'), 'B', 'b'), 'C', 'c'), 'D', 'd'), 'E', 'e'), 'F', 'f')" \
	", 'G', 'g'), 'H', 'h'), 'I', 'i'), 'J', 'j'), 'K', 'k'), 'L', 'l')" \
	", 'M', 'm'), 'N', 'n'), 'O', 'o'), 'P', 'p'), 'Q', 'q'), 'R', 'r')" \
	", 'S', 's'), 'T', 't'), 'U', 'u'), 'V', 'v'), 'W', 'w'), 'X', 'x')" \
	", 'Y', 'y'), 'Z', 'z'), '\\t', ' '), '\\n', ' '), '\\r', ' '))"

#define EMAIL_NORMAL "VARCHAR(255) CHARACTER SET utf8mb4 " \
	"COLLATE utf8mb4_bin GENERATED ALWAYS AS (" NORMAL ") STORED" INVISIBLE

/* Every existing deployment has the first three columns. */
#define CREATE "CREATE TABLE IF NOT EXISTS user (" \
	"id INT AUTO_INCREMENT PRIMARY KEY, " \
	"email VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin " \
	"NOT NULL UNIQUE, " \
	"password VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin " \
	"NOT NULL) ENGINE=InnoDB " \
	"DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"

/* The columns that the table needs.  Those without a definition must be there;
 * the others are added. */
struct part {
	const char *name;
	const char *type;	/* how information_schema's type begins */
	const char *definition;
};

static const struct part parts[] = {
	{ "id", "", NULL },
	{ "email", "", NULL },
	{ "password", "", NULL },
	{ "role", "enum('user','admin')",
	    "ENUM('user', 'admin') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin "
	    "NOT NULL DEFAULT 'user'" INVISIBLE },
	{ "created_ms", "bigint", "BIGINT NOT NULL DEFAULT 0" INVISIBLE },
	{ "tokens_valid_from", "bigint",
	    "BIGINT NOT NULL DEFAULT 0" INVISIBLE },
	{ "email_normal", "varchar(255) STORED GENERATED", EMAIL_NORMAL },
};

#define PARTS (sizeof parts / sizeof *parts)

/* What was found in the database. */
struct table {
	bool has[PARTS];
	bool indexed;		/* by email_normal */
	int64_t password_length;
	char wrong[64];		/* a column with a name of ours but another
				 * definition; "": none */
};

static int
see_column(void *arg, const struct v2m_mysql_row *row)
{
	struct table *t = arg;
	char type[2 * V2M_MYSQL_VALUE + 2];
	size_t i;

	snprintf(type, sizeof type, "%s %s", row->value[1], row->value[2]);
	for (i = 0; i < PARTS; i++) {
		if (strcmp(parts[i].name, row->value[0]) != 0)
			continue;
		t->has[i] = true;
		if (strncmp(type, parts[i].type, strlen(parts[i].type)) != 0)
			snprintf(t->wrong, sizeof t->wrong, "%s",
			    parts[i].name);
		if (strcmp(parts[i].name, "password") == 0)
			t->password_length = strtoll(row->value[3], NULL, 10);
	}
	return 0;
}

static int
see_anything(void *arg, const struct v2m_mysql_row *row)
{
	(void)row;
	*(bool *)arg = true;
	return 0;
}

static int
look_at_table(struct v2m_mysql *m, struct table *t, struct v2m_err *err)
{
	memset(t, 0, sizeof *t);
	if (v2m_mysql_query(m, err, see_column, t, "SELECT LOWER(column_name), "
	    "column_type, extra, character_maximum_length "
	    "FROM information_schema.columns "
	    "WHERE table_schema = DATABASE() AND table_name = 'user'", "") < 0)
		return -1;
	return v2m_mysql_query(m, err, see_anything, &t->indexed,
	    "SELECT 1 FROM information_schema.statistics "
	    "WHERE table_schema = DATABASE() AND table_name = 'user' "
	    "AND column_name = 'email_normal' AND seq_in_index = 1",
	    "") < 0 ? -1 : 0;
}

/* Can v2m use a table that others made? */
static int
check_shape(const struct v2m_mysql *m, const struct table *t,
    struct v2m_err *err)
{
	size_t i;

	for (i = 0; i < PARTS; i++)
		if (!t->has[i] && parts[i].definition == NULL)
			return v2m_err_set(err, V2M_CONFIG, "users on %s: "
			    "there is a table 'user' in '%s' without the "
			    "column '%s': name another database in users",
			    m->where, v2m_mysql_database(m), parts[i].name);
	if (t->wrong[0] != '\0')
		return v2m_err_set(err, V2M_CONFIG, "users on %s: the table "
		    "'user' has a column '%s' of another meaning: rename it",
		    m->where, t->wrong);
	if (t->password_length < strtoll(HASH_LENGTH, NULL, 10))
		return v2m_err_set(err, V2M_CONFIG, "users on %s: the column "
		    "'password' has room for %" PRId64 " characters, a hash "
		    "needs up to " HASH_LENGTH ": ALTER TABLE user MODIFY "
		    "password VARCHAR(255) NOT NULL", m->where,
		    t->password_length);
	return 0;
}

/* One statement, so that all or none of it happens. */
static int
add_missing(struct v2m_mysql *m, const struct table *t, struct v2m_err *err)
{
	char sql[4096];
	size_t i, n;
	bool any = false;

	n = (size_t)snprintf(sql, sizeof sql, "ALTER TABLE user");
	for (i = 0; i < PARTS; i++) {
		if (t->has[i])
			continue;
		n += (size_t)snprintf(sql + n, sizeof sql - n,
		    "%s ADD COLUMN %s %s", any ? "," : "", parts[i].name,
		    parts[i].definition);
		any = true;
	}
	if (!t->indexed)
		snprintf(sql + n, sizeof sql - n, "%s ADD KEY email_normal "
		    "(email_normal)", any ? "," : "");
	if (!any && t->indexed)
		return 0;
	return v2m_mysql_run(m, err, sql, "") < 0 ? -1 : 0;
}

static int
read_number(void *arg, const struct v2m_mysql_row *row)
{
	*(int64_t *)arg = row->null[0] ? 0 : strtoll(row->value[0], NULL, 10);
	return 0;
}

/* A lock, so that two processes do not add the same column. */
static int
lock_schema(struct v2m_mysql *m, struct v2m_err *err)
{
	int64_t got = 0;

	if (v2m_mysql_query(m, err, read_number, &got,
	    "SELECT GET_LOCK('v2m-init', 30)", "") < 0)
		return -1;
	if (got != 1)
		return v2m_err_set(err, V2M_TEMP, "users on %s: another "
		    "v2m-init is at work: try again", m->where);
	return 0;
}

static int
create_database(struct v2m_mysql *m, struct v2m_err *err)
{
	char quoted[2 * 64 + 1], sql[256];
	const char *s = v2m_mysql_database(m);
	size_t n = 0;

	for (; *s != '\0' && n + 2 < sizeof quoted; s++) {
		if (*s == '`')
			quoted[n++] = '`';
		quoted[n++] = *s;
	}
	quoted[n] = '\0';
	snprintf(sql, sizeof sql, "CREATE DATABASE IF NOT EXISTS `%s` "
	    "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", quoted);
	return v2m_mysql_connect(m, NULL, PATIENCE_S, err) < 0 ||
	    v2m_mysql_run(m, err, sql, "") < 0 ? -1 : 0;
}

static int
enter(struct v2m_mysql *m, struct v2m_err *err)
{
	struct v2m_err why;

	if (v2m_mysql_connect(m, v2m_mysql_database(m), PATIENCE_S,
	    &why) == 0)
		return 0;
	if (m->number != ER_BAD_DB_ERROR)
		return v2m_err_pass(err, &why);
	return create_database(m, err) < 0 ? -1 :
	    v2m_mysql_connect(m, v2m_mysql_database(m), PATIENCE_S, err);
}

static int
mention_doubles(struct v2m_mysql *m, struct v2m_err *err)
{
	int64_t doubles = 0;

	if (v2m_mysql_query(m, err, read_number, &doubles,
	    "SELECT COUNT(*) FROM (SELECT email_normal FROM user "
	    "GROUP BY email_normal HAVING COUNT(*) > 1) AS doubles", "") < 0)
		return -1;
	if (doubles > 0)
		v2m_warn("users: %" PRId64 " addresses have several rows that "
		    "differ only in blanks and case; see USERS ON MYSQL in "
		    "v2m.conf(5)", doubles);
	return 0;
}

int
v2m_mysql_set_up(struct v2m_mysql *m, struct v2m_err *err)
{
	struct table t;

	if (enter(m, err) < 0 || lock_schema(m, err) < 0 ||
	    v2m_mysql_run(m, err, CREATE, "") < 0 ||
	    look_at_table(m, &t, err) < 0 ||
	    check_shape(m, &t, err) < 0 || add_missing(m, &t, err) < 0)
		return -1;
	return mention_doubles(m, err);
}
