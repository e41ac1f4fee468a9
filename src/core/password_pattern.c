#include "core/password_pattern.h"

#include <string.h>

#define PATTERN_MAX 128		/* the longest password that is split, in characters */
#define DIGITS_MAX 15		/* the longest number that a person has: E.164 */
#define NEVER 100000U

/* The costs of parts, in tenths of a bit. */
enum {
	COST_SMALL_WORD = 70,
	COST_WORD = 100,
	COST_CHANGED = 10,	/* backwards, or with digits and signs for letters */
	COST_BEGINNING = 20,	/* a word that the end cuts short */
	COST_RUN = 50,		/* where a walk or a sequence begins */
	COST_TURN = 25,		/* a step of a walk in another direction */
	COST_ON = 3,		/* a step in the same direction */
	COST_YEAR = 60,
	COST_DATE = 130,
	COST_NUMBER = 150,	/* a whole telephone, card or house number */
	COST_AGAIN = 20,	/* what precedes, repeated, mirrored, or moved by one key */
	COST_ENDING = 60,	/* an ending of a word, such as "ing" */
	COST_DIGIT = 33,
	COST_LETTER = 47,
	COST_PLAIN_SIGN = 30,
	COST_SIGN = 50,
};

/* The split so far: best[i] is the cost of the first i characters. */
struct split {
	struct slice text;
	struct slice words;
	unsigned best[PATTERN_MAX + 1];
};

