/*
 * What can fail anywhere in pintle. A failure is a value of this type, absence is a bool, and a
 * refusal is a decision. The three never share a channel.
 */
#ifndef PINTLE_BASE_ERROR_H
#define PINTLE_BASE_ERROR_H

enum pt_err {
	PT_OK = 0,
	PT_ERR_NOMEM,	/* out of memory */
	PT_ERR_IO,	/* the system refused to read, write or map */
	PT_ERR_CRYPTO,	/* the cryptographic library or the random source failed */
	PT_ERR_INVALID,	/* input does not have its required form */
	PT_ERR_CORRUPT,	/* a stored record does not decode */
	PT_ERR_FULL,	/* the store is full, or too full for this kind of change */
	PT_ERR_BUSY,	/* nothing came free in time: try again later */
	PT_ERR_GONE,	/* nobody waits for the answer any longer: nothing was changed */
	PT_ERR_PERM,	/* a file's owner or mode gives others access */
	PT_ERR_SCHEMA,	/* the store was written by another version */
	PT_ERR_FATAL,	/* the store cannot be trusted: the process must exit */
};

/* One lower-case phrase for err, for logs and the terminal; static. */
const char *pt_err_text(enum pt_err err);

#endif
