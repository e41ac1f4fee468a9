/*
 * Passwords that attackers guess early although no list has them: common words, walks over the
 * keyboard, runs of digits and letters, years and dates; all of these repeated, backwards, joined,
 * and with digits and signs around them. See DESIGN.md, Passwords are taken apart.
 *
 * A password is split in the way that needs the fewest guesses. The cost of each part is counted in
 * tenths of a bit, roughly what an attacker would have to try: a word is one of a thousand, a walk
 * one of a few dozen, any other character one of all that it could be. Pure.
 */
#ifndef PINTLE_CORE_PASSWORD_PATTERN_H
#define PINTLE_CORE_PASSWORD_PATTERN_H

#include "base/slice.h"

/* tenths of a bit: nobody guesses this early; four words have more */
#define PASSWORD_PATTERN_ENOUGH 300

/*
 * The cost of the password; PASSWORD_PATTERN_ENOUGH if it is longer than 128 characters and no mere
 * repetition. lower is in lower case; words has one word on each line, sorted by bytes, and the
 * last line ends too.
 */
unsigned password_pattern_cost(struct slice lower, struct slice words);

/*
 * Whether the password is guessed early. Digits alone are, if they could be a telephone number, a
 * date or a card number.
 */
bool password_pattern_is_common(struct slice lower, struct slice words);

#endif
