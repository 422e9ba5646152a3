/* Open and close, and the table of functions. */
#include "store/aws/s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/module.h"
#include "base/url.h"
#include "store/driver.h"

#define FORM "s3://BUCKET/PREFIX?region=R"
#define PART_MIN (8 * V2M_S3_MIB)

static int
refuse(const char *key, const char *why, struct v2m_err *err)
{
	return v2m_err_set(err, V2M_CONFIG, "%s: %s (" FORM ")", key, why);
}

static int
take_place(struct v2m_s3 *s3, const struct v2m_url *url, const char *key,
    struct v2m_err *err)
{
	size_t n = strlen(url->path);

	if (strlen(url->host) < 3 || strlen(url->host) >= sizeof s3->bucket ||
	    !v2m_aws_is_plain(url->host, false) || url->port != 0)
		return refuse(key, "that is not the name of a bucket", err);
	while (n > 0 && url->path[n - 1] == '/')
		n--;
	if (n + 2 > sizeof s3->prefix || !v2m_aws_is_plain(url->path, true) ||
	    url->path[0] == '/' || strstr(url->path, "//") != NULL)
		return refuse(key, "the prefix may have letters, digits and "
		    "._-/ alone", err);
	snprintf(s3->bucket, sizeof s3->bucket, "%s", url->host);
	snprintf(s3->prefix, sizeof s3->prefix, "%.*s%s", (int)n, url->path,
	    n > 0 ? "/" : "");
	return 0;
}

/* Is the value valid in a header line? */
static bool
is_line(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s == 0x7f)
			return false;
	return true;
}

static int
take_storage(struct v2m_s3 *s3, const struct v2m_url *url, const char *key,
    struct v2m_err *err)
{
	v2m_aws_parameter(url, "encryption", s3->encryption,
	    sizeof s3->encryption, "");
	v2m_aws_parameter(url, "kms_key", s3->kms_key, sizeof s3->kms_key, "");
	v2m_aws_parameter(url, "storage_class", s3->storage_class,
	    sizeof s3->storage_class, "");
	if (s3->encryption[0] != '\0' &&
	    strcmp(s3->encryption, "AES256") != 0 &&
	    strcmp(s3->encryption, "aws:kms") != 0)
		return refuse(key, "encryption is AES256 or aws:kms", err);
	if (s3->kms_key[0] != '\0' && strcmp(s3->encryption, "aws:kms") != 0)
		return refuse(key, "kms_key goes with encryption=aws:kms", err);
	if (!is_line(s3->kms_key) || !is_line(s3->storage_class))
		return refuse(key, "kms_key or storage_class is invalid",
		    err);
	return 0;
}

/* The endpoint is that of the region, or the URL's.  The bucket's name precedes
 * the host name, or the key (path_style). */
static int
take_server(struct v2m_s3 *s3, const struct v2m_conf *conf,
    const struct v2m_url *url, const char *key, struct v2m_err *err)
{
	char told[400], endpoint[V2M_S3_ENDPOINT], style[8];

	v2m_aws_parameter(url, "endpoint", told, sizeof told, "");
	v2m_aws_parameter(url, "path_style", style, sizeof style,
	    told[0] != '\0' || strchr(s3->bucket, '.') != NULL ? "yes" : "no");
	if (v2m_aws_take_region(&s3->aws, url, told, key, err) < 0)
		return -1;
	if (strcmp(style, "yes") != 0 && strcmp(style, "no") != 0)
		return refuse(key, "path_style is yes or no", err);
	s3->path_style = strcmp(style, "yes") == 0;
	if (told[0] == '\0')
		snprintf(told, sizeof told, "https://s3.%s.amazonaws.com",
		    s3->aws.region);
	v2m_s3_endpoint(s3, told, endpoint);
	return v2m_aws_open(&s3->aws, conf, key, endpoint, err) < 0 ? -1 :
	    v2m_s3_take_public(s3, conf, err);
}

static void
take_sizes(struct v2m_s3 *s3, const struct v2m_conf *conf)
{
	int64_t set = v2m_conf_number(conf, "max_upload");
	/* Without max_upload: what parts of the usual size hold. */
	int64_t most = set > 0 ? set :
	    (PART_MIN - V2M_S3_MIB) * (int64_t)V2M_S3_PARTS;
	int64_t least = (most / V2M_S3_PARTS + V2M_S3_MIB) / V2M_S3_MIB *
	    V2M_S3_MIB;

	s3->part_size = least > PART_MIN ? least : PART_MIN;
	s3->chunk_size = least > V2M_S3_PART_MIN ? least : V2M_S3_PART_MIN;
}

