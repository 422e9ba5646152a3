#include "store/store.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/driver.h"
#include "base/tls.h"
#include "store/driver.h"
#include "store/private.h"

static const struct v2m_store_driver dir = {
	.records = &v2m_records_sqlite,
	.objects = &v2m_objects_dir,
};

static const struct v2m_driver drivers[] = {
	{ .scheme = "dir", .form = "dir:FOLDER", .ops = &dir },
	{ .scheme = "mongodb", .form = "mongodb://HOST",
	    .module = "store-mongodb", .symbol = "v2m_store_mongodb" },
	{ .scheme = "mongodb+srv", .form = "mongodb+srv://HOST",
	    .module = "store-mongodb", .symbol = "v2m_store_mongodb" },
	{ .scheme = "s3", .form = "s3://BUCKET/PREFIX", .module = "store-aws",
	    .symbol = "v2m_store_s3" },
	{ .scheme = "dynamodb", .form = "dynamodb://TABLE",
	    .module = "store-aws", .symbol = "v2m_store_dynamodb" },
	{ .scheme = NULL }
};

int
v2m_store_check_id(const char *id, enum v2m_code code, struct v2m_err *err)
{
	if (id != NULL && v2m_id_valid(id))
		return 0;
	return v2m_err_set(err, code, "'%.64s' is not an ID (24 hexadecimal "
	    "digits)",
	    id == NULL ? "" : id);
}

const char *
v2m_store_objects_key(const struct v2m_conf *conf)
{
	return v2m_conf_text(conf, "objects")[0] != '\0' ? "objects" : "store";
}

/* The drivers of both halves, and the key with the place of the bytes. */
struct halves {
	const struct v2m_records_ops *records;
	const struct v2m_objects_ops *objects;
	const char *objects_key;
};

static int
find_drivers(struct halves *h, const struct v2m_conf *conf, struct v2m_err *err)
{
	const struct v2m_store_driver *driver;
	bool apart;

	h->objects_key = v2m_store_objects_key(conf);
	apart = strcmp(h->objects_key, "store") != 0;
	driver = v2m_driver(conf, "store", drivers, err);
	if (driver == NULL || v2m_tls_check(conf, "store", err) < 0 ||
	    (apart && v2m_tls_check(conf, "objects", err) < 0))
		return -1;
	if (driver->records == NULL)
		return v2m_err_set(err, V2M_CONFIG, "store: '%.8s' cannot "
		    "keep records: set it as objects, with another store",
		    v2m_conf_text(conf, "store"));
	h->records = driver->records;
	driver = v2m_driver(conf, h->objects_key, drivers, err);
	if (driver == NULL)
		return -1;
	h->objects = driver->objects;
	return 0;
}

static int
open_halves(struct v2m_store *s, const struct v2m_conf *conf,
    struct v2m_err *err)
{
	struct halves h;

	if (find_drivers(&h, conf, err) < 0)
		return -1;
	s->records = h.records;
	s->objects = h.objects;
	s->record_driver = s->records->open(conf, "store", err);
	if (s->record_driver == NULL)
		return -1;
	s->object_driver = s->objects->open(conf, h.objects_key,
	    strcmp(h.objects_key, "store") == 0 ? s->record_driver : NULL,
	    err);
	return s->object_driver == NULL ? -1 : 0;
}

struct v2m_store *
v2m_store_open(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct v2m_store *s = calloc(1, sizeof *s);

	if (s == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open the store");
		return NULL;
	}
	if (open_halves(s, conf, err) == 0)
		return s;
	v2m_store_close(s);
	return NULL;
}

void
v2m_store_close(struct v2m_store *s)
{
	if (s == NULL)
		return;
	if (s->object_driver != NULL)
		s->objects->close(s->object_driver);
	if (s->record_driver != NULL)
		s->records->close(s->record_driver);
	free(s);
}

int
v2m_store_init(const struct v2m_conf *conf, struct v2m_err *err)
{
	struct halves h;

	if (find_drivers(&h, conf, err) < 0 ||
	    h.records->init(conf, "store", err) < 0)
		return -1;
	return h.objects->init(conf, h.objects_key, err);
}

int
v2m_store_ready(struct v2m_store *s, struct v2m_err *err)
{
	int64_t now;
	int ready = s->records->ready != NULL ?
	    s->records->ready(s->record_driver, err) :
	    s->records->now(s->record_driver, &now, err);

	return ready < 0 ? -1 : s->objects->ready(s->object_driver, err);
}

int
v2m_store_now(struct v2m_store *s, int64_t *now_ms, struct v2m_err *err)
{
	return s->records->now(s->record_driver, now_ms, err);
}
