/* Open and close, and the table of functions. */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/module.h"
#include "store/driver.h"

#define FORM "dynamodb://TABLE?region=R"

static int
take_table(struct v2m_dynamo *d, const struct v2m_url *url, const char *key,
    struct v2m_err *err)
{
	size_t n = strlen(url->host);

	if (n < 3 || n >= sizeof d->table ||
	    !v2m_aws_is_plain(url->host, false) || url->port != 0 ||
	    url->path[0] != '\0')
		return v2m_err_set(err, V2M_CONFIG, "%s: that is not the name "
		    "of a table (" FORM ")", key);
	snprintf(d->table, sizeof d->table, "%s", url->host);
	return 0;
}

static int
take_server(struct v2m_dynamo *d, const struct v2m_conf *conf,
    const struct v2m_url *url, const char *key, struct v2m_err *err)
{
	char endpoint[400], word[8];

	v2m_aws_parameter(url, "endpoint", endpoint, sizeof endpoint, "");
	v2m_aws_parameter(url, "point_in_time", word, sizeof word, "no");
	if (strcmp(word, "yes") != 0 && strcmp(word, "no") != 0)
		return v2m_err_set(err, V2M_CONFIG, "%s: point_in_time is yes "
		    "or no (" FORM ")", key);
	d->point_in_time = strcmp(word, "yes") == 0;
	if (v2m_aws_take_region(&d->aws, url, endpoint, key, err) < 0)
		return -1;
	if (endpoint[0] == '\0')
		snprintf(endpoint, sizeof endpoint,
		    "https://dynamodb.%s.amazonaws.com", d->aws.region);
	d->aws.service = "dynamodb";
	return v2m_aws_open(&d->aws, conf, key, endpoint, err);
}

static int
configure(struct v2m_dynamo *d, const struct v2m_conf *conf, const char *key,
    struct v2m_err *err)
{
	struct v2m_url url;

	if (v2m_url_parse(&url, key, v2m_conf_text(conf, key), err) < 0 ||
	    v2m_aws_refuse_passwords(conf, &url, key, err) < 0 ||
	    take_table(d, &url, key, err) < 0 ||
	    v2m_aws_check_names(url.query, "region, endpoint, point_in_time",
	    "dynamodb", key, err) < 0)
		return -1;
	return take_server(d, conf, &url, key, err);
}

static void
dynamo_close(void *self)
{
	struct v2m_dynamo *d = self;

	if (--d->halves > 0)
		return;
	v2m_aws_close(&d->aws);
	free(d);
}

/* No request is sent: the first step that needs one does. */
static void *
dynamo_open(const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	struct v2m_dynamo *d = calloc(1, sizeof *d);

	if (d == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open the store");
		return NULL;
	}
	d->halves = 1;
	if (configure(d, conf, key, err) == 0)
		return d;
	dynamo_close(d);
	return NULL;
}

/* then: a further step for the table; or NULL. */
static int
init_half(const struct v2m_conf *conf, const char *key,
    int (*then)(struct v2m_dynamo *d, struct v2m_err *err),
    struct v2m_err *err)
{
	struct v2m_dynamo *d = dynamo_open(conf, key, err);
	int ret;

	if (d == NULL)
		return -1;
	ret = v2m_dynamo_make(d, err);
	if (ret == 0 && then != NULL)
		ret = then(d, err);
	dynamo_close(d);
	return ret;
}

static int
records_init(const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	return init_half(conf, key, v2m_dynamo_census_anew, err);
}

static int
objects_init(const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	return init_half(conf, key, NULL, err);
}

/* Records and objects share one table and its connection. */
static void *
objects_open(const struct v2m_conf *conf, const char *key, void *shared,
    struct v2m_err *err)
{
	struct v2m_dynamo *d = shared;

	if (d == NULL)
		return dynamo_open(conf, key, err);
	d->halves++;
	return d;
}

/* The records have checked the same table. */
static int
objects_ready(void *self, struct v2m_err *err)
{
	struct v2m_dynamo *d = self;

	return d->halves > 1 ? 0 : v2m_dynamo_ready(d, err);
}

static const struct v2m_records_ops records = {
	.init = records_init,
	.open = dynamo_open,
	.close = dynamo_close,
	.ready = v2m_dynamo_ready,
	.now = v2m_dynamo_now,
	.get = v2m_dynamo_record_get,
	.get_by_mp3 = v2m_dynamo_get_by_mp3,
	.insert = v2m_dynamo_insert,
	.put = v2m_dynamo_put,
	.forget = v2m_dynamo_forget,
	.list = v2m_dynamo_list,
	.next_owner = v2m_dynamo_next_owner,
	.next_fresh = v2m_dynamo_next_fresh,
	.count = v2m_dynamo_count,
	.count_states = v2m_dynamo_count_states,
	.usage = v2m_dynamo_usage,
	.census = v2m_dynamo_census,
	.document_get = v2m_dynamo_document_get,
	.document_put = v2m_dynamo_document_put,
	.document_drop = v2m_dynamo_document_drop,
	.document_list = v2m_dynamo_document_list,
};

static const struct v2m_objects_ops objects = {
	.init = objects_init,
	.open = objects_open,
	.close = dynamo_close,
	.ready = objects_ready,
	.create = v2m_dynamo_create,
	.write = v2m_dynamo_write,
	.commit = v2m_dynamo_commit,
	.discard = v2m_dynamo_discard,
	.stat = v2m_dynamo_stat,
	.read = v2m_dynamo_read,
	.read_on = v2m_dynamo_read_on,
	.pread = v2m_dynamo_pread,
	.release = v2m_dynamo_release,
	.remove = v2m_dynamo_remove,
	.objects = v2m_dynamo_objects,
	.tidy = v2m_dynamo_tidy,
	.partial_chunk_size = v2m_dynamo_partial_chunk_size,
	.partial_begin = v2m_dynamo_partial_begin,
	.partial_take = v2m_dynamo_partial_take,
	.partial_write = v2m_dynamo_partial_write,
	.partial_read = v2m_dynamo_partial_read,
	.partial_finish = v2m_dynamo_partial_finish,
	.partial_unfinish = v2m_dynamo_partial_unfinish,
	.partial_erase = v2m_dynamo_partial_erase,
};

V2M_EXPORT const struct v2m_store_driver v2m_store_dynamodb = {
	.records = &records,
	.objects = &objects,
};
