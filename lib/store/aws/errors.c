/* Error responses, and whether trying again can help. */
#include "store/aws/aws.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define NO_TABLE "ResourceNotFoundException"
#define SKEW_MS 60000		/* a larger difference of clocks is an error */

static void
on_element(void *arg, const char *name, const char *text)
{
	struct v2m_aws_answer *a = arg;

	if (strcmp(name, "Code") == 0)
		v2m_text_copy(a->code, sizeof a->code, text);
	else if (strcmp(name, "Message") == 0)
		v2m_text_copy(a->message, sizeof a->message, text);
}

/* {"__type":"com.amazonaws...#ThrottlingException","message":"..."} */
static void
read_json(struct v2m_aws_answer *a)
{
	json_t *body = json_loadb(a->body, a->nbody, 0, NULL);
	const char *type, *mark, *message;

	type = json_string_value(json_object_get(body, "__type"));
	message = json_string_value(json_object_get(body, "message"));
	if (message == NULL)
		message = json_string_value(json_object_get(body, "Message"));
	if (type != NULL) {
		mark = strrchr(type, '#');
		v2m_text_copy(a->code, sizeof a->code,
		    mark != NULL ? mark + 1 : type);
	}
	if (message != NULL)
		v2m_text_copy(a->message, sizeof a->message, message);
	json_decref(body);
}

/* In XML a response with status 200 can be an error, too
 * (CompleteMultipartUpload). */
void
v2m_aws_read_error(struct v2m_aws_answer *a)
{
	a->code[0] = a->message[0] = '\0';
	if (a->body == NULL)
		return;
	/* JSON of a success may hold any text. */
	if (a->body[0] == '{') {
		if (a->status >= 400)
			read_json(a);
		return;
	}
	if (strstr(a->body, "<Error") == NULL)
		return;
	v2m_aws_xml(a->body, a->nbody, on_element, a);
	if (a->code[0] == '\0')
		v2m_text_copy(a->code, sizeof a->code, "Error");
}

static bool
is_one_of(const char *code, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(code, *list) == 0)
			return true;
	return false;
}

bool
v2m_aws_is_later(const struct v2m_aws_answer *a)
{
	static const char *const later[] = { "SlowDown", "InternalError",
		"ServiceUnavailable", "Throttling", "ThrottlingException",
		"RequestTimeout", "OperationAborted", "IncompleteBody",
		"RequestLimitExceeded", "ConditionalRequestConflict",
		"ProvisionedThroughputExceededException",
		"LimitExceededException", "TransactionConflictException",
		"InternalServerError", "ResourceInUseException",
		"ContinuousBackupsUnavailableException", NULL };

	if (a->status == 501)
		return false;
	return a->status >= 500 || a->status == 409 || a->status == 429 ||
	    a->status == 408 || is_one_of(a->code, later);
}

static bool
clock_is_wrong(const struct v2m_aws_answer *a, int64_t *off_ms)
{
	*off_ms = a->date == 0 ? 0 : v2m_wall_ms() - a->date;
	return *off_ms > SKEW_MS || *off_ms < -SKEW_MS;
}

/* A response to HEAD has no body, so no error code. */
static bool
is_silent(const struct v2m_aws_answer *a)
{
	return a->status == 400 && a->code[0] == '\0';
}

static const char *
advice(const struct v2m_aws_answer *a)
{
	if (a->status == 301 || a->status == 307 || is_silent(a) ||
	    strcmp(a->code, "AuthorizationHeaderMalformed") == 0)
		return " (is the region right?)";
	if (strcmp(a->code, "NoSuchBucket") == 0)
		return " (is the bucket's name right? v2m-init makes it)";
	if (strcmp(a->code, NO_TABLE) == 0)
		return " (is the table's name right? v2m-init makes it)";
	if (strcmp(a->code, "SignatureDoesNotMatch") == 0 ||
	    strcmp(a->code, "InvalidSignatureException") == 0)
		return " (is the secret key right?)";
	return "";
}

bool
v2m_aws_has_expired(const struct v2m_aws_answer *a)
{
	return strcmp(a->code, "ExpiredToken") == 0 ||
	    strcmp(a->code, "ExpiredTokenException") == 0;
}

/* Codes of DynamoDB, whose errors all have status 400. */
static bool
is_not_allowed(const struct v2m_aws_answer *a)
{
	static const char *const codes[] = { "UnrecognizedClientException",
		"InvalidSignatureException", "AccessDeniedException",
		"MissingAuthenticationTokenException",
		"MissingAuthenticationToken", "InvalidClientTokenId",
		"IncompleteSignatureException", "SignatureDoesNotMatch", NULL };

	return is_one_of(a->code, codes);
}

static enum v2m_code
code_of(const struct v2m_aws_answer *a)
{
	if (v2m_aws_is_later(a) || v2m_aws_has_expired(a))
		return V2M_TEMP;
	if (is_not_allowed(a) || a->status == 401 || a->status == 403 ||
	    a->status == 301 || a->status == 307 || is_silent(a) ||
	    strcmp(a->code, "NoSuchBucket") == 0 ||
	    strcmp(a->code, NO_TABLE) == 0 ||
	    strcmp(a->code, "AuthorizationHeaderMalformed") == 0)
		return V2M_CONFIG;
	return V2M_UNAVAILABLE;
}

int
v2m_aws_refused(const struct v2m_aws *aws, const struct v2m_aws_answer *a,
    const char *doing, struct v2m_err *err)
{
	int64_t off;

	if ((a->status == 403 || (a->status == 400 && (a->code[0] == '\0' ||
	    is_not_allowed(a)))) && clock_is_wrong(a, &off))
		return v2m_err_set(err, V2M_CONFIG, "cannot %s: this "
		    "machine's clock is %" PRId64 " s %s that of %s, which "
		    "therefore refuses the signature", doing,
		    (off < 0 ? -off : off) / 1000,
		    off < 0 ? "behind" : "ahead of", aws->host);
	return v2m_err_set(err, code_of(a), "cannot %s: %s says %d%s%s%s%s%s",
	    doing, aws->host, a->status, a->code[0] == '\0' ? "" : " ",
	    a->code, a->message[0] == '\0' ? "" : ": ", a->message,
	    advice(a));
}
