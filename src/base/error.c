#include "base/error.h"

const char *
pt_err_text(enum pt_err err)
{
	switch (err) {
	case PT_OK:
		return "no error";
	case PT_ERR_NOMEM:
		return "out of memory";
	case PT_ERR_IO:
		return "input/output error";
	case PT_ERR_CRYPTO:
		return "cryptographic library or random source failed";
	case PT_ERR_INVALID:
		return "malformed input";
	case PT_ERR_CORRUPT:
		return "stored record does not decode";
	case PT_ERR_FULL:
		return "store is full";
	case PT_ERR_BUSY:
		return "busy";
	case PT_ERR_GONE:
		return "nobody waits for the answer";
	case PT_ERR_PERM:
		return "owner or permissions are wrong";
	case PT_ERR_SCHEMA:
		return "store was written by another version";
	case PT_ERR_FATAL:
		return "store is not to be trusted";
	}
	return "unknown error";
}
