/* How values are shown in what is printed for web servers and gateways. */
#ifndef PINTLE_CMD_PRINT_SHOW_H
#define PINTLE_CMD_PRINT_SHOW_H

#include "base/buf.h"
#include "conf/units.h"

/* A field that says yes or no: no is the empty slice, since a template asks whether a field is empty. */
struct slice show_flag(bool on);

/* number in digits, in text. */
struct slice show_number(int64_t number, char text[UNITS_TEXT_SIZE]);

/* Appends a plain text as a regular expression that means just that text. */
void show_pattern(struct slice text, struct buf *out);

/*
 * Splits "HOST:PORT"; without a port it is the usual one. An IPv6 address goes without its brackets.
 * NULL gives two empty slices.
 */
void show_address(const char *address, const char *usual, struct slice *host, struct slice *port);

#endif
