/*
 * The answer as text, the same for both gates: the Status line (RFC 3875, section 6.3.3), the
 * header lines, the body. See DESIGN.md, An answer without memory is a 500.
 */
#ifndef PINTLE_GATE_TEXT_H
#define PINTLE_GATE_TEXT_H

#include "web/web.h"

/*
 * Appends the whole answer to out. Content-Length is written here and nowhere else; an authorizer's
 * answer has none, since the server hands its headers on to the browser with another body
 * (DESIGN.md, An authorizer's yes holds its variables alone).
 */
void gate_text_put(struct buf *out, const struct web_response *response, enum web_role role);

/*
 * What is sent where there is no memory for the answer: 500. To a server whose authorizer the
 * worker is, an answer without a head would be a yes: CGI takes 200 for granted (RFC 3875, 6.3.3).
 */
struct slice gate_text_failure(void);

/* Makes response the gate's own refusal: the status, and JSON that says why. */
void gate_text_refuse(struct web_response *response, int status, const char *description);

#endif
