#include "engine/sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/filter.h"
#include "engine/landlock.h"
#include "engine/report.h"
#include "engine/work.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define EARN_US (60 * INT64_C(1000000))	/* the limit is raised in such steps */
#define CPU_MOST_S (INT64_C(366) * 24 * 3600)
#define OUTPUT_PER_S 45000		/* bytes; more than 320 kbit/s */
#define THREAD_BYTES (INT64_C(4) << 20)	/* per thread: stack, LAME and PCM */
#define OUTPUT_TAGS (16 << 20)

static int64_t base_bytes;
static struct v2m_wire_limits limits;
static int landlock_version;
static bool memory_limited, up, filtered;
static enum v2m_wire_lacks lacking;
static char why_not[64] = "switched off";

void
sandbox_measure(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long pages = 0;

	if (f == NULL)
		return;
	if (fscanf(f, "%ld", &pages) == 1)
		base_bytes = pages * sysconf(_SC_PAGESIZE);
	fclose(f);
}

/* lacks tells the parent with which setting it would work. */
static int
refuse(struct v2m_err *err, enum v2m_wire_lacks lacks, const char *part,
    const char *why)
{
	v2m_err_set(err, V2M_TEMP, "cannot start the sandbox: %s: %s", part,
	    why);
	lacking = lacks;
	return -1;
}

static int
limit(int what, const char *name, int64_t soft, int64_t hard,
    struct v2m_err *err)
{
	char part[64];

	struct rlimit most, r = { (rlim_t)soft, (rlim_t)hard };

	/* A lower limit that exists already stays. */
	if (getrlimit((__rlimit_resource_t)what, &most) == 0) {
		if (r.rlim_max > most.rlim_max)
			r.rlim_max = most.rlim_max;
		if (r.rlim_cur > r.rlim_max)
			r.rlim_cur = r.rlim_max;
	}
	if (setrlimit((__rlimit_resource_t)what, &r) == 0)
		return 0;
	snprintf(part, sizeof part, "the limit of %s", name);
	return refuse(err, V2M_WIRE_LACKS_A_PART, part, strerror(errno));
}

static int64_t
cpu_s(int64_t sound_us)
{
	double s = ((double)limits.cpu_ms + (double)limits.cpu_ms_per_hour *
	    ((double)sound_us / HOUR_US)) / 1000;

	return s < CPU_MOST_S ? (int64_t)ceil(s) : CPU_MOST_S;
}

static int
limit_cpu(const struct v2m_wire_job *job, struct v2m_err *err)
{
	/* SIGXCPU comes at the soft limit, which sandbox_earn() raises. */
	int64_t most = cpu_s(job->max_duration_s * 1000000) + 5;

	if (limits.cpu_ms <= 0)
		return 0;
	return limit(RLIMIT_CPU, "CPU time", cpu_s(0), most, err);
}

static int
limit_memory(const struct v2m_wire_job *job, struct v2m_err *err)
{
	int64_t most = base_bytes + job->limits.memory_bytes +
	    job->threads * THREAD_BYTES;

	if (job->limits.memory_bytes <= 0)
		return 0;
	memory_limited = true;
	return limit(RLIMIT_AS, "memory", most, most, err);
}

/* A program run by root keeps its capabilities, which lift limits. */
static int
drop_capabilities(struct v2m_err *err)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

	memset(none, 0, sizeof none);
	if (syscall(SYS_capset, &head, none) == 0)
		return 0;
	return refuse(err, V2M_WIRE_LACKS_A_PART, "capabilities",
	    strerror(errno));
}

int
sandbox_limit(const struct v2m_wire_job *job, struct v2m_err *err)
{
	int64_t output = job->max_duration_s * OUTPUT_PER_S + OUTPUT_TAGS;

	limits = job->limits;
	signal(SIGXFSZ, SIG_IGN);	/* write(2) fails with EFBIG */
	if (limit(RLIMIT_CORE, "core files", 0, 0, err) < 0 ||
	    limit(RLIMIT_FSIZE, "output", output, output, err) < 0 ||
	    limit_cpu(job, err) < 0)
		return -1;
	/* Sanitizers open files and inspect the process when it ends. */
	if (limits.sandbox == V2M_SANDBOX_NO || FILTER_SANITIZED)
		return 0;
	if (getenv("V2M_MEDIA_DEBUG") == NULL)
		prctl(PR_SET_DUMPABLE, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return refuse(err, V2M_WIRE_LACKS_A_PART, "no new privileges",
		    strerror(errno));
	landlock_version = landlock_close();
	if (landlock_version < 0)
		return refuse(err, V2M_WIRE_LACKS_A_PART, "Landlock",
		    strerror(errno));
	return limit_memory(job, err) < 0 ? -1 : drop_capabilities(err);
}

static int
close_all(const struct v2m_wire_job *job, struct v2m_err *err)
{
	struct v2m_err why;

	/* No new descriptors and processes. */
	if (!FILTER_SANITIZED &&
	    (limit(RLIMIT_NOFILE, "descriptors", 0, 0, err) < 0 ||
	    limit(RLIMIT_NPROC, "processes", 0, 0, err) < 0))
		return -1;
	filtered = filter_load(&why) == 0;
	if (filtered)
		return 0;
	v2m_text_copy(why_not, sizeof why_not, why.msg);
	if (job->limits.sandbox == V2M_SANDBOX_PARTLY)
		return 0;
	return refuse(err, V2M_WIRE_LACKS_FILTER, "the system call filter",
	    why.msg);
}

int
sandbox_close(const struct v2m_wire_job *job, struct v2m_err *err)
{
	if (job->limits.sandbox != V2M_SANDBOX_NO && close_all(job, err) < 0)
		return -1;
	up = true;
	return 0;
}

void
sandbox_earn(int64_t sound_us)
{
	static int64_t earned_us;
	struct rlimit r;

	if (limits.cpu_ms_per_hour <= 0 || sound_us < earned_us + EARN_US ||
	    getrlimit(RLIMIT_CPU, &r) < 0)
		return;
	earned_us = sound_us;
	r.rlim_cur = (rlim_t)cpu_s(sound_us);
	if (r.rlim_cur > r.rlim_max)
		r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_CPU, &r);
}

void
sandbox_blame(struct v2m_err *err)
{
	if (!up)
		return;
	if (err->sys == EFBIG)
		v2m_err_set(err, V2M_FAILED,
		    "the MP3 becomes larger than it can be");
	else if (memory_limited && err->code == V2M_TEMP &&
	    (err->sys == 0 || err->sys == ENOMEM))
		v2m_err_set(err, V2M_FAILED,
		    "a media file that needs too much memory");
}

enum v2m_wire_lacks
sandbox_lacks(void)
{
	return lacking;
}

void
sandbox_tell(void)
{
	report_up(landlock_version, memory_limited, filtered ? NULL : why_not);
}
