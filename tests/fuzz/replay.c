/*
 * The main function of every replay program: NAME_replay passes each file of
 * tests/fuzz/corpus/NAME, or each file that its arguments name, to its target. A broken promise
 * kills a child, so that the rest is still replayed.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "fuzz.h"

#define INPUT_MAX_BYTES (1 << 20)

/*
 * Passes the file to the target in memory of exactly its length, so that the sanitizers see a read
 * past its end.
 */
static int
target_run(const char *path)
{
	FILE *file = fopen(path, "rb");
	static uint8_t input[INPUT_MAX_BYTES];
	uint8_t *exact = NULL;

	if (file == NULL)
		return EXIT_FAILURE;
	size_t len = fread(input, 1, sizeof(input), file);
	int status = ferror(file) ? EXIT_FAILURE : EXIT_SUCCESS;

	fclose(file);
	exact = malloc(len ? len : 1);
	if (exact == NULL)
		return EXIT_FAILURE;
	memcpy(exact, input, len);
	if (status == EXIT_SUCCESS)
		status = LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	return status;
}

/* Prints one line of TAP; returns whether all was well. */
static int
replay(const char *path, int number)
{
	const char *slash = strrchr(path, '/');
	int status;

	fflush(NULL);
	pid_t child = fork();

	if (child == 0)
		exit(target_run(path));
	if (child < 0 || waitpid(child, &status, 0) != child)
		status = -1;
	printf("%s %d - %s\n", status == 0 ? "ok" : "not ok", number, slash ? slash + 1 : path);
	return status == 0;
}

static int
visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/*
 * Replays the files of the working folder, by name; returns how many failed, -1 if there are none.
 */
static int
replay_folder(int *count)
{
	struct dirent **files;
	int failed = 0, found = scandir(".", &files, visible, alphasort);

	if (found <= 0)
		return -1;
	for (int i = 0; i < found; i++) {
		failed += !replay(files[i]->d_name, ++*count);
		free(files[i]);
	}
	free(files);
	return failed;
}

/* Changes to tests/fuzz/corpus/NAME. */
static int
enter_corpus(void)
{
	const char *top = getenv("top_srcdir");
	struct slice name = slice_of(program_invocation_short_name), suffix = SLICE("_replay");
	struct buf folder = BUF_EMPTY;

	MUST(name.len > suffix.len);
	name.len -= suffix.len;
	buf_printf(&folder, "%s/tests/fuzz/corpus/%.*s", top ? top : ".", SLICE_ARG(name));
	buf_putc(&folder, '\0');
	int status = buf_status(&folder) == PT_OK ? chdir(folder.ptr) : -1;

	buf_free(&folder);
	return status;
}

int
main(int argc, char *argv[])
{
	int failed = 0, count = 0;

	for (int i = 1; i < argc; i++)
		failed += !replay(argv[i], ++count);
	if (argc == 1)
		failed = enter_corpus() == 0 ? replay_folder(&count) : -1;
	if (failed < 0)
		puts("Bail out! There is no corpus.");
	else
		printf("1..%d\n", count);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
