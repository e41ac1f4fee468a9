/* Formats values for the configurations of web servers and gateways. */
#ifndef PINTLE_CMD_PRINT_SHOW_H
#define PINTLE_CMD_PRINT_SHOW_H

#include "base/buf.h"
#include "conf/units.h"

/* A yes-or-no field: no is the empty slice, since templates test whether a field is empty. */
struct slice show_flag(bool on);

/* Writes number in digits to text. */
struct slice show_number(int64_t number, char text[UNITS_TEXT_SIZE]);

/* Appends a plain text as a regular expression that matches exactly that text. */
void show_pattern(struct slice text, struct buf *out);

/*
 * Splits "HOST:PORT"; a missing port is the default one. The brackets of an IPv6 address are
 * removed. NULL gives two empty slices.
 */
void show_address(const char *address, const char *usual, struct slice *host, struct slice *port);

#endif
