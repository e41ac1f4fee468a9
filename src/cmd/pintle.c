/* pintle, the command that a person types. */
#include <stdio.h>

#include "base/log.h"
#include "cmd/term/command.h"
#include "cmd/term/output.h"
#include "worker/exit.h"

static int
wrong(const struct buf *problem, const struct command *command)
{
	struct buf name = BUF_EMPTY;

	if (command)
		command_name(command, &name);
	output_say("%.*s", SLICE_ARG(buf_slice(problem)));
	output_say("see pintle %.*s%s--help", SLICE_ARG(buf_slice(&name)), command ? " " : "");
	buf_free(&name);
	return EXIT_USAGE;
}

static int
help(const struct command *command)
{
	struct buf text = BUF_EMPTY;

	command_help(command, &text);
	output_write(buf_slice(&text));
	buf_free(&text);
	return output_finish(EXIT_OK);
}

int
main(int argc, char **argv)
{
	struct arguments arguments;
	struct buf problem = BUF_EMPTY;
	int status = EXIT_USAGE;

	/* Our own words are enough for the person; lines of the log only where something broke. */
	log_open(LOG_TO_STDERR, LOG_LEVEL_ERROR);
	switch (command_parse(argc, argv, &arguments, &problem)) {
	case COMMAND_WRONG:
		status = wrong(&problem, arguments.command);
		break;
	case COMMAND_HELP:
		status = help(arguments.command);
		break;
	case COMMAND_VERSION:
		output_write(SLICE("pintle " PACKAGE_VERSION "\n"));
		status = output_finish(EXIT_OK);
		break;
	case COMMAND_RUN:
		status = output_finish(arguments.command->run(&arguments));
		break;
	}
	buf_free(&problem);
	return status;
}
