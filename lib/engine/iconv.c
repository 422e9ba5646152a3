/* No conversions between character sets, in place of the C library's.
 *
 * libavformat would have the names of TV stations converted from whatever set
 * a file asks for, and glibc then looks for files and loads code while the
 * file is being read.  We want none of these names; without a conversion
 * libavformat takes them as they are.  It finds this one, for the program lets
 * it out.
 */

#include <errno.h>
#include <iconv.h>

#include "base/module.h"

V2M_EXPORT iconv_t
iconv_open(const char *to, const char *from)
{
	(void)to;
	(void)from;
	errno = EINVAL;
	return (iconv_t)-1;
}
