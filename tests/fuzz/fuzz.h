/*
 * A fuzz target is one file: it hands the bytes to a parser and holds it to
 * its promises. Linked with replay.c it replays its corpus in the ordinary test
 * run; linked with libFuzzer it looks for bytes that break a promise (README.md).
 */
#ifndef PINTLE_TESTS_FUZZ_H
#define PINTLE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The target. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A promise. One that is broken ends the process, as a fuzzer wants it. */
#define MUST(promise) \
	do { \
		if (!(promise)) { \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #promise); \
			abort(); \
		} \
	} while (0)

#endif
