/*
 * Compares the models' rules with the program's: SPIN walks model.pml, which reports every
 * decision, and rotate_decide makes each one again. First over the whole of a small domain, then
 * along random walks of browsers, ghosts, crashes and thieves. The same for logins.pml and
 * settling_decide. Without spin there is nothing to compare: skipped.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/settling.h"

#define TICK_MS 1000
#define WALKS 20	/* of each world */
#define STEPS 250000	/* of SPIN's, some two hundred per decision */

/* One line of the model: what was presented to which state, and the result. */
struct decided {
	int hand_out, quiet;
	unsigned cur_serial, cur_nonce, next_serial;
	int age;
	unsigned serial, nonce;
	unsigned row;
	unsigned new_serial, new_nonce, new_next;
	int new_age;
};

/* One line of the model of logins: the same for a session among those of its browser. */
struct settled {
	struct decided rule;
	int stamp;
	unsigned moved, settling, ends_older;
};

struct tally {
	unsigned long walks, decisions;
	unsigned long rows[7];
	unsigned long settling, ends_older, uses;
};

static char model[PATH_MAX], logins[PATH_MAX];
static char scratch[] = "/tmp/pintle-model-XXXXXX";
static bool have_spin;

static bool
decided_parse(const char *line, struct decided *d)
{
	return sscanf(line, "decided %d %d %u %u %u %d %u %u %u %u %u %u %d", &d->hand_out, &d->quiet, &d->cur_serial,
	    &d->cur_nonce, &d->next_serial, &d->age, &d->serial, &d->nonce, &d->row, &d->new_serial, &d->new_nonce,
	    &d->new_next, &d->new_age) == 13;
}

static enum rotate_answer
answer_of(unsigned row)
{
	if (row == 6)
		return ROTATE_REFUSE;
	return row == 3 ? ROTATE_ACCESS_ONLY : ROTATE_TOKEN;
}

/* Makes the model's decision again at one of the ages that its tick represents. */
static void
check_at(const struct decided *d, int64_t age_ms, const char *line)
{
	const struct rotate_periods periods = { (int64_t)d->hand_out * TICK_MS, (int64_t)d->quiet * TICK_MS };
	const struct stamp then = { 1, 10 }, now = { 1, 20 };
	const struct rotation state = { d->cur_serial, d->cur_nonce, d->next_serial, then };
	struct rotate_decision got = rotate_decide(&state, (struct rotate_presented){ d->serial, d->nonce }, age_ms, now,
	    &periods);
	bool moved = d->row == 1 || d->row == 4 || d->row == 5;

	if (got.rule != d->row || got.answer != answer_of(d->row) || got.moved != moved)
		fail_msg("age %lld ms gives row %u: %s", (long long)age_ms, got.rule, line);
	if (got.state.cur_serial != d->new_serial || got.state.cur_nonce != d->new_nonce ||
	    got.state.next_serial != d->new_next)
		fail_msg("another state comes of it: %s", line);
	if (got.state.moved_at.ms != (moved ? now.ms : then.ms) || d->new_age != (moved ? 0 : d->age))
		fail_msg("another age comes of it: %s", line);
	if (got.serial != (got.answer == ROTATE_TOKEN ? d->new_next : 0))
		fail_msg("serial %u is handed out: %s", got.serial, line);
}

/* A tick is the time up to it from the one before; the last one is all later time. */
static void
check_line(const char *line, struct tally *tally)
{
	struct decided d;

	if (!decided_parse(line, &d))
		return;
	assert_in_range(d.row, 1, 6);
	check_at(&d, (int64_t)d.age * TICK_MS, line);
	check_at(&d, d.age ? (int64_t)(d.age - 1) * TICK_MS + 1 : -1, line);
	if (d.age == d.hand_out + d.quiet + 1)
		check_at(&d, AGE_LONG_AGO, line);
	tally->decisions++;
	tally->rows[d.row]++;
}

static bool
settled_parse(const char *line, struct settled *s)
{
	struct decided *d = &s->rule;

	return sscanf(line, "settled %d %d %d %u %u %u %u %d %u %u %u %u %u %u %u %u %d", &d->hand_out, &d->quiet, &s->stamp,
	    &s->moved, &d->cur_serial, &d->cur_nonce, &d->next_serial, &d->age, &d->serial, &d->nonce, &d->row,
	    &s->settling, &s->ends_older, &d->new_serial, &d->new_nonce, &d->new_next, &d->new_age) == 17;
}

