#include "cmd/term/command.h"

#include <string.h>

#include "base/nearest.h"

#define BIT(option) (UINT64_C(1) << (option))
#define EVERYWHERE (BIT(OPTION_CONFIG) | BIT(OPTION_HELP))
#define WORDS_MAX 8	/* the most words of a sensible command line */

void
command_name(const struct command *command, struct buf *out)
{
	if (command->group)
		buf_printf(out, "%s ", command->group);
	buf_puts(out, command->name);
}

void
command_usage(const struct command *command, struct buf *out)
{
	command_name(command, out);
	if (command->operands)
		buf_printf(out, " %s", command->operands);
}

/* ---- finding ---- */

static bool
is_group(const char *word)
{
	for (const struct command *command = command_table; command->name; command++)
		if (command->group && strcmp(command->group, word) == 0)
			return true;
	return false;
}

/* The command of a group (NULL: one without a group), or NULL with the reason in problem. */
static const struct command *
find_in(const char *group, const char *word, struct buf *problem)
{
	struct nearest nearest = nearest_to(slice_of(word));

	for (const struct command *command = command_table; command->name; command++) {
		bool same_group = group ? command->group &&
		    strcmp(command->group, group) == 0 : command->group == NULL;

		if (same_group && strcmp(command->name, word) == 0)
			return command;
		if (same_group)
			nearest_offer(&nearest, command->name);
		else if (group == NULL)
			nearest_offer(&nearest, command->group);
	}
	buf_printf(problem, "there is no command \"%s%s%s\"", group ? group : "", group ?
	    " " : "", word);
	if (nearest.best)
		buf_printf(problem, "; did you mean \"%s\"?", nearest.best);
	return NULL;
}

static void
say_group(const char *group, struct buf *problem)
{
	const char *before = " one of ";

	buf_printf(problem, "%s needs a command:", group);
	for (const struct command *command = command_table; command->name; command++) {
		if (command->group == NULL || strcmp(command->group, group) != 0)
			continue;
		buf_printf(problem, "%s%s", before, command->name);
		before = ", ";
	}
}

static const struct option_info *
find_option(struct slice name, struct buf *problem)
{
	struct nearest nearest = nearest_to(name);

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (slice_eq(name, slice_of(option_table[i].name)))
			return &option_table[i];
		nearest_offer(&nearest, option_table[i].name);
	}
	buf_printf(problem, "there is no option \"--%.*s\"", SLICE_ARG(name));
	if (nearest.best)
		buf_printf(problem, "; did you mean \"--%s\"?", nearest.best);
	return NULL;
}

/* ---- parsing ---- */

/* A command line that is being parsed. */
struct parsing {
	int argc;
	char *const *argv;
	int at;
	bool no_more_options;	/* "--" was there */
	const char *words[WORDS_MAX];
	size_t word_count;
	struct arguments *out;
	struct buf *problem;
};

/* "--name", "--name=value" or "--name value". */
static bool
parse_option(struct parsing *parsing, const char *text)
{
	struct slice name, value;
	bool has_value = slice_cut(slice_of(text), '=', &name, &value);
	const struct option_info *option = find_option(name, parsing->problem);

	if (option == NULL)
		return false;

	const char **place = &parsing->out->value[option - option_table];

	if (*place) {
		buf_printf(parsing->problem, "--%s is given twice", option->name);
		return false;
	}
	*place = has_value ? text + name.len + 1 : "";
	if (option->argument == NULL && has_value) {
		buf_printf(parsing->problem, "--%s takes no value", option->name);
		return false;
	}
	if (option->argument == NULL || has_value)
		return true;
	if (parsing->at == parsing->argc) {
		buf_printf(parsing->problem, "--%s needs its %s", option->name, option->argument);
		return false;
	}
	*place = parsing->argv[parsing->at++];
	return true;
}

static bool
parse_word(struct parsing *parsing, const char *word)
{
	if (parsing->no_more_options || word[0] != '-' || word[1] == '\0') {
		if (parsing->word_count == WORDS_MAX) {
			buf_puts(parsing->problem, "there are too many arguments");
			return false;
		}
		parsing->words[parsing->word_count++] = word;
		return true;
	}
	if (strcmp(word, "-h") == 0)
		return parse_option(parsing, "help");
	if (strncmp(word, "--", 2) != 0) {
		buf_printf(parsing->problem, "there is no option \"%s\"", word);
		return false;
	}
	parsing->no_more_options = word[2] == '\0';
	return parsing->no_more_options || parse_option(parsing, word + 2);
}

