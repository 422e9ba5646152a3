#include "client/file_digest.h"

#include <stdlib.h>

#include "base/io.h"
#include "base/stop.h"

#define COPY_SIZE (256 * 1024)

int
v2m_file_digest(int fd, char sha256[V2M_SHA256_HEX], struct v2m_err *err)
{
	char *buf = malloc(COPY_SIZE);
	struct v2m_sha256 h;
	int64_t at = 0;
	ssize_t n = -1;

	if (buf == NULL)
		return v2m_err_sys(err, V2M_TEMP, "cannot read the file");
	v2m_sha256_init(&h);
	while (v2m_stop_check(err) == 0 && (n = v2m_io_pread(fd, buf,
	    COPY_SIZE, at, "the file", err)) > 0) {
		v2m_sha256_update(&h, buf, (size_t)n);
		at += n;
		n = -1;
	}
	v2m_sha256_final(&h, sha256);
	free(buf);
	return n < 0 ? -1 : 0;
}
