/* The mark of a move, read for those who have no store open. */
#include "base/log.h"
#include "store/moved.h"
#include "store/private.h"

int
v2m_moved_check_accounts(const struct v2m_conf *conf, int64_t begun,
    struct v2m_err *err)
{
	struct v2m_moved m = { .state = V2M_MOVED_NOT };
	struct v2m_store *s;
	struct v2m_err why;

	if (begun != 0 && v2m_moved_is_believed(begun))
		return 0;
	s = v2m_store_open(conf, &why);
	if (s == NULL || v2m_moved_get(s, &m, &why) < 0)
		v2m_warn("it is not known whether the accounts have moved to "
		    "another store: %s", why.msg);
	v2m_store_close(s);
	return v2m_moved_refuse(&m, begun == 0 ? V2M_WRITE_NEW : V2M_WRITE_ON,
	    err);
}