/* Takes the len characters from at as one part. */
static void
part_take(struct split *split, size_t at, size_t len, unsigned cost)
{
	unsigned whole = split->best[at] + cost;

	if (whole < split->best[at + len])
		split->best[at + len] = whole;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static unsigned
cost_of_one(char c)
{
	if (is_digit(c))
		return COST_DIGIT;
	if (is_letter(c) || (unsigned char)c >= 0x80)
		return COST_LETTER;
	return c && strchr(" !.-_", c) ? COST_PLAIN_SIGN : COST_SIGN;
}

/* ---- words ---- */

/* How a password's characters are read as a word's. */
struct word_reading {
	const char *from;	/* each of these stands for the letter at its place in to */
	const char *to;
	bool backwards;
	unsigned cost;
};

static const struct word_reading readings[] = {
	{ "", "", false, 0 },
	{ "", "", true, COST_CHANGED },
	{ "013457@$!", "oieastasi", false, COST_CHANGED },
	{ "013457@$!|", "oleastasil", false, COST_CHANGED },
};

static char
read_as(const struct word_reading *reading, char c)
{
	const char *found = c ? strchr(reading->from, c) : NULL;

	return found ? reading->to[found - reading->from] : c;
}

/* The lines of a sorted list that begin alike: first to end. */
struct lines {
	const char *first;
	const char *end;
};

/* The first of the lines whose character at place is c or greater. */
static const char *
lines_bound(const struct lines *lines, size_t place, unsigned char c, bool above)
{
	const char *low = lines->first, *high = lines->end;

	while (low < high) {
		const char *line = low + (high - low) / 2;

		while (line > low && line[-1] != '\n')
			line--;
		const char *end = memchr(line, '\n', (size_t)(high - line));
		unsigned char found = (unsigned char)line[place];

		/* The end of a word is a line feed, which sorts before all characters. */
		if (found < c || (above && found == c))
			low = end + 1;
		else
			high = line;
	}
	return low;
}

static void
lines_narrow(struct lines *lines, size_t place, char c)
{
	const char *first = lines_bound(lines, place, (unsigned char)c, false);

	lines->end = lines_bound(lines, place, (unsigned char)c, true);
	lines->first = first;
}

static bool
is_small(struct slice word)
{
	static const char *const small[] = {
		"all", "and", "are", "but", "can", "for", "get", "had", "has", "her", "him", "his",
		"how", "its", "let",
		"not", "now", "our", "out", "see", "she", "the", "too", "was", "who", "why", "you",
		"your", "from", "that",
		"this", "what", "with",
	};

	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
		if (slice_eq(word, slice_of(small[i])))
			return true;
	return false;
}

/* Takes every word that begins at the place (backwards: ends there) in this reading. */
static void
take_words(struct split *split, size_t at, const struct word_reading *reading)
{
	struct lines lines = { split->words.ptr, split->words.ptr + split->words.len };
	size_t room = reading->backwards ? at : split->text.len - at;

	for (size_t len = 1; len <= room; len++) {
		const char *c = split->text.ptr + (reading->backwards ? at - len : at + len - 1);

		if (*c == '\n')
			return;
		lines_narrow(&lines, len - 1, read_as(reading, *c));
		if (lines.first == lines.end)
			return;
		if (len < 3)
			continue;
		if (lines.first[len] == '\n')
			part_take(split, reading->backwards ? at - len : at, len, reading->cost +
			    (is_small((struct slice){ lines.first, len }) ? COST_SMALL_WORD :
			    COST_WORD));
		else if (len >= 5 && len == room && !reading->backwards)
			part_take(split, at, len, COST_WORD + COST_BEGINNING + reading->cost);
	}
}

/* Endings of words, and words too short for the list. */
static void
take_endings(struct split *split, size_t at)
{
	static const struct { const char *text; unsigned cost; } endings[] = {
		{ "ing", COST_ENDING }, { "ers", COST_ENDING }, { "er", COST_ENDING },
		{ "ed", COST_ENDING },
		{ "ly", COST_ENDING }, { "ness", COST_ENDING },
		{ "me", COST_SMALL_WORD }, { "my", COST_SMALL_WORD }, { "we", COST_SMALL_WORD },
		{ "us", COST_SMALL_WORD },
		{ "is", COST_SMALL_WORD }, { "to", COST_SMALL_WORD }, { "in", COST_SMALL_WORD },
		{ "on", COST_SMALL_WORD },
		{ "of", COST_SMALL_WORD }, { "no", COST_SMALL_WORD }, { "it", COST_SMALL_WORD },
		{ "be", COST_SMALL_WORD },
		{ "do", COST_SMALL_WORD }, { "go", COST_SMALL_WORD }, { "so", COST_SMALL_WORD },
	};
	struct slice rest = slice_skip(split->text, at);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (slice_starts(rest, slice_of(endings[i].text)))
			part_take(split, at, strlen(endings[i].text), endings[i].cost);
}

/* ---- the keyboard ---- */

/*
 * The layout of keys: each row is shifted right by half a key from the row above. The last layout
 * is the number pad, which does not slant.
 */
static const struct keyboard {
	const char *rows[4];
	bool slanted;
} keyboards[] = {
	{ { "1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./" }, true },
	{ { "1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm,.-" }, true },
	{ { "1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn,;:!" }, true },
	{ { "789", "456", "123", "0" }, false },
};

/* The way from one key to another. */
struct way {
	int down;
	int right;
};

#define KEYBOARDS (sizeof(keyboards) / sizeof(keyboards[0]))

/* The key of a sign that needs Shift on an American keyboard. */
static char
key_of(char c)
{
	static const char shifted[] = "!@#$%^&*()_+{}|:\"<>?~", keys[] = "1234567890-=[]\\;',./`";
	const char *found = c ? strchr(shifted, c) : NULL;

	return found ? keys[found - shifted] : c;
}

static bool
key_find(const struct keyboard *keyboard, char c, int *row, int *column)
{
	for (*row = 0; *row < 4; ++*row) {
		const char *found = c ? strchr(keyboard->rows[*row], c) : NULL;

		if (found) {
			*column = (int)(found - keyboard->rows[*row]);
			return true;
		}
	}
	return false;
}

/* The way from one key to a neighbour; false if they are the same or no neighbours. */
static bool
keys_touch(const struct keyboard *keyboard, char a, char b, struct way *way)
{
	int row_a, column_a, row_b, column_b;

	if (!key_find(keyboard, key_of(a), &row_a, &column_a) ||
	    !key_find(keyboard, key_of(b), &row_b, &column_b))
		return false;
	*way = (struct way){ row_b - row_a, column_b - column_a };
	if ((way->down == 0 && way->right == 0) || way->down < -1 || way->down > 1 ||
	    way->right < -1 || way->right > 1)
		return false;
	/* Of the two keys below a key, the second lies straight below the next one. */
	return !keyboard->slanted || way->down == 0 || way->right != way->down;
}

static bool
same_way(const struct way *a, const struct way *b)
{
	return a->down == b->down && a->right == b->right;
}

static void
take_walks(struct split *split, size_t at, const struct keyboard *keyboard)
{
	const char *text = split->text.ptr;
	struct way way, before = { 0, 0 };
	unsigned cost = COST_RUN;

	for (size_t len = 2; at + len <= split->text.len; len++, before = way) {
		if (!keys_touch(keyboard, text[at + len - 2], text[at + len - 1], &way))
			return;
		cost += same_way(&way, &before) ? COST_ON : COST_TURN;
		if (len >= 3)
			part_take(split, at, len, cost);
	}
}

/*
 * The step from one character to the other in the alphabet or in the digits, where 0 follows 9; 99:
 * none.
 */
static int
step_of(char a, char b)
{
	if (is_digit(a) && is_digit(b))
		return (b - a + 15) % 10 - 5;
	return is_letter(a) && is_letter(b) ? b - a : 99;
}

static bool
step_is_plain(char a, char b)
{
	int step = step_of(a, b);

	return step == 1 || step == -1 || (is_digit(a) && (step == 2 || step == -2));
}

static void
take_sequences(struct split *split, size_t at)
{
	const char *text = split->text.ptr;
	size_t len = 1, same = 1;

	while (at + same < split->text.len && text[at + same] == text[at])
		if (++same >= 3)
			part_take(split, at, same, cost_of_one(text[at]) + COST_AGAIN);
	while (at + len < split->text.len && step_is_plain(text[at + len - 1], text[at + len]) &&
	    step_of(text[at + len - 1], text[at + len]) == step_of(text[at], text[at + 1]))
		if (++len >= 3)
			part_take(split, at, len,
			    is_digit(text[at]) ? COST_RUN : COST_RUN + COST_CHANGED);
}

/* ---- repetition ---- */

static bool
is_mirror(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (a[i] != b[len - 1 - i])
			return false;
	return true;
}

/* Whether all characters are moved by the same single step of alphabet or digits: a1, b2. */
static bool
is_one_on(const char *a, const char *b, size_t len)
{
	int step = step_of(a[0], b[0]);

	for (size_t i = 0; i < len; i++)
		if (step_of(a[i], b[i]) != step)
			return false;
	return step == 1 || step == -1;
}

/* Whether all keys are moved by one in the same direction: 1qaz, 2wsx. */
static bool
is_moved(const struct keyboard *keyboard, const char *a, const char *b, size_t len)
{
	struct way first = { 0, 0 }, way;

	for (size_t i = 0; i < len; i++) {
		if (!keys_touch(keyboard, a[i], b[i], &way) || (i > 0 && !same_way(&way, &first)))
			return false;
		first = way;
	}
	return true;
}

/* Takes what repeats, mirrors or moves by one the characters right before the place. */
static void
take_again(struct split *split, size_t at)
{
	const char *text = split->text.ptr + at;

	for (size_t len = 2; len <= at && at + len <= split->text.len; len++) {
		bool moved = is_one_on(text - len, text, len);

		if (memcmp(text, text - len, len) == 0 || is_mirror(text, text - len, len))
			part_take(split, at, len, COST_AGAIN);
		for (size_t i = 0; i < KEYBOARDS && !moved; i++)
			moved = is_moved(&keyboards[i], text - len, text, len);
		if (moved)
			part_take(split, at, len, COST_AGAIN);
	}
}

/* ---- years, dates and numbers ---- */

static unsigned
number_at(struct slice text, size_t at, size_t len)
{
	unsigned number = 0;

	for (size_t i = at; i < at + len; i++)
		number = 10 * number + (unsigned)(text.ptr[i] - '0');
	return number;
}

static bool
is_year(unsigned number)
{
	return number >= 1900 && number < 2040;
}

static bool
is_day_and_month(unsigned number)
{
	unsigned a = number / 100, b = number % 100;

	return a > 0 && b > 0 && ((a <= 31 && b <= 12) || (a <= 12 && b <= 31));
}

static void
take_digits(struct split *split, size_t at)
{
	struct slice text = slice_skip(split->text, at);
	size_t digits = 0;

	while (digits < text.len && is_digit(text.ptr[digits]))
		digits++;
	if (digits >= 7 && digits <= DIGITS_MAX - 3 && (at == 0 || !is_digit(text.ptr[-1])))
		part_take(split, at, digits, COST_NUMBER);
	if (digits >= 4 && is_year(number_at(text, 0, 4)))
		part_take(split, at, 4, COST_YEAR);
	if (digits >= 6 && is_day_and_month(number_at(text, 0, 4)))
		part_take(split, at, 6, COST_DATE);
	if (digits >= 8 && ((is_day_and_month(number_at(text, 0, 4)) &&
	    is_year(number_at(text, 4, 4))) ||
	    (is_year(number_at(text, 0, 4)) && is_day_and_month(number_at(text, 4, 4)))))
		part_take(split, at, 8, COST_DATE);
}

static void
take_all(struct split *split, size_t at)
{
	part_take(split, at, 1, cost_of_one(split->text.ptr[at]));
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++)
		if (!readings[i].backwards)
			take_words(split, at, &readings[i]);
	take_endings(split, at);
	for (size_t i = 0; i < KEYBOARDS; i++)
		take_walks(split, at, &keyboards[i]);
	take_sequences(split, at);
	take_digits(split, at);
	take_again(split, at);
}

