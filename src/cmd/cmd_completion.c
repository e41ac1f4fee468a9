/* pintle completion: what a shell offers while somebody types, made from the table of commands. */
#include <string.h>

#include "cmd/term/command.h"
#include "cmd/term/output.h"
#include "worker/exit.h"

/* Options that name a file or a folder: the shell offers those. */
static bool
takes_path(enum option option)
{
	const char *argument = option_table[option].argument;

	return argument && (strcmp(argument, "FILE") == 0 || strcmp(argument, "FOLDER") == 0 ||
	    strcmp(argument, "DIR") == 0);
}

static bool
command_takes(const struct command *command, int option)
{
	return option == OPTION_CONFIG || option == OPTION_HELP || (command->options >> option & 1);
}

/* Whether this is the first row of its group. */
static bool
is_first_of_group(const struct command *command)
{
	for (const struct command *one = command_table; one < command; one++)
		if (one->group && strcmp(one->group, command->group) == 0)
			return false;
	return true;
}

/* "user" and "init" and so on, each once. */
static void
put_first_words(struct buf *out)
{
	for (const struct command *command = command_table; command->name; command++)
		if (command->group == NULL)
			buf_printf(out, " %s", command->name);
		else if (is_first_of_group(command))
			buf_printf(out, " %s", command->group);
}

static void
put_second_words(const char *group, struct buf *out)
{
	for (const struct command *command = command_table; command->name; command++)
		if (command->group && strcmp(command->group, group) == 0)
			buf_printf(out, " %s", command->name);
}

static void
put_options(const struct command *command, struct buf *out)
{
	for (int option = 0; option < OPTION_COUNT; option++)
		if (command_takes(command, option))
			buf_printf(out, " --%s", option_table[option].name);
}

/* "user add", "init". */
static void
put_words(const struct command *command, struct buf *out)
{
	if (command->group)
		buf_printf(out, "%s ", command->group);
	buf_puts(out, command->name);
}

/* ---- bash ---- */

static void
bash_put_paths(struct buf *out)
{
	const char *between = "";

	for (int option = 0; option < OPTION_COUNT; option++)
		if (takes_path((enum option)option)) {
			buf_printf(out, "%s--%s", between, option_table[option].name);
			between = " | ";
		}
}

static void
bash_put(struct buf *out)
{
	buf_puts(out, "# What bash offers after `pintle`. Made by `pintle completion bash`.\n"
	    "_pintle() {\n"
	    "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n"
	    "\tcase $before in\n\t");
	bash_put_paths(out);
	buf_puts(out, ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n\tesac\n"
	    "\tcase \"${COMP_WORDS[1]} ${COMP_WORDS[2]} \" in\n");
	for (const struct command *command = command_table; command->name; command++) {
		buf_puts(out, "\t\"");
		put_words(command, out);
		buf_puts(out, " \"*) words='");
		put_options(command, out);
		buf_puts(out, "' ;;\n");
	}
	buf_puts(out, "\tesac\n\tif [ \"$COMP_CWORD\" = 1 ]; then words='");
	put_first_words(out);
	buf_puts(out, "'; fi\n\tif [ \"$COMP_CWORD\" = 2 ]; then\n\t\tcase ${COMP_WORDS[1]} in\n");
	for (const struct command *command = command_table; command->name; command++)
		if (command->group && is_first_of_group(command)) {
			buf_printf(out, "\t\t%s) words='", command->group);
			put_second_words(command->group, out);
			buf_puts(out, "' ;;\n");
		}
	buf_puts(out, "\t\tesac\n\tfi\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
	    "complete -o default -F _pintle pintle\n");
}

/* ---- zsh ---- */

/* Text between single quotes, in which colons and brackets have a meaning to zsh. */
static void
zsh_put_text(const char *text, struct buf *out)
{
	for (; *text; text++)
		if (*text == '\'')
			buf_puts(out, "'\\''");
		else if (strchr("[]:\\", *text))
			buf_printf(out, "\\%c", *text);
		else
			buf_putc(out, *text);
}

