/* deny - run a command with some system calls forbidden, as in a container
 *
 * usage: deny CALL... -- COMMAND [ARGUMENT...]
 */

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM),
		    seccomp_syscall_resolve_name(argv[i]), 0) < 0)
			return 125;
	if (i + 1 >= argc || seccomp_load(f) < 0)
		return 125;
	execvp(argv[i + 1], argv + i + 1);
	perror("deny");
	return 127;
}
