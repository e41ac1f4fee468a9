/*
 * The answer as text, the same for both gates: the Status line (RFC 3875,
 * section 6.3.3), the header lines, the body.
 */
#ifndef PINTLE_GATE_TEXT_H
#define PINTLE_GATE_TEXT_H

#include "web/web.h"

/*
 * Appends the whole answer to out. Content-Length is written here and nowhere
 * else; not for an authorizer, whose headers the server hands on to the browser
 * above a body of its own.
 */
void gate_text_put(struct buf *out, const struct web_response *response, enum web_role role);

/* Makes response the refusal of a request that is not worth a look: its status, and JSON that says why. */
void gate_text_refuse(struct web_response *response, int status, const char *description);

#endif
