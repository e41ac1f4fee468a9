/* The quiet rule shuts out a thief of the cookie jar, whatever the thief's habit and time. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "support/rotate_world.h"

#define THIEVES 4000	/* thieves of each habit */
#define LOOT 64		/* most tokens that a thief keeps */

enum habit { POLLS_OLDEST, POLLS_NEWEST, AFTER_VICTIM, BEFORE_VICTIM, ANY_TIME, HABITS };

struct thief {
	enum habit habit;
	struct shown loot[LOOT];
	size_t count;
};

static void
thief_keep(struct thief *thief, struct shown token)
{
	if (thief->count == LOOT)
		thief->loot[up_to(LOOT - 1)] = token;
	else
		thief->loot[thief->count++] = token;
}

/* The cookie jar, and everything on the wire but answers to logins (for those see rotation.md). */
static void
thief_steal(struct thief *thief, struct browser *browser, const struct server *server)
{
	browser->thefts++;
	browser->completed = 0;
	browser->newest = browser->jar;
	browser->newest.token.serial = server_newest(server, browser->jar.session);
	thief_keep(thief, browser->jar);
	for (size_t i = 0; i < WAYS; i++) {
		const struct exchange *way = &browser->ways[i];

		if (way->used && !(way->answered && way->asks == ASKS_LOGIN))
			thief_keep(thief, way->shown);
	}
}

static bool
older(const struct shown *a, const struct shown *b)
{
	return a->session != b->session ? a->session < b->session : a->token.serial < b->token.serial;
}

/* A thief that knows the server's state does not present what would betray it. */
static bool
thief_choose(const struct thief *thief, const struct server *server, struct shown *out)
{
	bool found = false;

	for (size_t i = 0; i < thief->count; i++) {
		struct shown token = thief->loot[i];

		if (server_look(server, token).rotate.answer == ROTATE_REFUSE)
			continue;
		if (!found || (thief->habit == POLLS_OLDEST && older(&token, out)) ||
		    (thief->habit == POLLS_NEWEST && older(out, &token)) ||
		    (thief->habit >= AFTER_VICTIM && one_in(2)))
			*out = token;
		found = true;
	}
	return found;
}

static void
thief_act(struct thief *thief, const struct browser *browser, struct server *server)
{
	struct shown token = { 0 };

	if (!thief_choose(thief, server, &token))
		return;
	if (browser->completed >= 2)
		fail_msg("thief %d of session %lu is in after the victim's second new serial", thief->habit,
		    server->tally->sessions);
	if (server_refresh(server, &token).rotate.answer == ROTATE_TOKEN)
		thief_keep(thief, token);
}

/* Whether this thief acts at this step of the victim, before or after it. */
static bool
thief_wants(const struct thief *thief, bool before)
{
	switch (thief->habit) {
	case POLLS_OLDEST:
	case POLLS_NEWEST:
		return one_in(4);
	case AFTER_VICTIM:
		return !before;
	case BEFORE_VICTIM:
		return before;
	case ANY_TIME:
		return one_in(20);
	case HABITS:
		break;
	}
	return false;
}

/* True if the victim's session stands in the end and the thief has been shut out. */
static bool
be_robbed(enum habit habit, unsigned at_once, bool gives_up, unsigned login_every, struct tally *tally)
{
	struct server server;
	struct shown jar;
	struct thief thief = { .habit = habit };
	int64_t theft = up_to(60);

	server_begin(&server, tally, &jar);
	struct browser browser = browser_begin(&server, &jar, at_once, gives_up);

	browser.login_every = login_every;
	for (int step = 0; step < 400 && !server.refused; step++) {
		if (step == theft)
			thief_steal(&thief, &browser, &server);
		if (thief_wants(&thief, true))
			thief_act(&thief, &browser, &server);
		browser_step(&browser, &server);
		if (!server.refused && thief_wants(&thief, false))
			thief_act(&thief, &browser, &server);
	}
	/* A browser that keeps logging in may never get round to refreshing. */
	assert_true(server.refused || login_every || browser.completed >= 2);
	return !server.refused;
}

static const char *const names[HABITS] = {
	"polling with the oldest", "polling with the newest", "right after the victim", "right before the victim",
	"at any time",
};

static void
thieves_are_out_by_the_second_new_serial(void **unused)
{
	struct tally tally = { 0 };

	(void)unused;
	dice_seed(4);
	for (enum habit habit = POLLS_OLDEST; habit < HABITS; habit++) {
		unsigned kept = 0;

		for (unsigned i = 0; i < THIEVES; i++)
			kept += be_robbed(habit, 1 + i % WAYS, i % WAYS == 0, 0, &tally);
		print_message("# %d thieves %s: %u shut out of a session that lives on, the others with its end\n", THIEVES,
		    names[habit], kept);
	}
	tally_tell("thieves", &tally);
	assert_true(tally.rows[6] > 0);
}

/* The victim logs in again now and then, and some of the answers are lost. */
static void
logins_of_the_victim_help_no_thief(void **unused)
{
	struct tally tally = { 0 };

	(void)unused;
	dice_seed(7);
	for (enum habit habit = POLLS_OLDEST; habit < HABITS; habit++)
		for (unsigned i = 0; i < THIEVES; i++)
			be_robbed(habit, 1, i % 2, 3 + i % 20, &tally);
	tally_tell("thieves of victims that log in", &tally);
	assert_true(tally.rows[6] > 0 && tally.settling > THIEVES && tally.replaced > THIEVES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thieves_are_out_by_the_second_new_serial),
		cmocka_unit_test(logins_of_the_victim_help_no_thief),
	};

	return cmocka_run_group_tests_name("a thief is shut out", tests, NULL, NULL);
}
