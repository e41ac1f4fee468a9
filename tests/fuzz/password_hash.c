/*
 * Hashes of any origin: an accepted hash has bounded costs before it is computed, and is then
 * computed without error.
 */
#include <string.h>

#include "crypto/password.h"
#include "fuzz.h"

/* The costs that are computed here: higher ones would take the fuzzer's time. */
#define MAX_KIB 1024
#define MAX_WORK_KIB 4096

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct password_cost cheap = { .memory_kib = 64, .passes = 1, .lanes = 1 };
	struct slice hash = { (const char *)bytes, len };
	char copy[PASSWORD_HASH_SIZE];
	struct password_need need;
	enum password_form form = password_look(hash, &need);
	bool good = true, weaker = true;

	MUST((form == PASSWORD_FORM_UNKNOWN) == (need.kind == NULL));
	if (form != PASSWORD_FORM_GOOD)
		return 0;
	MUST(len > 0 && slice_copy(hash, copy, sizeof(copy)) && !slice_has_control(hash));
	MUST(need.memory_kib > 0 && need.memory_kib <= PASSWORD_MAX_MEMORY_KIB);
	MUST(password_weight(&need, &cheap) >= 1);
	if (need.memory_kib > MAX_KIB || need.work_kib > MAX_WORK_KIB)
		return 0;
	MUST(password_verify(SLICE("a password that nobody has"), copy, &cheap, &good, &weaker) == PT_OK);
	MUST(!good && !weaker);
	return 0;
}
