/* The fence of a partial upload: { _id: its ID, fence }, in v2m.partials. */
#include "store/mongodb/mongodb.h"

#define DOING "look for the holder of an upload"

int
v2m_mongodb_fence_lost(const char *id, struct v2m_err *err)
{
	return v2m_err_set(err, V2M_DENIED, "the upload %s was taken over by "
	    "another connection, or removed", id);
}

int
v2m_mongodb_fence_check(struct v2m_mongodb *m, const char *id, int64_t fence,
    struct v2m_err *err)
{
	bson_t filter, doc;
	int found;

	v2m_mongodb_by_id(&filter, id);
	BSON_APPEND_INT64(&filter, "fence", fence);
	found = v2m_mongodb_one(m, m->partials, &filter, &doc, DOING, err);
	bson_destroy(&filter);
	if (found == 1)
		bson_destroy(&doc);
	return found == 0 ? v2m_mongodb_fence_lost(id, err) :
	    found < 0 ? -1 : 0;
}

/* Update a fence that is not higher than ours.  1; 0: there is none; -1. */
static int
update_fence(struct v2m_mongodb *m, const char *id, int64_t fence,
    struct v2m_err *err)
{
	bson_t filter, below, *update = BCON_NEW("$set", "{", "fence",
	    BCON_INT64(fence), "}"), reply;
	bson_error_t error;
	int ret;

	v2m_mongodb_by_id(&filter, id);
	BSON_APPEND_DOCUMENT_BEGIN(&filter, "fence", &below);
	BSON_APPEND_INT64(&below, "$lte", fence);
	bson_append_document_end(&filter, &below);
	if (mongoc_collection_update_one(m->partials, &filter, update, NULL,
	    &reply, &error))
		ret = v2m_mongodb_int(&reply, "matchedCount", 0) == 1;
	else
		ret = v2m_mongodb_err(m, &error, err, "hold the upload %s",
		    id);
	bson_destroy(&reply);
	bson_destroy(&filter);
	bson_destroy(update);
	return ret;
}

/* Insert the fence.  1; 0: there is one already; -1. */
static int
insert_fence(struct v2m_mongodb *m, const char *id, int64_t fence,
    struct v2m_err *err)
{
	bson_error_t error;
	bson_t doc;
	int ret = 1;

	v2m_mongodb_by_id(&doc, id);
	BSON_APPEND_INT64(&doc, "fence", fence);
	if (!mongoc_collection_insert_one(m->partials, &doc, NULL, NULL,
	    &error))
		ret = error.code == V2M_MONGODB_DUPLICATE ? 0 :
		    v2m_mongodb_err(m, &error, err, "hold the upload %s", id);
	bson_destroy(&doc);
	return ret;
}

/* Update again, as the one inserted between may be lower. */
static int
raise_once(struct v2m_mongodb *m, const char *id, int64_t fence,
    struct v2m_err *err)
{
	int raised = update_fence(m, id, fence, err);

	if (raised == 0)
		raised = insert_fence(m, id, fence, err);
	if (raised == 0)
		raised = update_fence(m, id, fence, err);
	return raised == 0 ? v2m_mongodb_fence_lost(id, err) : raised;
}

/* No fence is used twice, so one that is equal to ours was written by an own
 * try without a response. */
int
v2m_mongodb_fence_raise(struct v2m_mongodb *m, const char *id, int64_t fence,
    struct v2m_err *err)
{
	struct v2m_mongodb_try t = v2m_mongodb_try(V2M_MONGODB_ASK_MS);
	int ret;

	do
		ret = raise_once(m, id, fence, &t.failure);
	while (v2m_mongodb_again(&t, ret, err));
	return ret < 0 ? -1 : 0;
}

int
v2m_mongodb_fence_drop(struct v2m_mongodb *m, const char *id,
    struct v2m_err *err)
{
	bson_t by_id;
	int gone;

	v2m_mongodb_by_id(&by_id, id);
	gone = v2m_mongodb_delete(m, m->partials, &by_id, "remove an upload",
	    err);
	bson_destroy(&by_id);
	return gone < 0 ? -1 : 0;
}
