/* The files of src/web/pages as they are built into the program, by src/embed.awk. */
#ifndef PINTLE_WEB_PAGES_PAGES_H
#define PINTLE_WEB_PAGES_PAGES_H

#include "base/slice.h"

extern const struct slice page_head_html;
extern const struct slice page_foot_html;
extern const struct slice page_login_html;
extern const struct slice page_account_html;
extern const struct slice page_code_html;
extern const struct slice page_enrol_html;
extern const struct slice page_error_html;
extern const struct slice page_recovery_html;
extern const struct slice page_denied_html;
extern const struct slice page_message_html;
extern const struct slice page_signed_in_html;
extern const struct slice page_sign_out_html;
extern const struct slice page_pintle_css;
extern const struct slice page_link_html;
extern const struct slice page_link_js;
extern const struct slice page_pintle_js;

#endif
