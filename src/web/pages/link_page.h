/* The page that a one-time link opens, to set a new password. */
#ifndef PINTLE_WEB_PAGES_LINK_PAGE_H
#define PINTLE_WEB_PAGES_LINK_PAGE_H

#include "web/pages/outcome.h"

outcome_page link_page;

#endif
