/*
 * argon2id alone: THREADS threads hash one password after the other, as pintle does by default.
 *
 *   argon2 THREADS SECONDS   prints how many hashes a second
 */
#include <argon2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_bool stop;
static atomic_ulong done;

static void *
work(void *arg)
{
	static const char password[] = "correct horse battery staple", salt[] = "sixteen bytes of";
	unsigned char hash[32];

	(void)arg;
	while (!atomic_load(&stop)) {
		if (argon2id_hash_raw(2, 19 * 1024, 1, password, strlen(password), salt, 16, hash, sizeof(hash)) != ARGON2_OK)
			exit(3);
		atomic_fetch_add(&done, 1);
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	pthread_t threads[64];
	size_t count = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned seconds = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;

	if (count == 0 || count > 64 || seconds == 0)
		return 2;
	for (size_t i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	sleep(seconds);
	atomic_store(&stop, 1);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("%.1f\n", (double)atomic_load(&done) / seconds);
	return 0;
}
