#include "cmd/check/records.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker/exit.h"

#define LINE_SIZE 512

/* Each line that the child writes begins with one of these. */
#define SAYS_PROBLEM 'p'	/* a sentence */
#define SAYS_END 'e'		/* an enum pt_err: how the reading ended */
#define SAYS_CLOSED 'c'		/* it could not be opened */

static void
write_problem(const char *problem, void *ctx)
{
	fprintf(ctx, "%c%s\n", SAYS_PROBLEM, problem);
}

static void __attribute__((noreturn))
read_in_child(struct site *site, const char *folder, struct store_options *options, FILE *out)
{
	static const int ends[] = { SIGBUS, SIGSEGV, SIGABRT, SIGFPE, SIGILL };
	const struct rlimit none = { 0, 0 };
	uint64_t problems;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		signal(ends[i], SIG_DFL);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (site_store(site, folder, options) == PT_OK)
		fprintf(out, "%c%d\n", SAYS_END,
		    (int)store_verify(site->store, write_problem, out, &problems));
	else
		fprintf(out, "%c\n", SAYS_CLOSED);
	if (site->store)
		store_close(site->store);
	_exit(fflush(out) == 0 ? 0 : 1);
}

struct heard {
	uint64_t problems;
	bool ended;		/* the child read to the end, */
	enum pt_err err;	/* with this result */
	bool closed;
};

static void
hear_line(struct findings *findings, char *line, struct heard *heard)
{
	line[strcspn(line, "\n")] = '\0';
	switch (line[0]) {
	case SAYS_PROBLEM:
		heard->problems++;
		findings_wrong(findings, EXIT_STORE, "store", "%s", line + 1);
		break;
	case SAYS_END:
		heard->ended = sscanf(line + 1, "%u", (unsigned *)&heard->err) == 1;
		break;
	case SAYS_CLOSED:
		heard->closed = true;
		break;
	default:
		break;
	}
}

static void
tell_heard(struct findings *findings, const struct heard *heard)
{
	if (!heard->ended)
		findings_wrong(findings, EXIT_STORE, "store",
		    "pages of its file are damaged: reading them crashes the process");
	else if (heard->err != PT_OK)
		findings_wrong(findings, EXIT_STORE, "store", "it cannot be read to the end: %s",
		    pt_err_text(heard->err));
	if (!heard->ended || heard->err != PT_OK)
		findings_mend(findings, "check the disk (dmesg), and keep a copy of the folder; "
		    "then pintle restore "
		    "FILE, with the last good backup");
	else if (heard->problems)
		findings_mend(findings, "make a backup first; then pintle gc --drop-broken removes "
		    "what does not decode "
		    "and repairs the indexes, or pintle restore FILE brings back the last good "
		    "backup");
	else
		findings_ok(findings, "store", "every record and every index is consistent");
}

bool
check_records(struct findings *findings, struct site *site, const char *folder,
    struct store_options *options)
{
	struct heard heard = { .problems = 0 };
	char line[LINE_SIZE];
	int ends[2];

	fflush(NULL);
	if (pipe(ends) != 0)
		return true;
	pid_t child = fork();
	FILE *stream = fdopen(ends[child == 0], child == 0 ? "w" : "r");

	if (child == 0 && stream)
		read_in_child(site, folder, options, stream);
	if (child == 0)
		_exit(1);
	close(ends[1]);
	while (child > 0 && stream && fgets(line, sizeof(line), stream))
		hear_line(findings, line, &heard);
	if (stream)
		fclose(stream);
	else
		close(ends[0]);
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (child < 0 || heard.closed)
		return true;
	tell_heard(findings, &heard);
	return heard.ended;
}
