/*
 * The places of a site, the sections [guard /PATH/] of the configuration: what
 * they demand, whom they are open to, and what stands there. Filled in by
 * conf/guards.c, which also settles what a place takes from the one around it.
 */
#ifndef PINTLE_CONF_PLACES_H
#define PINTLE_CONF_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* A setting of two words. Once all places are settled none is unsaid. */
enum place_choice { PLACE_UNSAID = 0, PLACE_NO, PLACE_YES };

/* One place. Of proxy, php and files one is set at most; what is not set is NULL. */
struct guard_place {
	char *path;		/* "/app/": it and all below; "/favicon.ico", without the slash at its end: it alone */
	bool exact;		/* the latter */
	char *name;		/* for files about it, "app+staff": no two places have the same; of "/" it is empty */

	/* what stands there; where none is set the site's own configuration says it */
	char *proxy;		/* "http://127.0.0.1:8081", "https://...", "unix:/PATH": asked with the whole path */
	char *php;		/* "/srv/wiki": its scripts run, its other files are sent */
	char *fpm;		/* of php: "unix:/run/php/php-fpm.sock" or "127.0.0.1:9000" */
	char *files;		/* "/srv/files"; of an exact place the file itself, as php */
	char *front;		/* of php: "index.php" runs for what is no file */
	char *front_path;	/* the same as an address, "/wiki/index.php" */
	char *front_file;	/* and as a file, "/srv/wiki/index.php" */
	int64_t body_max;	/* bytes that a request may bring */
	enum place_choice keep_authorization;	/* the header goes on to what stands there, unless it opened the gate */
	enum place_choice pass_preflight;	/* preflights go on too; else they are answered here */
	enum place_choice ignore_case;		/* what stands there reads /A as /a */

	/* whom it demands */
	char *groups;		/* "staff,admins": one of them is wanted */
	int64_t max_age_ms;	/* the login must not be older; 0: any age */
	enum place_choice bearer_only;	/* a token in Authorization alone opens it, no cookie */

	/* whom it demands nothing of */
	enum place_choice open;
	char *methods;		/* open to these methods alone, one space between two; NULL: to all */
	char *from;		/* open to these addresses and ranges alone, the same way; NULL: to all */

	unsigned line;		/* where its section begins; 0: it has none, being open by itself */
};

struct guards {
	struct guard_place *places;	/* as they stand in the file */
	size_t count;
};

/* Whether it is said what stands there. */
bool place_has_behind(const struct guard_place *place);

/* Whether everybody gets in there, whatever is asked. */
bool place_is_open(const struct guard_place *place);

/*
 * Whether each request there has to be asked about. Of an open place too, since what stands there may read an
 * address as one of another place; files alone are found by the server itself.
 */
bool place_is_asked(const struct guard_place *place);

/* Whether a request of this method from this address gets in there, whoever asks. */
bool place_is_open_to(const struct guard_place *place, struct slice method, struct slice address);

/* Whether a person with a browser may get in there by having signed in. */
bool place_admits_people(const struct guard_place *place);

/* The place whose section names exactly this path, or NULL. */
const struct guard_place *places_named(const struct guards *guards, struct slice path);

/*
 * The innermost place that an address's path falls into, decoded and without dot segments; NULL if it is in none.
 * "/app" falls into "/app/", as it does for many an application. With any_case capitals count as small letters.
 */
const struct guard_place *places_at(const struct guards *guards, struct slice path, bool any_case);

#endif
