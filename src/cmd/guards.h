/*
 * The guarded places of a site: the sections [guard /PATH/] of the
 * configuration. What stands there and what it demands of a person; only
 * `pintle config` and `pintle doctor` want to know, since the worker is told
 * by the web server. Every value is held to characters that no web server's
 * configuration reads as its own.
 */
#ifndef PINTLE_CMD_GUARDS_H
#define PINTLE_CMD_GUARDS_H

#include "base/buf.h"

/* One place. Of proxy, php and files exactly one is set; what is not set is NULL. */
struct guard_place {
	char *path;		/* "/app/": begins and ends with a slash */
	char *proxy;		/* "http://127.0.0.1:8081": an application that is asked with the whole path */
	char *php;		/* "/srv/wiki": its scripts run, its other files are sent */
	char *fpm;		/* of php: "unix:/run/php/php-fpm.sock" or "127.0.0.1:9000" */
	char *files;		/* "/srv/files" */
	char *groups;		/* "staff,admins": one of them is wanted */
	int64_t max_age_ms;	/* the login must not be older; 0: any age */
	unsigned line;		/* where its section begins */
};

struct guards {
	struct guard_place *places;	/* as they stand in the file */
	size_t count;
};

void guards_free(struct guards *guards);

/*
 * Whether section, what stands between the brackets, is meant as a guarded
 * place: a word, a blank, and more.
 */
bool guards_section(struct slice section);

/*
 * These give PT_ERR_INVALID with the rest of a sentence in why: a place begins
 * at line; the place that began last has a setting.
 */
enum pt_err guards_begin(struct guards *guards, struct slice section, unsigned line, struct buf *why);
enum pt_err guards_set(struct guards *guards, struct slice name, struct slice value, struct buf *why);

/*
 * Looks at all of them once they are read, and sets what was left out. mount is where pintle is.
 * Where something is wrong, *line is where that place begins.
 */
enum pt_err guards_check(struct guards *guards, struct slice mount, unsigned *line, struct buf *why);

/* Whether a path can stand in every server's configuration as it is: absolute, and of plain characters. */
bool guards_path_is_plain(struct slice path);

#endif