static void
zsh_put_options(const struct command *command, struct buf *out)
{
	buf_puts(out, "_arguments");
	for (int option = 0; option < OPTION_COUNT; option++) {
		if (!command_takes(command, option))
			continue;
		buf_printf(out, " '--%s[", option_table[option].name);
		zsh_put_text(option_table[option].text, out);
		buf_puts(out, "]");
		if (option_table[option].argument)
			buf_printf(out, ":%s:%s", option_table[option].argument,
			    takes_path((enum option)option) ? "_files" : "");
		buf_puts(out, "'");
	}
	buf_puts(out, " '*:word:_files'");
}

static void
zsh_put(struct buf *out)
{
	buf_puts(out, "#compdef pintle\n# What zsh offers after `pintle`. Made by `pintle "
	    "completion zsh`.\n"
	    "if (( CURRENT == 2 )); then\n\tcompadd --");
	put_first_words(out);
	buf_puts(out, "\n\treturn\nfi\ncase \"$words[2] $words[3]\" in\n");
	for (const struct command *command = command_table; command->name; command++) {
		if (command->group && is_first_of_group(command)) {
			buf_printf(out, "\"%s \") ;&\n\"%s \"*) (( CURRENT == 3 )) && { compadd --",
			    command->group, command->group);
			put_second_words(command->group, out);
			buf_puts(out, "; return } ;|\n");
		}
		buf_puts(out, "\"");
		put_words(command, out);
		buf_puts(out, " \"* | \"");
		put_words(command, out);
		buf_puts(out, "\") ");
		zsh_put_options(command, out);
		buf_puts(out, " ;;\n");
	}
	buf_puts(out, "esac\n");
}

/* ---- fish ---- */

static void
fish_put_text(const char *text, struct buf *out)
{
	for (; *text; text++)
		if (*text == '\'' || *text == '\\')
			buf_printf(out, "\\%c", *text);
		else
			buf_putc(out, *text);
}

static void
fish_put_command(const struct command *command, struct buf *out)
{
	if (command->group)
		buf_printf(out, "complete -c pintle -f -n '__fish_seen_subcommand_from %s' -a %s "
		    "-d '", command->group, command->name);
	else
		buf_printf(out, "complete -c pintle -f -n __fish_use_subcommand -a %s -d '",
		    command->name);
	fish_put_text(command->text, out);
	buf_puts(out, "'\n");
	for (int option = 0; option < OPTION_COUNT; option++) {
		if (!command_takes(command, option))
			continue;
		/* When the words typed so far are those of the command. */
		buf_printf(out, "complete -c pintle -n '__fish_seen_subcommand_from %s",
		    command->group ? command->group : command->name);
		if (command->group)
			buf_printf(out, "; and __fish_seen_subcommand_from %s", command->name);
		buf_printf(out, "' -l %s%s -d '", option_table[option].name,
		    option_table[option].argument ? " -r" : "");
		fish_put_text(option_table[option].text, out);
		buf_puts(out, "'\n");
	}
}

static void
fish_put(struct buf *out)
{
	buf_puts(out, "# What fish offers after `pintle`. Made by `pintle completion fish`.\n");
	for (const struct command *command = command_table; command->name; command++) {
		if (command->group && is_first_of_group(command))
			buf_printf(out, "complete -c pintle -f -n __fish_use_subcommand -a %s\n",
			    command->group);
		fish_put_command(command, out);
	}
}

/* ---- all ---- */

static const struct {
	const char *name;
	void (*put)(struct buf *out);
} shells[] = {
	{ "bash", bash_put },
	{ "zsh", zsh_put },
	{ "fish", fish_put },
};

int
cmd_completion(const struct arguments *arguments)
{
	struct buf text = BUF_EMPTY;
	int status = EXIT_USAGE;

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(arguments->operand[0], shells[i].name) != 0)
			continue;
		shells[i].put(&text);
		status = buf_status(&text) == PT_OK ? EXIT_OK : EXIT_FAILED;
	}
	if (status == EXIT_OK)
		output_write(buf_slice(&text));
	else if (status == EXIT_USAGE)
		output_say("completion is for bash, zsh or fish");
	buf_free(&text);
	return status;
}
