#include "flow/pairs.h"

#include <string.h>

#include "store/page.h"

#define PAGE 200		/* records of each side in memory */

struct side {
	struct v2m_store *store;
	struct v2m_page page;
	size_t at;
	bool has;		/* `record` is valid */
	bool more;		/* there may be others behind the page */
	char last[V2M_ID_SIZE];	/* the ID of the last record */
	struct v2m_record record;
};

struct add {
	struct v2m_page *page;
	struct v2m_err err;
};

static int
add(void *arg, struct v2m_record *r)
{
	struct add *a = arg;

	return v2m_page_add(a->page, r, &a->err);
}

/* Read the next page. */
static int
fill(struct side *side, struct v2m_err *err)
{
	struct v2m_filter filter = { .state = -1, .limit = PAGE };
	struct add a = { .page = &side->page, .err = { .code = V2M_OK } };
	int ret;

	if (side->last[0] != '\0')
		filter.after = side->last;
	v2m_page_clear(&side->page);
	side->at = 0;
	ret = v2m_store_each(side->store, &filter, add, &a, err);
	if (ret < 0 && a.err.code != V2M_OK)
		v2m_err_pass(err, &a.err);
	side->more = side->page.n == PAGE;
	return ret;
}

static int
step(struct side *side, struct v2m_err *err)
{
	side->has = v2m_page_next(&side->page, &side->at, &side->record);
	if (!side->has && side->more) {
		if (fill(side, err) < 0)
			return -1;
		side->has = v2m_page_next(&side->page, &side->at,
		    &side->record);
	}
	if (side->has)
		memcpy(side->last, side->record.id, sizeof side->last);
	return 0;
}

static int
compare(const struct side *a, const struct side *b)
{
	if (!a->has || !b->has)
		return a->has ? -1 : 1;
	return strcmp(a->last, b->last);
}

int
v2m_pairs(struct v2m_store *a, struct v2m_store *b,
    int (*each)(void *arg, struct v2m_record *a, struct v2m_record *b),
    void *arg, struct v2m_err *err)
{
	struct side one = { .store = a, .more = true };
	struct side two = { .store = b, .more = true };
	int ret = step(&one, err) < 0 || step(&two, err) < 0 ? -1 : 0, order;

	while (ret == 0 && (one.has || two.has)) {
		order = compare(&one, &two);
		ret = each(arg, order <= 0 ? &one.record : NULL,
		    order >= 0 ? &two.record : NULL);
		if (ret == 0 && order <= 0)
			ret = step(&one, err);
		if (ret == 0 && order >= 0)
			ret = step(&two, err);
	}
	v2m_page_release(&one.page);
	v2m_page_release(&two.page);
	return ret;
}

bool
v2m_pair_is_equal(const struct v2m_record *a, const struct v2m_record *b)
{
	const struct v2m_field *f = v2m_record_fields;

	while (f->name != NULL && !v2m_field_differs(a, b, f))
		f++;
	return f->name == NULL;
}
