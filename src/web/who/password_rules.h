/* Whether a new password may be set: the facts of this site for the rule of core/password_policy. The command asks it too. */
#ifndef PINTLE_WEB_WHO_PASSWORD_RULES_H
#define PINTLE_WEB_WHO_PASSWORD_RULES_H

#include "base/word_list.h"
#include "conf/settings.h"
#include "core/password_policy.h"

/* Opens the list that the settings name: *out is yours, for word_list_free. As word_list_open. */
enum pt_err password_rules_open(const struct settings *settings, struct word_list **out);

/*
 * Judges a password for the user of that (folded) name. Fails, with the verdict
 * PASSWORD_REFUSED, where the list cannot be read.
 */
enum pt_err password_rules_judge(const struct settings *settings, const struct word_list *bad, struct slice name,
    struct slice password, enum password_verdict *verdict);

/* The list that is built in, and the words for core/password_pattern, sorted, one a line; made from src/web/passwords. */
extern const struct slice password_list_txt;
extern const struct slice password_sorted_txt;

#endif