/* The stamp that was made this long ago. The last tick of a stamp also means no stamp. */
static struct stamp
stamp_before(struct stamp now, int64_t age_ms)
{
	return age_ms == AGE_LONG_AGO ? (struct stamp){ 0, 0 } : (struct stamp){ now.boot, now.ms - age_ms };
}

static void
check_settled_at(const struct settled *s, int64_t age_ms, int64_t stamp_ms, const char *line)
{
	const struct decided *d = &s->rule;
	const struct rotate_periods periods = { (int64_t)d->hand_out * TICK_MS, (int64_t)d->quiet * TICK_MS };
	const struct stamp now = { 1, 1000 * TICK_MS };
	const struct session session = {
		.rotation = { d->cur_serial, d->cur_nonce, d->next_serial, { 1, 10 } }, .moves = s->moved,
		.settles_at = stamp_before(now, stamp_ms),
	};
	struct settling_decision got = settling_decide(&session, (struct rotate_presented){ d->serial, d->nonce }, age_ms, now,
	    &periods);
	bool moved = !s->settling && (d->row == 1 || d->row == 4 || d->row == 5);

	if (got.rotate.rule != d->row || got.settling != s->settling || got.ends_older != s->ends_older ||
	    got.rotate.moved != moved)
		fail_msg("row %u, settling %d, ends older %d: %s", got.rotate.rule, got.settling, got.ends_older, line);
	if (got.rotate.answer != (s->settling ? ROTATE_ACCESS_ONLY : answer_of(d->row)))
		fail_msg("another answer is given: %s", line);
	if (got.rotate.state.cur_serial != d->new_serial || got.rotate.state.cur_nonce != d->new_nonce ||
	    got.rotate.state.next_serial != d->new_next)
		fail_msg("another state comes of it: %s", line);
}

static bool
check_settled(const char *line, struct tally *tally)
{
	struct settled s;

	if (!settled_parse(line, &s))
		return false;
	const int64_t ages[] = { (int64_t)s.rule.age * TICK_MS, s.rule.age ? (int64_t)(s.rule.age - 1) * TICK_MS + 1 : -1 };
	const int64_t stamps[] = {
		(int64_t)s.stamp * TICK_MS, s.stamp ? (int64_t)(s.stamp - 1) * TICK_MS + 1 : -1,
		s.stamp == s.rule.quiet + 1 ? AGE_LONG_AGO : (int64_t)s.stamp * TICK_MS,
	};

	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 3; j++)
			check_settled_at(&s, ages[i], stamps[j], line);
	tally->decisions++;
	tally->rows[s.rule.row]++;
	tally->settling += s.settling;
	tally->ends_older += s.ends_older;
	return true;
}

/* A use, by the gate cookie, of one of the sessions that were stamped. */
static void
check_use(const char *line, struct tally *tally)
{
	const struct stamp now = { 1, 1000 * TICK_MS };
	int stamp, quiet, ends;

	if (sscanf(line, "used %d %d %d", &quiet, &stamp, &ends) != 3)
		return;
	const struct session session = { .settles_at = stamp_before(now, (int64_t)stamp * TICK_MS) };

	assert_int_equal(settling_use_ends_older(&session, now, (int64_t)quiet * TICK_MS), ends);
	tally->uses++;
}

static void
check_any(const char *line, struct tally *tally)
{
	if (!check_settled(line, tally))
		check_use(line, tally);
	check_line(line, tally);
}

/* One run of SPIN's simulator. It leaves files in the working folder. */
static void
walk(const char *of, const char *world, unsigned seed, struct tally *tally)
{
	char command[2 * PATH_MAX], line[256];
	int len = snprintf(command, sizeof(command), "cd '%s' && exec spin -T -n%u -u%d %s '%s' 2>&1", scratch, seed, STEPS,
	    world, of);

	assert_in_range(len, 1, sizeof(command) - 1);
	FILE *spin = popen(command, "r");

	assert_non_null(spin);
	while (fgets(line, sizeof(line), spin))
		check_any(line, tally);
	assert_int_equal(pclose(spin), 0);
	tally->walks++;
}

