/*
 * The places of a site, the sections [guard /PATH/] of the configuration: what they demand, whom
 * they are open to, and which application is there. conf/guards.c fills them in, including what a
 * place takes from the one around it.
 */
#ifndef PINTLE_CONF_PLACES_H
#define PINTLE_CONF_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* A setting of two words. When all places are complete, none is unset. */
enum place_choice { PLACE_UNSAID = 0, PLACE_NO, PLACE_YES };

/* One place. At most one of proxy, php and files is set; the others are NULL. */
struct guard_place {
	/*
	 * "/app/": it and everything below; "/favicon.ico", without a final slash: only that
	 * address
	 */
	char *path;
	bool exact;		/* the latter kind */
	/* the name for its files, such as "app+staff"; unique; empty for "/" */
	char *name;

	/* the application; if none is set, the site's own configuration decides */
	/* "http://127.0.0.1:8081", "https://...", "unix:/PATH"; gets the whole path */
	char *proxy;
	char *php;		/* "/srv/wiki": scripts are run, other files are sent */
	char *fpm;		/* for php: "unix:/run/php/php-fpm.sock" or "127.0.0.1:9000" */
	char *files;		/* "/srv/files"; for an exact place the file itself, as with php */
	char *front;		/* for php: "index.php" runs for every address that is no file */
	char *front_path;	/* the same as an address, "/wiki/index.php" */
	char *front_file;	/* and as a file, "/srv/wiki/index.php" */
	int64_t body_max;	/* the largest body of a request, in bytes */
	/* the header is passed on, unless it opened the gate */
	enum place_choice keep_authorization;
	/* preflights are passed on too, not answered by pintle */
	enum place_choice pass_preflight;
	enum place_choice ignore_case;		/* the application reads /A as /a */

	/* its demands */
	char *groups;		/* "staff,admins": one of them is required */
	int64_t max_age_ms;	/* the login must not be older; 0: any age */
	enum place_choice bearer_only;	/* only a token in Authorization opens it, no cookie */

	/* its exceptions */
	enum place_choice open;
	/* open to these methods only, separated by one space; NULL: to all */
	char *methods;
	/* open to these addresses and ranges only, separated alike; NULL: to all */
	char *from;

	/* where its section begins; 0: it has none and is open by default */
	unsigned line;
};

struct guards {
	struct guard_place *places;	/* in the order of the file */
	size_t count;
};

/* Whether it is said what stands there. */
bool place_has_behind(const struct guard_place *place);

/* Whether everybody gets in, whatever the request. */
bool place_is_open(const struct guard_place *place);

/*
 * Whether the server must ask about each request there. It must do so for open places too
 * (DESIGN.md, Open places are asked about too), unless they have only files.
 */
bool place_is_asked(const struct guard_place *place);

/* Whether a request with this method from this address gets in, whoever sends it. */
bool place_is_open_to(const struct guard_place *place, struct slice method, struct slice address);

/* Whether a person who has signed in with a browser may get in. */
bool place_admits_people(const struct guard_place *place);

/* The place whose section names exactly this path, or NULL. */
const struct guard_place *places_named(const struct guards *guards, struct slice path);

/*
 * The innermost place that a path falls into, or NULL. The path is decoded and has no dot segments.
 * "/app" falls into "/app/", as it does for many applications. With any_case capitals count as
 * small letters.
 */
const struct guard_place *places_at(const struct guards *guards, struct slice path, bool any_case);

#endif