/* Takes the operands of the command, which follow the count words of its name. */
static bool
parse_operands(struct parsing *parsing, size_t count)
{
	const struct command *command = parsing->out->command;
	struct slice rest = slice_of(command->operands), name;

	for (size_t i = 0; rest.len; i++) {
		slice_cut(rest, ' ', &name, &rest);
		if (count < parsing->word_count) {
			parsing->out->operand[i] = parsing->words[count++];
		} else if (name.ptr[0] != '[') {
			command_name(command, parsing->problem);
			buf_printf(parsing->problem, " needs its %.*s", SLICE_ARG(name));
			return false;
		}
	}
	if (count == parsing->word_count)
		return true;
	command_name(command, parsing->problem);
	buf_printf(parsing->problem, " takes %s%s", command->operands ?
	    command->operands : "no word", command->operands ? " and nothing else" : "");
	if (command->options & BIT(OPTION_PASSWORD_STDIN))
		buf_puts(parsing->problem,
		    " (a password is asked for, or read from standard input)");
	return false;
}

static bool
options_fit(const struct parsing *parsing)
{
	const struct command *command = parsing->out->command;

	for (unsigned i = 0; i < OPTION_COUNT; i++) {
		if (parsing->out->value[i] == NULL || ((command->options | EVERYWHERE) & BIT(i)))
			continue;
		command_name(command, parsing->problem);
		buf_printf(parsing->problem, " has no option --%s", option_table[i].name);
		return false;
	}
	return true;
}

/* Finds the command in the words; *used is how many words name it. */
static bool
parse_command(struct parsing *parsing, size_t *used)
{
	const char *group = parsing->word_count && is_group(parsing->words[0]) ?
	    parsing->words[0] : NULL;

	*used = group ? 2 : 1;
	if (parsing->word_count >= *used) {
		parsing->out->command = find_in(group, parsing->words[*used - 1], parsing->problem);
		return parsing->out->command != NULL;
	}
	if (group)
		say_group(group, parsing->problem);
	else
		buf_puts(parsing->problem, "no command is given");
	return false;
}

enum command_verdict
command_parse(int argc, char *const *argv, struct arguments *out, struct buf *problem)
{
	struct parsing parsing = { .argc = argc, .argv = argv, .at = 1, .out = out,
	    .problem = problem };
	size_t used;

	*out = (struct arguments){ 0 };
	while (parsing.at < argc)
		if (!parse_word(&parsing, argv[parsing.at++]))
			return COMMAND_WRONG;
	if (out->value[OPTION_VERSION])
		return COMMAND_VERSION;
	if (out->value[OPTION_HELP] && parsing.word_count == 0)
		return COMMAND_HELP;
	if (!parse_command(&parsing, &used))
		return COMMAND_WRONG;
	if (out->value[OPTION_HELP])
		return COMMAND_HELP;
	return options_fit(&parsing) && parse_operands(&parsing, used) ?
	    COMMAND_RUN : COMMAND_WRONG;
}

/* ---- help ---- */

static void
put_option(const struct option_info *option, struct buf *out)
{
	struct buf name = BUF_EMPTY;

	buf_printf(&name, "--%s%s%s", option->name, option->argument ? " " : "", option->argument ?
	    option->argument : "");
	buf_printf(out, "  %-20.*s  %s\n", SLICE_ARG(buf_slice(&name)), option->text);
	buf_free(&name);
}

static void
help_command(const struct command *command, struct buf *out)
{
	buf_puts(out, "usage: pintle ");
	command_usage(command, out);
	buf_printf(out, " [options]\n\n%s\n\n", command->text);
	for (unsigned i = 0; i < OPTION_COUNT; i++)
		if ((command->options | EVERYWHERE) & BIT(i))
			put_option(&option_table[i], out);
	for (const struct command_words *words = command_words; words->put; words++)
		if (words->run == command->run)
			words->put(out);
}

static void
help_all(struct buf *out)
{
	buf_puts(out, "usage: pintle COMMAND [options]\n\n");
	for (const struct command *command = command_table; command->name; command++) {
		struct buf usage = BUF_EMPTY;

		command_usage(command, &usage);
		buf_printf(out, "  %-24.*s  %s\n", SLICE_ARG(buf_slice(&usage)), command->text);
		buf_free(&usage);
	}
	buf_puts(out, "\n");
	put_option(&option_table[OPTION_CONFIG], out);
	put_option(&option_table[OPTION_HELP], out);
	put_option(&option_table[OPTION_VERSION], out);
	buf_puts(out, "\npintle COMMAND --help says more; so do man pintle and man pintle.conf.\n");
}

void
command_help(const struct command *command, struct buf *out)
{
	if (command)
		help_command(command, out);
	else
		help_all(out);
}
