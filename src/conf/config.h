/*
 * The configuration file: found, read (inih), checked setting by setting and
 * then as a whole. It is good to the last line, or nothing starts.
 */
#ifndef PINTLE_CONF_CONFIG_H
#define PINTLE_CONF_CONFIG_H

#include "base/buf.h"
#include "conf/guards.h"
#include "conf/settings.h"

/* Where the file is: what --config named (NULL if nothing), else $PINTLE_CONFIG, else /etc/pintle/pintle.conf. */
const char *config_path(const char *named);

/*
 * Reads the file into *out and *guards (NULL: they are checked, not kept), which are
 * yours, for config_free and guards_free, on PT_OK only. Otherwise
 * problem holds one sentence for the person: "FILE:LINE: what is wrong".
 * PT_ERR_IO where the file cannot be read, PT_ERR_INVALID where something in it is wrong.
 */
enum pt_err config_load(const char *path, struct settings *out, struct guards *guards, struct buf *problem);

/* The same from text; file is what the problem names. */
enum pt_err config_parse(const char *file, struct slice text, struct settings *out, struct guards *guards, struct buf *problem);

/* Releases what the settings own, and zeroes them. */
void config_free(struct settings *settings);

#endif
