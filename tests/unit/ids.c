/* IDs: their order, across processes, and that all differ. */
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/id.h"
#include "tap.h"

#define PROCESSES 40
#define MANY 100000

/* Make an ID in another process. */
static bool
made_elsewhere(char id[V2M_ID_SIZE])
{
	int ends[2];
	pid_t child;
	bool good;

	if (pipe(ends) < 0 || (child = fork()) < 0)
		return false;
	if (child == 0) {
		v2m_id_new(id);
		_exit(write(ends[1], id, V2M_ID_SIZE) != V2M_ID_SIZE);
	}
	close(ends[1]);
	good = read(ends[0], id, V2M_ID_SIZE) == V2M_ID_SIZE;
	close(ends[0]);
	return waitpid(child, NULL, 0) == child && good;
}

static void
test_processes(void)
{
	char ids[PROCESSES][V2M_ID_SIZE];
	int i, made = 0, ordered = 0;

	for (i = 0; i < PROCESSES; i++) {
		made += made_elsewhere(ids[i]);
		ordered += i > 0 && strcmp(ids[i - 1], ids[i]) < 0;
	}
	ok(made == PROCESSES, "each process makes one");
	ok(ordered == PROCESSES - 1, "they sort by age, in one second too");
	ok(v2m_id_valid(ids[0]), "each is an ID");
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
test_one_process(void)
{
	char (*ids)[V2M_ID_SIZE] = calloc(MANY, sizeof *ids);
	int i, doubles = 0;

	if (ids == NULL)
		abort();
	for (i = 0; i < MANY; i++)
		v2m_id_new(ids[i]);
	qsort(ids, MANY, sizeof *ids, compare);
	for (i = 1; i < MANY; i++)
		doubles += strcmp(ids[i - 1], ids[i]) == 0;
	ok(doubles == 0, "none comes twice");
	free(ids);
}

static void
test_time(void)
{
	int64_t before = time(NULL), made;
	char id[V2M_ID_SIZE];

	v2m_id_new(id);
	made = v2m_id_time_ms(id) / 1000;
	ok(made >= before && made <= time(NULL), "it tells its second");
}

int
main(void)
{
	test_processes();
	test_one_process();
	test_time();
	return tap_done();
}
