#include "base/fault.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int
v2m_fault(const char *point, struct v2m_err *err)
{
	static atomic_int passed;
	const char *order = getenv("V2M_FAULT");
	const char *name;
	size_t n;
	int which = 1;

	if (order == NULL || (name = strchr(order, ':')) == NULL)
		return 0;
	name++;
	n = strcspn(name, "@");
	if (strlen(point) != n || strncmp(point, name, n) != 0)
		return 0;
	if (name[n] == '@')
		which = (int)strtol(name + n + 1, NULL, 10);
	if (atomic_fetch_add(&passed, 1) + 1 != which)
		return 0;
	if (strncmp(order, "kill:", 5) == 0)
		raise(SIGKILL);
	else if (strncmp(order, "stop:", 5) == 0)
		raise(SIGSTOP);
	else if (strncmp(order, "fail:", 5) == 0)
		return v2m_err_set(err, V2M_TEMP, "ordered to fail at %s",
		    point);
	return 0;
}
