/* Shows what came of a request: to programs JSON, to people pages. */
#ifndef PINTLE_WEB_PAGES_PRESENT_H
#define PINTLE_WEB_PAGES_PRESENT_H

#include "web/pages/outcome.h"

outcome_page present_json;

/* By the page of its route; what failed, and what leads on to another page, looks alike everywhere. */
enum pt_err present_page(const struct request *request, const struct refusal *refusal, struct outcome *out,
    outcome_page *page);

#endif
