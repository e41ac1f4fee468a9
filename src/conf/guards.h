/*
 * The guarded places of a site, as the sections [guard /PATH/] of the
 * configuration are read. Every value is held to characters that no web
 * server's configuration reads as its own (guard_value.h).
 */
#ifndef PINTLE_CONF_GUARDS_H
#define PINTLE_CONF_GUARDS_H

#include "base/buf.h"
#include "conf/settings.h"

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

/* Adds a place of which nothing is said yet. line: where its section begins; 0: it has none. */
enum pt_err guards_add(struct guards *guards, struct slice path, unsigned line);

/*
 * Looks at all of them once they are read, and settles what was left out: what stands at the place around
 * stands here too, and what nobody says has its default. Under a guarded / the address at which certificates
 * are proven is open by itself. mount is where pintle is. Where something is wrong, *line is where that place begins.
 */
enum pt_err guards_check(struct guards *guards, struct slice mount, unsigned *line, struct buf *why);

/* A place that a person with a browser may get in to by having signed in, or NULL. */
const struct guard_place *guards_admit_people(const struct guards *guards);

/* Whether the settings of the site keep everybody out of a place that admits people; a sentence about it in why then, and what mends it. */
bool guards_shut(const struct guards *guards, const struct settings *site, struct buf *why, const char **mend);

/* The settings that a place may have, for the manual; false beyond the last one. */
bool guards_describe(size_t which, const char **name);

#endif
