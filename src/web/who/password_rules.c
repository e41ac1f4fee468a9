#include "web/who/password_rules.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/unicode.h"
#include "core/password_pattern.h"

#define CONTEXT_SIZE 512
#define LOWER_SIZE (2 * PASSWORD_MAX_BYTES)	/* some letters take more bytes in lower case */

enum pt_err
password_rules_open(const struct settings *settings, struct word_list **out)
{
	if (strcmp(settings->password_list, PASSWORD_LIST_NONE) == 0)
		return word_list_of_text((struct slice){ NULL, 0 }, out);
	if (strcmp(settings->password_list, PASSWORD_LIST_BUILTIN) == 0)
		return word_list_of_text(password_list_txt, out);
	return word_list_open(settings->password_list, out);
}

/*
 * The words of this site: those of its host name (without the last part) and path, and our own
 * name.
 */
static struct slice
context_of(const struct settings *settings, char out[CONTEXT_SIZE])
{
	struct slice rest, host, path, port;
	size_t top;

	slice_cut(slice_of(settings->issuer), ':', &host, &rest);
	slice_cut(slice_skip(rest, 2), '/', &host, &path);
	slice_cut(host, ':', &host, &port);
	for (top = host.len; top > 0 && host.ptr[top - 1] != '.'; top--)
		continue;
	if (top > 0)
		host.len = top;
	snprintf(out, CONTEXT_SIZE, "pintle %.*s %.*s", SLICE_ARG(host), SLICE_ARG(path));
	for (char *at = out; *at; at++)
		if (strchr("./-_:", *at))
			*at = ' ';
	return slice_of(out);
}

/*
 * Looks up the remaining facts and decides. Called only for something that could be a password at
 * all.
 */
static enum pt_err
judge_lower(const struct settings *settings, struct password_facts *facts,
    const struct word_list *bad, enum password_verdict *verdict)
{
	char lower[LOWER_SIZE];
	enum pt_err err;

	facts->lower = (struct slice){ lower,
	    unicode_lower(facts->password, lower, sizeof(lower)) };
	/* A password is common by the list or by its pattern; without a list none is. */
	err = word_list_has(bad, facts->lower, &facts->known_bad);
	if (err == PT_OK && !facts->known_bad &&
	    strcmp(settings->password_list, PASSWORD_LIST_NONE) != 0)
		facts->known_bad = password_pattern_is_common(facts->lower, password_sorted_txt);
	if (err == PT_OK)
		*verdict = password_policy_decide(facts);
	secret_wipe(lower, sizeof(lower));
	return err;
}

enum pt_err
password_rules_judge(const struct settings *settings, const struct word_list *bad,
    struct slice name, struct slice password, enum password_verdict *verdict)
{
	char context[CONTEXT_SIZE];
	struct password_facts facts = {
		.password = password,
		.name = name,
		.context = context_of(settings, context),
		.min_chars = settings->password_min,
		.max_bytes = settings->password_max,
	};

	*verdict = PASSWORD_REFUSED;
	if (password.len <= PASSWORD_MAX_BYTES)
		return judge_lower(settings, &facts, bad, verdict);
	*verdict = PASSWORD_TOO_LONG;
	return PT_OK;
}
