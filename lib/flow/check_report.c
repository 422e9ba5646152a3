/* Reports findings. */
#include "flow/check_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void
v2m_check_report(struct v2m_check_run *run, const char *item,
    enum v2m_remedy remedy, const char *fmt, ...)
{
	struct v2m_finding f = { .remedy = remedy };
	char what[sizeof f.what];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	v2m_text_copy(f.what, sizeof f.what, what);
	v2m_text_copy(f.item, sizeof f.item, item);
	run->found(run->arg, &f);
}

/* If we may not read a file, another copy of it does not help. */
enum v2m_remedy
v2m_check_restores(int sys)
{
	return sys == EACCES || sys == EPERM ? V2M_REMEDY_ACCESS :
	    V2M_REMEDY_RESTORE;
}
