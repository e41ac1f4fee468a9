#include "cmd/doctor/blocks.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK "# configuration file "
#define DUMP_MAX ((size_t)8 * 1024 * 1024)

extern char **environ;

/* ---- reading ---- */

/*
 * The next word of a line, which ends at a blank or before one of ;{}, each a word of its own. A
 * comment ends the line.
 */
static struct slice
next_word(struct slice *rest)
{
	struct slice word;

	while (rest->len && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t' || rest->ptr[0] == '\r'))
		*rest = slice_skip(*rest, 1);
	if (rest->len && rest->ptr[0] == '#')
		*rest = slice_skip(*rest, rest->len);
	word = (struct slice){ rest->ptr, 0 };
	while (word.len < rest->len && strchr(" \t\r;{}", rest->ptr[word.len]) == NULL)
		word.len++;
	if (word.len == 0 && rest->len)
		word.len = 1;
	*rest = slice_skip(*rest, word.len);
	return word;
}

static void
add_file(struct doctor_blocks *blocks, struct slice path)
{
	blocks->count++;
	buf_puts(&blocks->files, blocks->files.len ? ", " : "");
	buf_put(&blocks->files, path);
}

void
doctor_blocks_read(struct slice text, struct slice host, struct doctor_blocks *out)
{
	struct slice line, file = SLICE("");
	bool in_names = false, told = false;

	while (text.len) {
		slice_cut(text, '\n', &line, &text);
		if (slice_starts(line, SLICE(MARK))) {
			file = slice_skip(line, sizeof(MARK) - 1);
			while (file.len &&
			    (file.ptr[file.len - 1] == ':' || file.ptr[file.len - 1] == '\r'))
				file.len--;
			told = false;
		}
		for (struct slice word = next_word(&line); word.len; word = next_word(&line)) {
			if (slice_eq(word, SLICE("server_name")))
				in_names = true;
			else if (slice_eq(word, SLICE(";")))
				in_names = false;
			else if (in_names && !told && slice_eq(word, host)) {
				add_file(out, file);
				told = true;
			}
		}
	}
}

/* ---- running ---- */

/* Finds nginx on a machine whose PATH may lack sbin. */
static const char *
find_nginx(void)
{
	static const char *const places[] = { "/usr/sbin/nginx", "/usr/local/sbin/nginx",
	    "/usr/bin/nginx",
		"/usr/local/nginx/sbin/nginx" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

/* Starts it with its output into the pipe; false if that failed. */
static bool
start(const char *program, int out, pid_t *pid)
{
	char dash_t[] = "-T", name[] = "nginx";
	char *argv[] = { name, dash_t, NULL };
	posix_spawn_file_actions_t actions;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	bool good = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY,
	    0) == 0 && posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) == 0 &&
	    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY,
	    0) == 0 && posix_spawn(pid, program, &actions, NULL, argv, environ) == 0;

	posix_spawn_file_actions_destroy(&actions);
	return good;
}

static void
read_all(int fd, struct buf *out)
{
	char bytes[16384];
	ssize_t len;

	while ((len = read(fd, bytes, sizeof(bytes))) > 0)
		if (out->len + (size_t)len <= DUMP_MAX)
			buf_append(out, bytes, (size_t)len);
}

void
doctor_blocks_see(struct slice host, struct doctor_blocks *out)
{
	const char *program = geteuid() == 0 ? find_nginx() : NULL;
	struct buf text = BUF_EMPTY;
	int ends[2];
	pid_t pid;

	if (program == NULL || pipe2(ends, O_CLOEXEC) != 0)
		return;
	bool started = start(program, ends[1], &pid);

	close(ends[1]);
	if (started) {
		read_all(ends[0], &text);
		waitpid(pid, NULL, 0);
		if (buf_status(&text) == PT_OK)
			doctor_blocks_read(buf_slice(&text), host, out);
	}
	close(ends[0]);
	buf_free(&text);
}

void
doctor_blocks_free(struct doctor_blocks *blocks)
{
	buf_free(&blocks->files);
	*blocks = (struct doctor_blocks){ .count = 0 };
}