/* Takes parts that end at the place, before any that begins there is tried. */
static void
take_backwards(struct split *split, size_t at)
{
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++)
		if (readings[i].backwards)
			take_words(split, at, &readings[i]);
}

/* The part that text repeats from its start to its end; text itself if it does not repeat. */
static struct slice
unit_of(struct slice text)
{
	for (size_t len = 1; len <= text.len / 2; len++)
		if (text.len % len == 0 && memcmp(text.ptr, text.ptr + len, text.len - len) == 0)
			return (struct slice){ text.ptr, len };
	return text;
}

unsigned
password_pattern_cost(struct slice lower, struct slice words)
{
	struct slice unit = unit_of(lower);
	struct split split = { .text = unit, .words = words };

	if (unit.len > PATTERN_MAX)
		return PASSWORD_PATTERN_ENOUGH;
	for (size_t i = 1; i <= unit.len; i++)
		split.best[i] = NEVER;
	for (size_t at = 0; at < unit.len; at++) {
		take_backwards(&split, at);
		take_all(&split, at);
	}
	take_backwards(&split, unit.len);
	return split.best[unit.len] + (unit.len < lower.len ? COST_AGAIN : 0);
}

bool
password_pattern_is_common(struct slice lower, struct slice words)
{
	size_t digits = 0;

	while (digits < lower.len && is_digit(lower.ptr[digits]))
		digits++;
	if (digits == lower.len && digits <= DIGITS_MAX)
		return true;
	return password_pattern_cost(lower, words) < PASSWORD_PATTERN_ENOUGH;
}