static int
configure(struct v2m_s3 *s3, const struct v2m_conf *conf, const char *key,
    struct v2m_err *err)
{
	struct v2m_url url;

	if (v2m_url_parse(&url, key, v2m_conf_text(conf, key), err) < 0 ||
	    v2m_aws_refuse_passwords(conf, &url, key, err) < 0 ||
	    take_place(s3, &url, key, err) < 0 ||
	    v2m_aws_check_names(url.query, "region, endpoint, path_style, "
	    "encryption, kms_key, storage_class", "s3", key, err) < 0 ||
	    take_storage(s3, &url, key, err) < 0)
		return -1;
	take_sizes(s3, conf);
	s3->aws.service = "s3";
	return take_server(s3, conf, &url, key, err);
}

static void
s3_close(void *self)
{
	struct v2m_s3 *s3 = self;

	if (s3->multi != NULL)
		curl_multi_cleanup(s3->multi);
	v2m_aws_close(&s3->aws);
	free(s3);
}

/* No request is sent: the first step that needs one does. */
static void *
s3_open(const struct v2m_conf *conf, const char *key, void *records,
    struct v2m_err *err)
{
	struct v2m_s3 *s3 = calloc(1, sizeof *s3);

	(void)records;
	if (s3 == NULL) {
		v2m_err_sys(err, V2M_TEMP, "cannot open the store");
		return NULL;
	}
	if (configure(s3, conf, key, err) == 0) {
		s3->multi = curl_multi_init();
		if (s3->multi != NULL)
			return s3;
		v2m_err_set(err, V2M_TEMP, "cannot open the store: out of "
		    "memory");
	}
	s3_close(s3);
	return NULL;
}

static int
s3_init(const struct v2m_conf *conf, const char *key, struct v2m_err *err)
{
	struct v2m_s3 *s3 = s3_open(conf, key, NULL, err);
	int ret;

	if (s3 == NULL)
		return -1;
	ret = v2m_s3_make(s3, err);
	s3_close(s3);
	return ret;
}

/* Does the bucket exist, and may we use it? */
static int
s3_ready(void *self, struct v2m_err *err)
{
	struct v2m_aws_request rq = { .nheaders = 0 };
	struct v2m_aws_answer a;
	struct v2m_s3 *s3 = self;

	if (v2m_s3_ask(s3, &rq, "HEAD", "", "", V2M_AWS_ASK_MS, &a,
	    "use the bucket", err) < 0)
		return -1;
	v2m_aws_answer_clear(&a);
	if (a.status < 300)
		return 0;
	return v2m_err_set(err, V2M_CONFIG, "there is no bucket '%s' at %s: "
	    "run v2m-init", s3->bucket, s3->aws.host);
}

static const struct v2m_objects_ops objects = {
	.init = s3_init,
	.open = s3_open,
	.close = s3_close,
	.ready = s3_ready,
	.create = v2m_s3_create,
	.write = v2m_s3_write,
	.commit = v2m_s3_commit,
	.discard = v2m_s3_discard,
	.stat = v2m_s3_stat,
	.read = v2m_s3_read,
	.read_on = v2m_s3_read_on,
	.ahead = v2m_s3_ahead,
	.pread = v2m_s3_pread,
	.release = v2m_s3_release,
	.has_links = v2m_s3_has_links,
	.link = v2m_s3_link,
	.remove = v2m_s3_remove,
	.objects = v2m_s3_objects,
	.tidy = v2m_s3_tidy,
	.concerns = v2m_s3_concerns,
	.partial_chunk_size = v2m_s3_partial_chunk_size,
	.partial_begin = v2m_s3_partial_begin,
	.partial_take = v2m_s3_partial_take,
	.partial_write = v2m_s3_partial_write,
	.partial_read = v2m_s3_partial_read,
	.partial_finish = v2m_s3_partial_finish,
	.partial_unfinish = v2m_s3_partial_unfinish,
	.partial_erase = v2m_s3_partial_erase,
};

V2M_EXPORT const struct v2m_store_driver v2m_store_s3 = {
	.objects = &objects,
};
