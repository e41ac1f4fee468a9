/* Asks the person at the terminal: for passwords, without echo, and for yes or no. */
#ifndef PINTLE_CMD_TERM_PROMPT_H
#define PINTLE_CMD_TERM_PROMPT_H

#include "base/buf.h"

/*
 * Gets a new password: asks twice if standard input is a terminal, otherwise reads one line of it.
 * from_stdin: reads one line of standard input even from a terminal. The newline is removed,
 * nothing else changed. Returns an exit status; unless it is EXIT_OK the reason has been printed.
 */
int prompt_password(bool from_stdin, struct buf *out);

/* Gets an existing password: the same, but asks once. */
int prompt_known_password(bool from_stdin, struct buf *out);

/*
 * Asks "QUESTION [y/N]" if standard input is a terminal; otherwise the answer is yes without
 * asking.
 */
bool prompt_confirm(const char *question);

#endif
