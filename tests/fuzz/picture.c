/* libFuzzer target: a cover's size, on whatever bytes claim to be one.
 * tests/flow/fuzz-picture.t runs it for a bounded time. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct picture p;
	uint8_t *copy = malloc(size + 1);	/* whose end ASan guards */

	if (copy == NULL)
		return 0;
	memcpy(copy + 1, data, size);
	picture_read(&p, copy + 1, size);
	if (p.width < 1 || p.height < 1)
		abort();
	free(copy);
	return 0;
}
