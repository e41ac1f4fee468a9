/*
 * The rotation rule. The first bytes are any state, token, age and periods; the rule has to keep
 * its promises for every decision. The rest are the steps of one honest browser, one request after
 * another, whose answers get lost as the bytes say: it is never refused, and anyone who copied its
 * token is, once the browser has moved on.
 */
#include <string.h>

#include "core/settling.h"
#include "fuzz.h"

struct any {
	uint32_t cur_serial, cur_nonce, next_serial, serial, nonce;
	int32_t age_ms, settled_ms, hand_out_ms, quiet_ms;
	uint8_t moves;
};

#define BOOT 1
#define NOW_MS INT64_C(100000000000)
#define COPIES 8

/* ---- any state at all ---- */

static bool
same_state(const struct rotation *a, const struct rotation *b)
{
	return a->cur_serial == b->cur_serial && a->cur_nonce == b->cur_nonce && a->next_serial == b->next_serial &&
	    a->moved_at.boot == b->moved_at.boot && a->moved_at.ms == b->moved_at.ms;
}

static void
answers_what_it_may(const struct rotate_decision *out)
{
	MUST(out->rule >= 1 && out->rule <= 6);
	MUST((out->answer == ROTATE_TOKEN) == (out->serial != 0));
	MUST((out->answer == ROTATE_REFUSE) == (out->reason != REASON_NONE));
	MUST(out->answer != ROTATE_ACCESS_ONLY || !out->moved);
	/*
	 * A move goes one beyond what was handed out or presented, and the state keeps what the
	 * move hands out.
	 */
	if (out->moved) {
		MUST(out->answer == ROTATE_TOKEN && out->serial == out->state.next_serial);
		MUST(out->state.next_serial > out->state.cur_serial && out->state.next_serial <= ROTATE_LAST_SERIAL);
	}
}

static void
old_and_foreign_are_refused(const struct rotation *state, struct rotate_presented token, const struct rotate_decision *out)
{
	bool is_cur = token.serial == state->cur_serial && token.nonce == state->cur_nonce;
	bool handed_out = state->next_serial != state->cur_serial;

	if (token.serial < state->next_serial && !is_cur)
		MUST(out->answer == ROTATE_REFUSE && out->reason == REASON_REUSED);
	if (token.serial == state->next_serial && !handed_out && !is_cur)
		MUST(out->answer == ROTATE_REFUSE && out->reason == REASON_REUSED);
	if (token.serial > state->next_serial && token.serial - state->next_serial > ROTATE_MAX_AHEAD)
		MUST(out->answer == ROTATE_REFUSE && out->reason == REASON_TOO_FAR_AHEAD);
}

static void
any_decision_keeps_its_promises(const struct any *any)
{
	const struct stamp now = { BOOT, NOW_MS };
	const struct rotate_periods periods = { any->hand_out_ms & INT32_MAX, any->quiet_ms & INT32_MAX };
	const struct rotate_presented token = { any->serial, any->nonce };
	struct session session = {
		.rotation = { any->cur_serial, any->cur_nonce, any->next_serial, { BOOT, NOW_MS - any->age_ms } },
		.settles_at = { BOOT, NOW_MS - any->settled_ms },
		.moves = any->moves,
	};

	if (any->next_serial < any->cur_serial)
		session.rotation.next_serial = any->cur_serial;
	struct rotate_decision plain = rotate_decide(&session.rotation, token, any->age_ms, now, &periods);
	struct settling_decision out = settling_decide(&session, token, any->age_ms, now, &periods);

	answers_what_it_may(&plain);
	answers_what_it_may(&out.rotate);
	MUST(plain.moved || same_state(&plain.state, &session.rotation));
	MUST(out.rotate.moved || same_state(&out.rotate.state, &session.rotation));
	old_and_foreign_are_refused(&session.rotation, token, &plain);
	/* Settling changes nothing about what is refused, and nothing moves meanwhile. */
	MUST((out.rotate.rule == 6) == (plain.rule == 6));
	MUST(!out.settling || (out.rotate.answer == ROTATE_ACCESS_ONLY && !out.ends_older));
	MUST(!out.ends_older || out.rotate.moved);
	MUST(rotate_alone_life_ms(&periods) >= ROTATE_LEAST_LIFE_MS);
}

/* ---- one browser, and the copies of its token ---- */

static const struct rotate_periods periods = { 1000, 2000 };

struct browser {
	struct session session;		/* as the store has it */
	struct rotate_presented held;
	struct rotate_presented shown[COPIES];	/* tokens that it presented before, newest last */
	unsigned shown_count;
	uint32_t nonce;
	int64_t now_ms;
};

static void
browser_shows(struct browser *browser)
{
	if (browser->shown_count == COPIES)
		memmove(browser->shown, browser->shown + 1, sizeof(browser->shown[0]) * --browser->shown_count);
	browser->shown[browser->shown_count++] = browser->held;
}

/*
 * A step: how much time passes, whether the answer arrives, whether there is a login whose answer
 * is lost.
 */
static void
browser_step(struct browser *browser, uint8_t step)
{
	static const int64_t pauses[] = { 0, 1, 999, 1000, 1001, 2999, 3000, 3001 };
	const struct stamp now = { BOOT, browser->now_ms += pauses[step & 7] };

	if (step & 0x20)
		browser->session.settles_at = now;
	struct settling_decision out = settling_decide(&browser->session, browser->held,
	    now.ms - browser->session.rotation.moved_at.ms, now, &periods);

	MUST(out.rotate.answer != ROTATE_REFUSE);
	MUST(!out.settling || out.rotate.answer == ROTATE_ACCESS_ONLY);
	browser->session.rotation = out.rotate.state;
	browser->session.moves += out.rotate.moved;
	browser_shows(browser);
	if (out.rotate.answer == ROTATE_TOKEN && !(step & 0x18))
		browser->held = (struct rotate_presented){ out.rotate.serial, ++browser->nonce };
}

/* Anyone who presents a copied token is refused once a later one has been presented. */
static void
copies_are_worth_nothing(const struct browser *browser)
{
	const struct stamp now = { BOOT, browser->now_ms };

	for (unsigned i = 0; i < browser->shown_count; i++) {
		if (browser->shown[i].serial >= browser->session.rotation.cur_serial)
			continue;
		struct settling_decision out = settling_decide(&browser->session, browser->shown[i],
		    now.ms - browser->session.rotation.moved_at.ms, now, &periods);

		MUST(out.rotate.answer == ROTATE_REFUSE && out.rotate.reason == REASON_REUSED);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct any any;
	struct browser browser = { .nonce = 1, .now_ms = NOW_MS };

	if (len < sizeof(any))
		return 0;
	memcpy(&any, bytes, sizeof(any));
	any_decision_keeps_its_promises(&any);
	browser.session.rotation = rotate_begin(browser.nonce);
	browser.held = (struct rotate_presented){ 0, browser.nonce };
	for (size_t i = sizeof(any); i < len; i++) {
		browser_step(&browser, bytes[i]);
		copies_are_worth_nothing(&browser);
	}
	return 0;
}