static void
tell(const char *what, const struct tally *tally)
{
	print_message("# %s: %lu traces, %lu decisions alike; rows 1 to 6: %lu %lu %lu %lu %lu %lu\n", what, tally->walks,
	    tally->decisions, tally->rows[1], tally->rows[2], tally->rows[3], tally->rows[4], tally->rows[5],
	    tally->rows[6]);
}

static void
every_decision_of_a_small_domain_is_alike(void **unused)
{
	static const char *const periods[] = { "-DA=1 -DQ=2", "-DA=2 -DQ=3", "-DA=1 -DQ=4", "-DA=0 -DQ=0", "-DA=3 -DQ=1" };
	char world[64];
	struct tally tally = { 0 };

	(void)unused;
	if (!have_spin)
		skip();
	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		snprintf(world, sizeof(world), "-DTABLE %s", periods[i]);
		walk(model, world, 1, &tally);
	}
	tell("small domain", &tally);
	for (int row = 1; row <= 6; row++)
		assert_true(tally.rows[row] > 0);
	assert_true(tally.decisions > 5000);
}

static void
random_walks_are_alike(void **unused)
{
	static const char *const worlds[] = {
		"-DK=4", "-DK=3 -DD=2 -DQ=4 -DCRASHES=200", "-DK=1 -DGHOSTS=2 -DD=3 -DQ=3 -DCRASHES=200",
		"-DK=1 -DTHIEF=2", "-DK=2 -DD=2 -DA=2 -DQ=3",
	};
	struct tally tally = { 0 };

	(void)unused;
	if (!have_spin)
		skip();
	for (size_t i = 0; i < sizeof(worlds) / sizeof(worlds[0]); i++)
		for (unsigned seed = 1; seed <= WALKS; seed++)
			walk(model, worlds[i], seed, &tally);
	tell("random walks", &tally);
	for (int row = 1; row <= 6; row++)
		assert_true(tally.rows[row] > 0);
}

static void
random_walks_with_logins_are_alike(void **unused)
{
	static const char *const worlds[] = {
		"-DK=3", "-DK=3 -DD=2 -DQ=4", "-DK=2 -DA=2 -DQ=3 -DCRASHES=200", "-DK=2 -DCAP=5", "-DK=1 -DTHIEF=2",
	};
	struct tally tally = { 0 };

	(void)unused;
	if (!have_spin)
		skip();
	for (size_t i = 0; i < sizeof(worlds) / sizeof(worlds[0]); i++)
		for (unsigned seed = 1; seed <= WALKS / 2; seed++)
			walk(logins, worlds[i], seed, &tally);
	tell("random walks with logins", &tally);
	print_message("# of these %lu while settling, %lu that end what is older; %lu uses by the gate cookie\n", tally.settling,
	    tally.ends_older, tally.uses);
	for (int row = 1; row <= 5; row++)
		assert_true(tally.rows[row] > 0);
	assert_true(tally.settling > 0 && tally.ends_older > 0 && tally.uses > 0);
}

static int
find_model(void **unused)
{
	const char *top = getenv("top_srcdir");
	char path[PATH_MAX];

	(void)unused;
	snprintf(path, sizeof(path), "%s/tests/model/model.pml", top ? top : ".");
	if (realpath(path, model) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/tests/model/logins.pml", top ? top : ".");
	if (realpath(path, logins) == NULL || mkdtemp(scratch) == NULL)
		return -1;
	have_spin = system("command -v spin >/dev/null 2>&1") == 0;
	if (!have_spin)
		print_message("# spin is not installed (apt-get install spin)\n");
	return 0;
}

static int
remove_scratch(void **unused)
{
	char command[sizeof(scratch) + 16];

	(void)unused;
	snprintf(command, sizeof(command), "rm -rf '%s'", scratch);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_decision_of_a_small_domain_is_alike),
		cmocka_unit_test(random_walks_are_alike),
		cmocka_unit_test(random_walks_with_logins_are_alike),
	};

	return cmocka_run_group_tests_name("model and rotate agree", tests, find_model, remove_scratch);
}
