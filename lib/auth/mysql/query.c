#include "auth/mysql/mysql.h"

#include <stdarg.h>
#include <string.h>

/* MySQL 8 has no my_bool any more. */
typedef __typeof__(*((MYSQL_BIND *)0)->is_null) boolean;

struct arguments {
	MYSQL_BIND binds[V2M_MYSQL_ARGS];
	int64_t numbers[V2M_MYSQL_ARGS];
	unsigned long sizes[V2M_MYSQL_ARGS];
	unsigned long n;
};

static void
take_arguments(struct arguments *a, const char *types, va_list ap)
{
	memset(a, 0, sizeof *a);
	for (; *types != '\0' && a->n < V2M_MYSQL_ARGS; types++, a->n++) {
		MYSQL_BIND *b = &a->binds[a->n];

		if (*types == 'i') {
			a->numbers[a->n] = va_arg(ap, int64_t);
			b->buffer_type = MYSQL_TYPE_LONGLONG;
			b->buffer = &a->numbers[a->n];
			continue;
		}
		/* The library only reads from it. */
		b->buffer = (void *)(uintptr_t)va_arg(ap, const char *);
		a->sizes[a->n] = strlen(b->buffer);
		b->buffer_type = MYSQL_TYPE_STRING;
		b->buffer_length = a->sizes[a->n];
		b->length = &a->sizes[a->n];
	}
}

static int
statement_failed(struct v2m_mysql *m, MYSQL_STMT *stmt, struct v2m_err *err)
{
	return v2m_mysql_error(m, mysql_stmt_errno(stmt),
	    mysql_stmt_error(stmt), err);
}

struct columns {
	MYSQL_BIND binds[V2M_MYSQL_COLUMNS];
	unsigned long sizes[V2M_MYSQL_COLUMNS];
	boolean nulls[V2M_MYSQL_COLUMNS];
	struct v2m_mysql_row row;
};

static void
bind_columns(struct columns *c)
{
	size_t i;

	memset(c, 0, sizeof *c);
	for (i = 0; i < V2M_MYSQL_COLUMNS; i++) {
		c->binds[i].buffer_type = MYSQL_TYPE_STRING;
		c->binds[i].buffer = c->row.value[i];
		c->binds[i].buffer_length = V2M_MYSQL_VALUE;
		c->binds[i].length = &c->sizes[i];
		c->binds[i].is_null = &c->nulls[i];
	}
}

static void
finish_row(struct columns *c, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		c->row.null[i] = c->nulls[i] != 0;
		c->row.size[i] = c->row.null[i] ? 0 :
		    c->sizes[i] < V2M_MYSQL_VALUE ? c->sizes[i] :
		    V2M_MYSQL_VALUE;
		c->row.value[i][c->row.size[i]] = '\0';
	}
}

/* All rows are read before the first is visited, so that `visit` may take its
 * time. */
static int64_t
fetch_rows(struct v2m_mysql *m, MYSQL_STMT *stmt, v2m_mysql_visit *visit,
    void *arg, struct v2m_err *err)
{
	unsigned n = mysql_stmt_field_count(stmt);
	struct columns c;
	int64_t rows = 0;
	int got, stop = 0;

	bind_columns(&c);
	if (n > V2M_MYSQL_COLUMNS)
		return v2m_err_set(err, V2M_BUG, "users: %u columns", n);
	if (mysql_stmt_bind_result(stmt, c.binds) != 0 ||
	    mysql_stmt_store_result(stmt) != 0)
		return statement_failed(m, stmt, err);
	while (stop == 0 && (got = mysql_stmt_fetch(stmt)) != MYSQL_NO_DATA) {
		if (got == MYSQL_DATA_TRUNCATED)
			stop = v2m_err_set(err, V2M_IO, "users on %s: a value "
			    "is longer than the table allows", m->where);
		else if (got != 0)
			stop = statement_failed(m, stmt, err);
		if (stop != 0)
			break;
		finish_row(&c, n);
		stop = visit(arg, &c.row);
		rows++;
	}
	explicit_bzero(&c, sizeof c);
	return stop != 0 ? stop : rows;
}

static int64_t
execute(struct v2m_mysql *m, struct v2m_err *err, v2m_mysql_visit *visit,
    void *arg, const char *sql, struct arguments *a)
{
	MYSQL_STMT *stmt;
	int64_t ret = -1;

	m->lost = false;
	m->number = 0;
	stmt = mysql_stmt_init(m->db);
	if (stmt == NULL)
		return v2m_mysql_error(m, mysql_errno(m->db),
		    mysql_error(m->db), err);
	if (mysql_stmt_prepare(stmt, sql, strlen(sql)) != 0 ||
	    (a->n > 0 && mysql_stmt_bind_param(stmt, a->binds) != 0) ||
	    mysql_stmt_execute(stmt) != 0)
		statement_failed(m, stmt, err);
	else if (visit != NULL)
		ret = fetch_rows(m, stmt, visit, arg, err);
	else
		ret = (int64_t)mysql_stmt_affected_rows(stmt);
	mysql_stmt_close(stmt);
	return ret;
}

int64_t
v2m_mysql_run(struct v2m_mysql *m, struct v2m_err *err, const char *sql,
    const char *types, ...)
{
	struct arguments a;
	va_list ap;

	va_start(ap, types);
	take_arguments(&a, types, ap);
	va_end(ap);
	return execute(m, err, NULL, NULL, sql, &a);
}

int64_t
v2m_mysql_query(struct v2m_mysql *m, struct v2m_err *err,
    v2m_mysql_visit *visit, void *arg, const char *sql, const char *types, ...)
{
	struct arguments a;
	va_list ap;

	va_start(ap, types);
	take_arguments(&a, types, ap);
	va_end(ap);
	return execute(m, err, visit, arg, sql, &a);
}

static int
settled(struct v2m_mysql *m, bool bad, struct v2m_err *err)
{
	if (!bad)
		return 0;
	return v2m_mysql_error(m, mysql_errno(m->db), mysql_error(m->db), err);
}

int
v2m_mysql_begin(struct v2m_mysql *m, struct v2m_err *err)
{
	return settled(m, mysql_autocommit(m->db, 0) != 0, err);
}

int
v2m_mysql_commit(struct v2m_mysql *m, struct v2m_err *err)
{
	return settled(m, mysql_commit(m->db) != 0 ||
	    mysql_autocommit(m->db, 1) != 0, err);
}

/* If this fails, the connection is lost, and with it the transaction. */
void
v2m_mysql_rollback(struct v2m_mysql *m)
{
	if (mysql_rollback(m->db) != 0 || mysql_autocommit(m->db, 1) != 0)
		m->lost = true;
}
