/*
 * The one table of settings: name, section, kind, default, range, what it is
 * for. The reader of the configuration, `pintle init`, the manual and the
 * sample are all made from it or held to it.
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
	SETTING_LOOPBACK,	/* a TCP address of this machine alone, with its port; or nothing */
	SETTING_PATH,		/* an absolute path */
	SETTING_FILE,		/* the same, or one of .words */
	SETTING_ACCOUNT,	/* the name of a user or group of the system */
	SETTING_GROUPS,		/* names of groups, commas between */
	SETTING_COOKIE,		/* a cookie's name without prefix */
	SETTING_SUFFIX,		/* what stands behind such names, or nothing */
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
	const char *section;	/* under which it may stand */
	enum setting_kind kind;
	size_t offset, size;	/* of its member in struct settings */
	int64_t scale;		/* base units (ms, bytes) that the member counts in; 0 is 1 */
	const char *fallback;	/* the default as it would be written; NULL: there is none, or it is derived */
	const char *derived;	/* where it comes from then, in words; NULL: it has to be set */
	int64_t low, high;	/* of numbers, both included, in base units; of a mode: the bits it may have */
	const struct setting_word *words;	/* ended by a NULL name */
	const char *text;	/* one sentence */
};

#define SETTING_MAX 96	/* rows that the table may have */

/* The table, ended by a row whose name is NULL, and how many rows there are before that. */
extern const struct setting setting_table[];
size_t setting_count(void);

/* The row of this name (exact), or NULL. */
const struct setting *setting_find(struct slice name);

/*
 * Sets the row's member of settings from text; a string that was there is
 * released. PT_ERR_INVALID with a sentence in why: "\"10\" has no unit; ...".
 */
enum pt_err setting_parse(const struct setting *setting, struct slice text, struct settings *settings, struct buf *why);

/* Appends the member's value as it would be written. */
void setting_format(const struct setting *setting, const struct settings *settings, struct buf *out);

/* Appends what may be written: "10 s to 1 h", "yes or no", "ES256, EdDSA or RS256". */
void setting_describe(const struct setting *setting, struct buf *out);

/* Whether the values of several lines add up to one list. */
bool setting_is_list(const struct setting *setting);

/* The member of a row whose value is kept as text; NULL for others. */
char **setting_string(const struct setting *setting, struct settings *settings);

#endif
