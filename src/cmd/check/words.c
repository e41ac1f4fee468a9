#include "cmd/check/words.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/line_reader.h"
#include "base/unicode.h"
#include "web/who/password_rules.h"
#include "worker/exit.h"

/* What is in a list. */
struct words {
	unsigned long long count;	/* of lines with a word */
	unsigned long long lost;	/* of those that no password matches */
	size_t longest;			/* in characters, of the others */
};

static size_t
characters(struct slice word)
{
	size_t count = 0;

	for (size_t i = 0; i < word.len; i++)
		count += ((unsigned char)word.ptr[i] & 0xc0) != 0x80;
	return count;
}

/* A password is compared in lower case, but only the ASCII letters of the list are folded. */
static bool
can_match(struct slice word)
{
	char lower[2 * PASSWORD_MAX_BYTES];

	if (word.len > PASSWORD_MAX_BYTES || !slice_is_utf8(word) ||
	    memchr(word.ptr, '\0', word.len))
		return false;
	return slice_eq_nocase(word,
	    (struct slice){ lower, unicode_lower(word, lower, sizeof(lower)) });
}

static void
take_word(struct words *words, const struct line_read *line)
{
	bool can = !line->too_long && can_match(line->text);
	size_t length = characters(line->text);

	if (!line->too_long && line->text.len == 0)
		return;
	words->count++;
	words->lost += !can;
	if (can && length > words->longest)
		words->longest = length;
}

static enum pt_err
read_words(int fd, struct words *out)
{
	struct line_reader *reader = line_reader_new(fd);
	struct line_read line = { .end = false };
	enum pt_err err = reader ? PT_OK : PT_ERR_NOMEM;

	while (err == PT_OK && !line.end) {
		err = line_reader_next(reader, &line);
		if (err == PT_OK && !line.end)
			take_word(out, &line);
	}
	line_reader_free(reader);
	return err;
}

/* Opens the list as a worker would, and then reads what is in it. */
static enum pt_err
look_at_list(const struct settings *settings, struct words *out)
{
	struct word_list *list;
	enum pt_err err = password_rules_open(settings, &list);

	*out = (struct words){ 0 };
	if (err != PT_OK)
		return err;
	word_list_free(list);

	int fd = open(settings->password_list, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return PT_ERR_IO;
	err = read_words(fd, out);
	close(fd);
	return err;
}

static void
tell_unread(struct findings *findings, const struct site *site, enum pt_err err)
{
	const char *why = pt_err_text(err);

	if (err == PT_ERR_IO)
		why = strerror(errno);
	else if (err == PT_ERR_INVALID)
		why = "it is not a regular file, or larger than 64 MiB";
	findings_wrong(findings, EXIT_CONFIG, "passwords",
	    "password_list %s: %s; no worker starts with it", site->settings.password_list, why);
	findings_mend(findings, "let the owner of %s read it there; or set password_list = builtin",
	    site->settings.state_folder);
}

static void
tell_read(struct findings *findings, const struct settings *settings, const struct words *words)
{
	const char *path = settings->password_list;

	if (words->count == 0) {
		findings_wrong(findings, EXIT_CONFIG, "passwords",
		    "password_list %s contains no word, so it refuses nothing", path);
		findings_mend(findings, "write the words into it, one on each line; or set "
		    "password_list = builtin");
		return;
	}
	if (words->longest < settings->password_min)
		findings_hint(findings, "passwords",
		    "password_list %s refuses nothing: no word in it has the %u characters "
		    "that password_min requires anyway", path, settings->password_min);
	else
		findings_ok(findings, "passwords", "password_list %s: %llu words", path,
		    words->count);
	if (words->lost)
		findings_hint(findings, "passwords",
		    "password_list %s has words that no password matches: %llu are not UTF-8, "
		    "too long, or have capital letters beyond ASCII", path, words->lost);
}

void
check_words(struct findings *findings, const struct site *site)
{
	const char *path = site->settings.password_list;
	struct words words;

	if (strcmp(path, PASSWORD_LIST_BUILTIN) == 0 || strcmp(path, PASSWORD_LIST_NONE) == 0)
		return;

	enum pt_err err = look_at_list(&site->settings, &words);

	if (err == PT_OK)
		tell_read(findings, &site->settings, &words);
	else
		tell_unread(findings, site, err);
}
