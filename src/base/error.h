/*
 * What can go wrong anywhere in pintle. A failure is a return value of this
 * type; that something is absent is a bool, and that something is refused is a
 * decision of the core. The three never share a channel.
 */
#ifndef PINTLE_BASE_ERROR_H
#define PINTLE_BASE_ERROR_H

enum pt_err {
	PT_OK = 0,
	PT_ERR_NOMEM,	/* memory could not be had */
	PT_ERR_IO,	/* the system refused to read, write or map */
	PT_ERR_CRYPTO,	/* the cryptographic library or the random source failed */
	PT_ERR_INVALID,	/* input is not of the form that it must have */
	PT_ERR_CORRUPT,	/* a stored record does not decode */
	PT_ERR_FULL,	/* the store is full, or so nearly that it takes no more of this */
	PT_ERR_BUSY,	/* no place came free in time: try again later */
	PT_ERR_GONE,	/* nobody waits for the answer any more: nothing was changed */
	PT_ERR_PERM,	/* a file's owner or mode is wider than it may be */
	PT_ERR_SCHEMA,	/* the store was written by another version */
	PT_ERR_FATAL,	/* the store is not to be trusted: the process has to leave */
};

/* One lower-case phrase for err, for logs and the terminal; static. */
const char *pt_err_text(enum pt_err err);

#endif
