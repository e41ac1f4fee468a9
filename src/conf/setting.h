/*
 * The one table of settings: name, section, kind, default, range, purpose. The reader of the
 * configuration, `pintle init` and the sample use it, and a test compares the manual with it.
 */
#ifndef PINTLE_CONF_SETTING_H
#define PINTLE_CONF_SETTING_H

#include "base/buf.h"
#include "conf/settings.h"

enum setting_kind {
	SETTING_TEXT = 0,	/* any printable text */
	SETTING_ISSUER,		/* a URL without query, path allowed */
	SETTING_ORIGINS,	/* URLs without path, separated by spaces */
	SETTING_ADDRESSES,	/* IP addresses and ranges, separated by spaces */
	/* a TCP address that only this machine reaches, with its port; or nothing */
	SETTING_LOOPBACK,
	SETTING_PATH,		/* an absolute path */
	SETTING_FILE,		/* an absolute path, or one of .words */
	SETTING_ACCOUNT,	/* the name of a system user or group */
	SETTING_GROUPS,		/* names of groups, separated by commas */
	SETTING_COOKIE,		/* a cookie's name without its prefix */
	SETTING_SUFFIX,		/* a suffix of such names, or nothing */
	SETTING_DURATION,
	SETTING_SIZE,
	SETTING_COUNT,
	SETTING_MODE,		/* permission bits, octal */
	SETTING_BOOL,
	SETTING_WORD,		/* one of .words */
};
#define SETTING_KINDS (SETTING_WORD + 1)

struct setting_word {
	const char *name;
	int64_t value;
};

struct setting {
	const char *name;
	const char *section;	/* the section that it belongs to */
	enum setting_kind kind;
	size_t offset, size;	/* the offset and size of its member in struct settings */
	int64_t scale;		/* the member's unit in base units (ms, bytes); 0 means 1 */
	/* the default as written in the file; NULL: there is none, or it is derived */
	const char *fallback;
	/* where the default comes from then, in words; NULL: it must be set */
	const char *derived;
	/* the range of numbers, inclusive, in base units; for a mode, the allowed bits */
	int64_t low, high;
	const struct setting_word *words;	/* ended by a NULL name */
	const char *text;	/* one sentence */
};

#define SETTING_MAX 96	/* the most rows of the table */

/* The table, which ends with a row whose name is NULL, and the number of rows before that. */
extern const struct setting setting_table[];
size_t setting_count(void);

/* The row with exactly this name, or NULL. */
const struct setting *setting_find(struct slice name);

/*
 * Sets the row's member of settings from text, and frees an old string. PT_ERR_INVALID with a
 * sentence in why: "\"10\" has no unit; ...".
 */
enum pt_err setting_parse(const struct setting *setting, struct slice text,
    struct settings *settings, struct buf *why);

/* Appends the member's value as it is written in the file. */
void setting_format(const struct setting *setting, const struct settings *settings,
    struct buf *out);

/* Appends the possible values: "10 s to 1 h", "yes or no", "ES256, EdDSA or RS256". */
void setting_describe(const struct setting *setting, struct buf *out);

/* Whether the values of several lines add up to one list. */
bool setting_is_list(const struct setting *setting);

/* The member of a row whose value is kept as text; NULL for others. */
char **setting_string(const struct setting *setting, struct settings *settings);

#endif
