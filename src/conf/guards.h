/*
 * Reads the guarded places of a site, the sections [guard /PATH/] of the configuration. Every value
 * has only characters that no web server's configuration treats as special (guard_value.h).
 */
#ifndef PINTLE_CONF_GUARDS_H
#define PINTLE_CONF_GUARDS_H

#include "base/buf.h"
#include "conf/settings.h"

void guards_free(struct guards *guards);

/*
 * Whether section, the text between the brackets, is meant as a guarded place: a word, a blank, and
 * more.
 */
bool guards_section(struct slice section);

/*
 * To be called when a place begins at line, and for each setting of that place. PT_ERR_INVALID with
 * the rest of a sentence in why.
 */
enum pt_err guards_begin(struct guards *guards, struct slice section, unsigned line,
    struct buf *why);
enum pt_err guards_set(struct guards *guards, struct slice name, struct slice value,
    struct buf *why);

/* Adds a place of which nothing is said yet. line: where its section begins; 0: it has none. */
enum pt_err guards_add(struct guards *guards, struct slice path, unsigned line);

/*
 * Checks all places once they are read, and fills in what was left out: from the surrounding place,
 * or with the default. Below a guarded / the address for certificate renewal is opened. mount is
 * where pintle is. If something is wrong, *line is where that place begins.
 */
enum pt_err guards_check(struct guards *guards, struct slice mount, unsigned *line,
    struct buf *why);

/* A place that admits people who have signed in with a browser, or NULL. */
const struct guard_place *guards_admit_people(const struct guards *guards);

/*
 * Whether the site's settings keep everybody out of a place that admits people; why then says so,
 * and how to fix it.
 */
bool guards_shut(const struct guards *guards, const struct settings *site, struct buf *why,
    const char **mend);

/* The settings that a place may have, for the manual; false after the last one. */
bool guards_describe(size_t which, const char **name);

#endif
