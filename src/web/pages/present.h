/* Shows the result of a request: JSON to programs, pages to people. */
#ifndef PINTLE_WEB_PAGES_PRESENT_H
#define PINTLE_WEB_PAGES_PRESENT_H

#include "web/pages/outcome.h"

outcome_page present_json;

/* By the page of its route; failures and redirects are the same for all of them. */
enum pt_err present_page(const struct request *request, const struct refusal *refusal,
    struct outcome *out, outcome_page *page);

#endif
