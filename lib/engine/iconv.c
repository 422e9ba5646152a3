/* No conversions between character sets, in place of the C library's iconv.
 *
 * libavformat would convert the names of TV stations from any character set
 * that the file names, for which glibc looks for files and loads code while the
 * file is being read.  These names are not needed; without iconv libavformat
 * takes them as they are.  As the program exports this function, libavformat
 * calls it.
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
