/*
 * A configuration as a whole, after each of its lines has been read: whether its settings fit
 * together, and what follows.
 */
#ifndef PINTLE_CONF_WHOLE_H
#define PINTLE_CONF_WHOLE_H

#include "base/buf.h"
#include "conf/guards.h"
#include "conf/settings.h"

struct whole {
	const struct settings *settings;
	struct guards *guards;		/* takes what each place has from the one around it */
	/* the line that set each row of setting_table; 0: none did */
	const unsigned *set_at;
};

/*
 * PT_ERR_INVALID if something does not fit: *line is the line to blame (0: the whole file), and why
 * gets a sentence.
 */
enum pt_err whole_check(const struct whole *whole, unsigned *line, struct buf *why);

/*
 * Sets what follows from the issuer and the places: what is not a setting, or is one that was left
 * out.
 */
enum pt_err whole_derive(struct settings *settings, const struct guards *guards);

#endif
