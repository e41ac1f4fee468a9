/*
 * A site for the targets that hand whole requests in: real keys, store and limits, in a folder that goes with the
 * process. Nobody is signed in there, and the clock stands still.
 */
#ifndef PINTLE_TESTS_FUZZ_HOUSE_H
#define PINTLE_TESTS_FUZZ_HOUSE_H

#include "fuzz.h"
#include "web/http/app.h"
#include "web/web.h"

#define HOUSE_ISSUER "https://example.org/auth"
#define HOUSE_SERVICE "billing"
#define HOUSE_SECRET "a-secret-of-billing"

/* The same one each time. It guards /app/, /app/staff/ (for staff), /open/ (to all) and /win/ (whatever the case). */
struct web_app *house(void);

/*
 * Answers, and holds the answer to what every answer is: a status that there is, whole header lines without a
 * byte that a server acts on, no body where none may be, and not a 5xx for what a stranger has sent, except from
 * known. 503 may be. *response is yours, for web_response_free.
 */
void house_ask(const struct web_request *request, int known, struct web_response *response);

#endif
