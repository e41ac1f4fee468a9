/*
 * The configuration file: found, read (inih), checked setting by setting and then as a whole.
 * Either the whole file is good, or nothing starts.
 */
#ifndef PINTLE_CONF_CONFIG_H
#define PINTLE_CONF_CONFIG_H

#include "base/buf.h"
#include "conf/guards.h"
#include "conf/settings.h"

/*
 * The file's path: the one after --config (NULL if there is none), else $PINTLE_CONFIG, else
 * /etc/pintle/pintle.conf.
 */
const char *config_path(const char *named);

/*
 * Reads the file into *out and *guards (NULL: they are checked, not kept). On PT_OK free them with
 * config_free and guards_free. Otherwise problem holds one sentence for the person: "FILE:LINE:
 * what is wrong". PT_ERR_IO if the file cannot be read, PT_ERR_INVALID if something in it is wrong.
 */
enum pt_err config_load(const char *path, struct settings *out, struct guards *guards,
    struct buf *problem);

/* The same from text; file is the name for problem. */
enum pt_err config_parse(const char *file, struct slice text, struct settings *out,
    struct guards *guards, struct buf *problem);

/* Frees what the settings own, and zeroes them. */
void config_free(struct settings *settings);

#endif
