/*
 * Passwords that are guessed first without being on any list: common words,
 * walks over the keyboard, runs of digits and letters, years and dates, any of
 * them said again, backwards, joined, and with digits and signs around them.
 *
 * A password is taken apart in the way that needs the fewest guesses. What each
 * part costs is counted in tenths of a bit, roughly as whoever guesses would
 * have to try: a word one in a thousand, a walk one in a few dozen, a character
 * that is no part of anything one in all that it could be. Pure.
 */
#ifndef PINTLE_CORE_PASSWORD_PATTERN_H
#define PINTLE_CORE_PASSWORD_PATTERN_H

#include "base/slice.h"

#define PASSWORD_PATTERN_ENOUGH 300	/* tenths of a bit: from here on it is nobody's first guess; four words have more */

/*
 * What the password costs; of what is longer than 128 characters and says nothing again and again,
 * PASSWORD_PATTERN_ENOUGH. lower is in small letters; words has one a line, sorted by bytes, each line ended.
 */
unsigned password_pattern_cost(struct slice lower, struct slice words);

/* Whether it is one that is guessed first. Of digits alone no telephone number, date or number of a card is enough. */
bool password_pattern_is_common(struct slice lower, struct slice words);

#endif
