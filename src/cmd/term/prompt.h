/* What is asked of the person at the terminal: passwords, without echo, and yes or no. */
#ifndef PINTLE_CMD_TERM_PROMPT_H
#define PINTLE_CMD_TERM_PROMPT_H

#include "base/buf.h"

/*
 * A new password: asked twice where standard input is a terminal, else one line
 * of it. from_stdin: one line of standard input, even from a terminal. Without its
 * new line, otherwise as it came. An exit status; where it is not EXIT_OK the reason was said.
 */
int prompt_password(bool from_stdin, struct buf *out);

/* A password that is there already, somebody's: the same, but asked for once. */
int prompt_known_password(bool from_stdin, struct buf *out);

/* Asks "QUESTION [y/N]" where standard input is a terminal; elsewhere nobody is asked, and the answer is yes. */
bool prompt_confirm(const char *question);

#endif
