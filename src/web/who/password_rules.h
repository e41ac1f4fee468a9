/*
 * Whether a new password may be set: collects this site's facts for the rule in
 * core/password_policy. The command uses it too.
 */
#ifndef PINTLE_WEB_WHO_PASSWORD_RULES_H
#define PINTLE_WEB_WHO_PASSWORD_RULES_H

#include "base/word_list.h"
#include "conf/settings.h"
#include "core/password_policy.h"

/* Opens the list that the settings name, like word_list_open. *out is yours, for word_list_free. */
enum pt_err password_rules_open(const struct settings *settings, struct word_list **out);

/*
 * Judges a password for the user of that (folded) name. If the list cannot be read it fails, and
 * the verdict is PASSWORD_REFUSED.
 */
enum pt_err password_rules_judge(const struct settings *settings, const struct word_list *bad,
    struct slice name, struct slice password, enum password_verdict *verdict);

/*
 * The built-in list, and the sorted words for core/password_pattern, one to a line; made from
 * src/web/passwords.
 */
extern const struct slice password_list_txt;
extern const struct slice password_sorted_txt;

#endif
