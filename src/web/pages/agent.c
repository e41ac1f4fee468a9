#include "web/pages/agent.h"

#include <stdio.h>
#include <string.h>

struct word {
	const char *part;
	const char *name;
};

/* The first match counts: a browser that is built on another one names that one too. */
static const struct word browsers[] = {
	{ "Edg/", "Edge" }, { "EdgA/", "Edge" }, { "EdgiOS/", "Edge" },
	{ "OPR/", "Opera" }, { "OPT/", "Opera" },
	{ "SamsungBrowser/", "Samsung Internet" },
	{ "Vivaldi/", "Vivaldi" },
	{ "YaBrowser/", "Yandex Browser" },
	{ "Firefox/", "Firefox" }, { "FxiOS/", "Firefox" },
	{ "CriOS/", "Chrome" }, { "Chrome/", "Chrome" },
	{ "Safari/", "Safari" },
	{ "curl/", "curl" },
};

static const struct word systems[] = {
	{ "iPhone", "iPhone" }, { "iPad", "iPad" },
	{ "Android", "Android" },	/* which names Linux too */
	{ "CrOS", "ChromeOS" },
	{ "Windows", "Windows" },
	{ "Macintosh", "Mac" },
	{ "Linux", "Linux" },
};

#define COUNT(words) (sizeof(words) / sizeof((words)[0]))

static const char *
word_find(const struct word *words, size_t count, struct slice text)
{
	for (size_t i = 0; i < count; i++)
		if (text.len && memmem(text.ptr, text.len, words[i].part, strlen(words[i].part)))
			return words[i].name;
	return NULL;
}

bool
agent_name(struct slice user_agent, char out[AGENT_NAME_SIZE])
{
	const char *browser = word_find(browsers, COUNT(browsers), user_agent);
	const char *system = word_find(systems, COUNT(systems), user_agent);

	snprintf(out, AGENT_NAME_SIZE, "%s%s%s", browser ? browser : "",
	    browser && system ? " on " : "", browser && system ? system : "");
	return browser != NULL;
}
