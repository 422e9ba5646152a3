/* One request to DynamoDB's API (version 2012-08-10, JSON 1.0), and the time by
 * its responses. */
#include "store/aws/dynamo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/clock.h"

/* The error code that means: the condition does not hold. */
static const char *
answer_code(const char *operation)
{
	return strcmp(operation, "DescribeTable") == 0 ?
	    "ResourceNotFoundException" : "ConditionalCheckFailedException";
}

/* The header Date has whole seconds: the true offset is up to a second more, so
 * the highest offset is kept, until the server's clock was set back. */
#define SECOND 1000

struct checksum {
	bool told;
	unsigned long crc32;
};

static void
take_checksum(void *arg, const char *name, const char *value)
{
	struct checksum *sum = arg;

	if (strcmp(name, "x-amz-crc32") == 0) {
		sum->told = true;
		sum->crc32 = strtoul(value, NULL, 10);
	}
}

static bool
is_whole(void *arg, const struct v2m_aws_answer *a)
{
	struct checksum *sum = arg;
	unsigned long crc = crc32(0, (const Bytef *)a->body, (uInt)a->nbody);
	bool whole = !sum->told || crc == sum->crc32;

	sum->told = false;
	return whole;
}

/* begun: when the request was sent; the response may have taken long. */
static void
set_clock(struct v2m_dynamo *d, int64_t date_ms, int64_t begun)
{
	int64_t now = v2m_mono_ms(), offset = date_ms - now;

	if (date_ms == 0)
		return;
	if (d->clock_at_ms == 0 || offset > d->clock_ms ||
	    date_ms + SECOND - begun < d->clock_ms)
		d->clock_ms = offset;
	d->clock_at_ms = now;
}

static int
send_text(struct v2m_dynamo *d, const char *operation, const char *text,
    struct v2m_aws_answer *a, const char *doing, struct v2m_err *err)
{
	struct checksum sum = { .told = false };
	struct v2m_aws_request rq = { .method = "POST", .path = "/",
		.query = "", .body = text, .length = strlen(text),
		.on_header = take_checksum, .arg = &sum, .is_whole = is_whole,
		.answer_code = answer_code(operation) };
	int64_t begun = v2m_mono_ms();
	int ret;

	v2m_aws_header(&rq, "content-type: application/x-amz-json-1.0");
	v2m_aws_header(&rq, "x-amz-target: DynamoDB_20120810.%s", operation);
	ret = v2m_aws_ask(&d->aws, &rq, V2M_AWS_BYTES_MS, a, doing, err);
	v2m_aws_request_clear(&rq);
	if (ret == 0)
		set_clock(d, a->date, begun);
	return ret;
}

static int
read_answer(struct v2m_dynamo *d, const char *operation,
    const struct v2m_aws_answer *a, json_t **answer, const char *doing,
    struct v2m_err *err)
{
	if (strcmp(a->code, answer_code(operation)) == 0)
		return 1;
	if (a->code[0] != '\0' || a->status >= 300)
		return v2m_aws_refused(&d->aws, a, doing, err);
	*answer = json_loadb(a->body == NULL ? "" : a->body, a->nbody, 0, NULL);
	if (json_is_object(*answer))
		return 0;
	json_decref(*answer);
	*answer = NULL;
	return v2m_err_set(err, V2M_UNAVAILABLE, "cannot %s: %s answers with "
	    "something else than JSON", doing, d->aws.host);
}

int
v2m_dynamo_ask(struct v2m_dynamo *d, const char *operation, json_t *request,
    json_t **answer, bool *lost, const char *doing, struct v2m_err *err)
{
	struct v2m_aws_answer a;
	char *text;
	int ret;

	*answer = NULL;
	if (request != NULL && strcmp(operation, "BatchGetItem") != 0 &&
	    strcmp(operation, "BatchWriteItem") != 0)
		json_object_set_new(request, "TableName",
		    json_string(d->table));
	text = request == NULL ? NULL : json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (text == NULL)
		return v2m_err_set(err, V2M_TEMP, "cannot %s: out of memory",
		    doing);
	ret = send_text(d, operation, text, &a, doing, err);
	free(text);
	if (ret < 0)
		return -1;
	if (lost != NULL)
		*lost = a.lost;
	ret = read_answer(d, operation, &a, answer, doing, err);
	v2m_aws_answer_clear(&a);
	return ret;
}

int
v2m_dynamo_do(struct v2m_dynamo *d, const char *operation, json_t *request,
    const char *doing, struct v2m_err *err)
{
	json_t *answer;
	int ret = v2m_dynamo_ask(d, operation, request, &answer, NULL, doing,
	    err);

	json_decref(answer);
	return ret;
}
