#include "base/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/slice.h"

/* Sessions and keys have times beyond 2038: configure asks 32-bit machines for the wide type. */
_Static_assert(sizeof(time_t) >= 8, "time_t has to have 64 bits");

static struct instant (*_Atomic clock_source)(void);
static pthread_once_t boot_once = PTHREAD_ONCE_INIT;
static uint64_t boot_id;

/* The kernel's boot id is a UUID as text; its first sixteen hexadecimal digits tell boots apart. */
static void
boot_id_read(void)
{
	char text[64];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
	int digits = 0;

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < len && digits < 16; i++) {
		int digit = slice_hex_digit(text[i]);

		if (digit < 0)
			continue;
		boot_id = boot_id << 4 | (uint64_t)digit;
		digits++;
	}
	/* Without /proc, the time of the boot distinguishes boots nearly as well. */
	if (digits < 16) {
		struct timespec wall, boot;

		clock_gettime(CLOCK_REALTIME, &wall);
		clock_gettime(CLOCK_BOOTTIME, &boot);
		boot_id = (uint64_t)(wall.tv_sec - boot.tv_sec) / 60;
	}
	if (boot_id == 0)
		boot_id = 1;
}

static int64_t
milliseconds(struct timespec time)
{
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

struct instant
clock_now(void)
{
	struct instant (*source)(void) = atomic_load(&clock_source);
	struct timespec wall, boot;

	if (source)
		return source();
	pthread_once(&boot_once, boot_id_read);
	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (struct instant){ milliseconds(wall), { boot_id, milliseconds(boot) } };
}

void
clock_set_source(struct instant (*source)(void))
{
	atomic_store(&clock_source, source);
}

struct timespec
clock_wait_end(int64_t us)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	int64_t ns = end.tv_nsec + us % 1000000 * 1000;

	end.tv_sec += (time_t)(us / 1000000 + ns / 1000000000);
	end.tv_nsec = (long)(ns % 1000000000);
	return end;
}

bool
clock_is_before(struct timespec a, struct timespec b)
{
	return a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec < b.tv_nsec);
}

int64_t
clock_age_ms(struct stamp now, struct stamp then)
{
	if (then.boot == 0 || now.boot != then.boot)
		return AGE_LONG_AGO;
	return now.ms - then.ms;
}

void
clock_format(int64_t wall_ms, char out[CLOCK_TEXT_SIZE])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		memcpy(out, "1970-01-01T00:00:00Z", CLOCK_TEXT_SIZE);
}
