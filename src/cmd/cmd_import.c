/* pintle user import: reads users line by line, and adds a few hundred of them in each commit. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/line_reader.h"
#include "base/secret.h"
#include "cmd/move/import_line.h"
#include "cmd/site/site.h"
#include "cmd/term/output.h"
#include "crypto/random.h"
#include "token/otp_secret.h"
#include "worker/exit.h"

#define BATCH 256	/* lines to a commit; a line is reported once it is on disk */

/* What became of a line, as reported to programs; the summary counts them. */
enum fate {
	FATE_REFUSED = 0,
	FATE_ADDED,
	FATE_REPLACED,
	FATE_UNCHANGED,
	FATE_THERE,
	FATE_LEFT_OUT,
	FATE_COUNT
};

static const struct {
	const char *name;	/* for programs */
	const char *text;	/* for people */
	const char *would;	/* the same where nothing is done */
} fates[FATE_COUNT] = {
	[FATE_REFUSED] = { "refused", "not taken", "would not be taken" },
	[FATE_ADDED] = { "added", "added", "would be added" },
	[FATE_REPLACED] = { "replaced", "replaced", "would be replaced" },
	[FATE_UNCHANGED] = { "unchanged", "there already, the same", "is there already, the same" },
	[FATE_THERE] = { "there", "there already, and left as they are",
	    "is there already, and would be left as it is" },
	[FATE_LEFT_OUT] = { "left_out", "left out", "would be left out" },
};

/* A line that waits until its batch is full. */
struct import_entry {
	uint64_t number;
	struct import_line line;
	char name[USER_NAME_SIZE];	/* as it is shown */
};

struct importing {
	const struct site *site;
	struct keyring *ring;	/* NULL until a second factor comes */
	int ring_status;	/* why it could not be opened, said */
	struct import_rules rules;
	bool json, dry, replace, watched;
	struct line_reader *reader;
	struct import_entry *entries;		/* BATCH of them */
	size_t count;
	struct store_newcomer *newcomers;	/* of those entries that are good, in their order */
	size_t newcomer_count;
	/* tree of struct seen: names, and ids after a colon, which no name has */
	void *seen;
	uint64_t fates[FATE_COUNT];
	uint64_t lines;
};

/* ---- names and ids that came before ---- */

struct seen {
	uint64_t number;
	char name[];
};

static int
seen_compare(const void *a, const void *b)
{
	return strcmp(((const struct seen *)a)->name, ((const struct seen *)b)->name);
}

/* The line in which the name came before; 0 if in none, and then it is remembered for this one. */
static enum pt_err
seen_before(struct importing *importing, const char *name, uint64_t number, uint64_t *before)
{
	size_t size = strlen(name) + 1;
	struct seen *here = malloc(sizeof(*here) + size);
	struct seen **found;

	*before = 0;
	if (here == NULL)
		return PT_ERR_NOMEM;
	here->number = number;
	memcpy(here->name, name, size);
	found = tsearch(here, &importing->seen, seen_compare);
	if (found && *found == here)
		return PT_OK;
	if (found)
		*before = (*found)->number;
	free(here);
	return found ? PT_OK : PT_ERR_NOMEM;
}

static void
refuse_again(struct import_line *line, const char *what, uint64_t before, const char *mend)
{
	line->verdict = IMPORT_REFUSED;
	snprintf(line->why, sizeof(line->why), "line %" PRIu64 " has the same %s, and came first",
	    before, what);
	line->mend = mend;
}

/* Each person has one line. The store would notice a repeated id too, but not in a dry run. */
static enum pt_err
check_first(struct importing *importing, struct import_line *line, uint64_t number)
{
	const struct user *user = &line->newcomer.user;
	char id[1 + ID_SIZE];
	uint64_t before;
	enum pt_err err = seen_before(importing, user->name, number, &before);

	if (before != 0)
		refuse_again(line, "name", before,
		    "a name belongs to one person: remove one of the lines");
	if (err != PT_OK || before != 0 || user->sub[0] == '\0')
		return err;
	snprintf(id, sizeof(id), ":%s", user->sub);
	err = seen_before(importing, id, number, &before);
	if (before != 0)
		refuse_again(line, "id", before,
		    "an id belongs to one user: remove it from one of the lines");
	return err;
}

/* ---- reporting ---- */

static void
tell_json(const struct importing *importing, const struct import_entry *entry, enum fate fate)
{
	struct buf text = BUF_EMPTY;
	struct json_writer json = json_writer(&text);

	json_open(&json, NULL);
	json_put_integer(&json, "line", (int64_t)entry->number);
	if (entry->name[0])
		json_put_cstr(&json, "name", entry->name);
	json_put_cstr(&json, "state", fates[fate].name);
	if (entry->line.kind)
		json_put_cstr(&json, "hash", entry->line.kind);
	if (fate == FATE_ADDED || fate == FATE_REPLACED)
		json_put_bool(&json, "disabled", entry->line.newcomer.user.disabled);
	if (entry->line.newcomer.has_otp && (fate == FATE_ADDED || fate == FATE_REPLACED))
		json_put_bool(&json, "otp", true);
	if (entry->line.why[0])
		json_put_cstr(&json, "why", entry->line.why);
	if (entry->line.mend)
		json_put_cstr(&json, "mend", entry->line.mend);
	if (importing->dry)
		json_put_bool(&json, "dry_run", true);
	json_close(&json);
	buf_putc(&text, '\n');
	output_write(buf_slice(&text));
	buf_free(&text);
}

static void
tell_text(const struct importing *importing, const struct import_entry *entry, enum fate fate)
{
	const struct import_line *line = &entry->line;
	struct buf text = BUF_EMPTY;

	buf_printf(&text, "line %" PRIu64 ": ", entry->number);
	if (entry->name[0])
		buf_printf(&text, "%s ", entry->name);
	buf_puts(&text, importing->dry ? fates[fate].would : fates[fate].text);
	if (line->why[0])
		buf_printf(&text, ": %s", line->why);
	else if (line->kind && fate != FATE_THERE)
		buf_printf(&text, " (%s)", line->kind);
	else if (line->kind == NULL && fate == FATE_ADDED)
		buf_puts(&text, " (without a password)");
	if (line->newcomer.has_otp && (fate == FATE_ADDED || fate == FATE_REPLACED))
		buf_puts(&text, ", with a second factor");
	if (line->newcomer.user.disabled && (fate == FATE_ADDED || fate == FATE_REPLACED))
		buf_puts(&text, ", disabled");
	buf_putc(&text, '\n');
	if (line->mend)
		buf_printf(&text, "        %s\n", line->mend);
	output_write(buf_slice(&text));
	buf_free(&text);
}

/* Progress on a terminal: one line, which is overwritten. */
static void
show_progress(const struct importing *importing)
{
	if (!importing->watched)
		return;
	fflush(stdout);
	fprintf(stderr, "\r\033[K%" PRIu64 " lines: %" PRIu64 " added, %" PRIu64 " not taken ...",
	    importing->lines,
	    importing->fates[FATE_ADDED] + importing->fates[FATE_REPLACED],
	    importing->fates[FATE_REFUSED]);
}

static void
clear_progress(const struct importing *importing)
{
	if (importing->watched)
		fputs("\r\033[K", stderr);
}

/* ---- second factors ---- */

/*
 * The id of the user of that name; a newcomer without one gets one here, because the secret is
 * sealed to it.
 */
static enum pt_err
settle_id(struct store *store, struct store_newcomer *newcomer, struct otp *there)
{
	struct user user;
	bool found;
	enum pt_err err = store_user_by_name(store, slice_of(newcomer->user.name), &user, &found);

	if (err == PT_ERR_CORRUPT) {
		found = false;
		err = PT_OK;	/* the store says so again when the line's turn comes */
	}
	if (err == PT_OK && newcomer->user.sub[0] == '\0') {
		if (found)
			memcpy(newcomer->user.sub, user.sub, sizeof(newcomer->user.sub));
		else
			err = random_id(newcomer->user.sub);
	}
	if (err == PT_OK && found)
		err = store_otp_get(store, user.number, there, &found);
	if (err == PT_ERR_CORRUPT)
		err = PT_OK;	/* the store says so again when the line's turn comes */
	secret_wipe(user.password_hash, sizeof(user.password_hash));
	return err;
}

/*
 * Whether the user has the same secret already: then *sealed becomes what the record holds, by
 * which the store recognizes it.
 */
static enum pt_err
is_there(const struct keyring *ring, struct import_line *line, const struct otp *there, bool *same)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	enum pt_err err;

	*same = false;
	if (!there->on)
		return PT_OK;
	err = otp_secret_open(ring, slice_of(line->newcomer.user.sub), there->sealed, secret, same);
	*same = *same && secret_eq(secret, line->otp_secret, sizeof(secret));
	if (*same)
		memcpy(line->newcomer.otp.sealed, there->sealed, sizeof(there->sealed));
	secret_wipe(secret, sizeof(secret));
	return err;
}

static enum pt_err
seal_otp(struct importing *importing, struct import_line *line)
{
	struct store_newcomer *newcomer = &line->newcomer;
	struct otp there = { .on = false };
	bool same = false;
	enum pt_err err;

	if (importing->ring == NULL)
		importing->ring_status = site_open_keys(importing->site, &importing->ring);
	if (importing->ring_status != EXIT_OK)
		return PT_ERR_CRYPTO;
	err = settle_id(importing->site->store, newcomer, &there);
	if (err == PT_OK)
		err = is_there(importing->ring, line, &there, &same);
	if (err == PT_OK && !same)
		err = otp_secret_seal(importing->ring, slice_of(newcomer->user.sub),
		    line->otp_secret, newcomer->otp.sealed);
	secret_wipe(line->otp_secret, sizeof(line->otp_secret));
	return err;
}

/* ---- batches ---- */

static enum fate
fate_of(struct import_entry *entry, const struct store_newcomer *newcomer)
{
	switch (newcomer->arrival) {
	case ARRIVAL_ADDED:
		return FATE_ADDED;
	case ARRIVAL_THERE:
		return FATE_THERE;
	case ARRIVAL_REPLACED:
		return FATE_REPLACED;
	case ARRIVAL_UNCHANGED:
		return FATE_UNCHANGED;
	case ARRIVAL_BROKEN:
		slice_copy(SLICE("the store's record of this name does not decode"),
		    entry->line.why, sizeof(entry->line.why));
		entry->line.mend = "pintle gc --drop-broken removes it";
		return FATE_REFUSED;
	case ARRIVAL_ID_TAKEN:
	case ARRIVAL_NONE:
		break;
	}
	slice_copy(SLICE("its id is or was that of another user, or this user has another id"),
	    entry->line.why, sizeof(entry->line.why));
	entry->line.mend = "leave the id out";
	return FATE_REFUSED;
}

static void
tell_batch(struct importing *importing)
{
	const struct store_newcomer *next = importing->newcomers;

	clear_progress(importing);
	for (size_t i = 0; i < importing->count; i++) {
		struct import_entry *entry = &importing->entries[i];
		enum fate fate = FATE_REFUSED;

		if (entry->line.verdict == IMPORT_GOOD)
			fate = fate_of(entry, next++);
		else if (entry->line.verdict == IMPORT_LEFT_OUT)
			fate = FATE_LEFT_OUT;
		importing->fates[fate]++;
		(importing->json ? tell_json : tell_text)(importing, entry, fate);
	}
	show_progress(importing);
}

/* Writes the batch into the store, and reports it only then. */
static enum pt_err
finish_batch(struct importing *importing)
{
	struct store_caller caller = site_caller();
	struct store *store = importing->site->store;
	enum pt_err err = PT_OK;

	if (importing->newcomer_count > 0)
		err = importing->dry ?
		    store_user_import_try(store, importing->newcomers, importing->newcomer_count,
		    importing->replace) :
		    store_user_import(store, &caller, importing->newcomers,
		    importing->newcomer_count, importing->replace);
	if (err == PT_OK)
		tell_batch(importing);
	importing->count = 0;
	importing->newcomer_count = 0;
	return err;
}

static enum pt_err
take_line(struct importing *importing, const struct line_read *read)
{
	struct import_entry *entry = &importing->entries[importing->count];
	struct import_line *line = &entry->line;
	enum pt_err err = PT_OK;

	*entry = (struct import_entry){ .number = read->number };
	if (read->too_long) {
		snprintf(line->why, sizeof(line->why), "it is longer than %d bytes",
		    LINE_READER_MAX);
	} else {
		import_line_read(read->text, &importing->rules, line);
		slice_copy_printable(line->typed, entry->name, sizeof(entry->name));
	}
	if (line->verdict == IMPORT_NOBODY)
		return PT_OK;
	if (line->verdict == IMPORT_GOOD)
		err = check_first(importing, line, read->number);
	if (err == PT_OK && line->verdict == IMPORT_GOOD && line->newcomer.has_otp)
		err = seal_otp(importing, line);
	if (line->verdict == IMPORT_GOOD)
		importing->newcomers[importing->newcomer_count++] = line->newcomer;
	importing->count++;
	return err;
}

static int
import_lines(struct importing *importing)
{
	struct line_read read = { .end = false };
	enum pt_err err = PT_OK;

	while (err == PT_OK && !read.end) {
		err = line_reader_next(importing->reader, &read);
		if (err != PT_OK)
			break;
		importing->lines = read.end ? importing->lines : read.number;
		if (!read.end)
			err = take_line(importing, &read);
		if (err == PT_OK && (read.end || importing->count == BATCH))
			err = finish_batch(importing);
	}
	clear_progress(importing);
	if (err == PT_OK)
		return EXIT_OK;
	int status = importing->ring_status != EXIT_OK ?
	    importing->ring_status : site_fail("go on with the import", err);

	output_say("what was reported is done; run it again to continue with the rest");
	return status;
}

/* ---- the whole ---- */

static void
tell_summary(const struct importing *importing)
{
	static const enum fate order[] = {
		FATE_ADDED, FATE_REPLACED, FATE_UNCHANGED, FATE_THERE, FATE_LEFT_OUT, FATE_REFUSED,
	};
	const char *before = "";

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		uint64_t count = importing->fates[order[i]];

		if (count == 0 && order[i] != FATE_ADDED && order[i] != FATE_REFUSED)
			continue;
		printf("%s%" PRIu64 " %s", before, count, fates[order[i]].text);
		before = "; ";
	}
	output_line(importing->dry ? ". Nothing was changed." : ".");
}

static int
import_all(struct importing *importing)
{
	int status = EXIT_FAILED;

	importing->entries = calloc(BATCH, sizeof(*importing->entries));
	importing->newcomers = calloc(BATCH, sizeof(*importing->newcomers));
	if (importing->entries && importing->newcomers && importing->reader) {
		status = import_lines(importing);
		if (!importing->json)
			tell_summary(importing);
	} else {
		site_fail("import", PT_ERR_NOMEM);
	}
	if (importing->entries)
		secret_wipe(importing->entries, BATCH * sizeof(*importing->entries));
	if (importing->newcomers)
		secret_wipe(importing->newcomers, BATCH * sizeof(*importing->newcomers));
	free(importing->entries);
	free(importing->newcomers);
	tdestroy(importing->seen, free);
	keyring_free(importing->ring);
	return status == EXIT_OK && importing->fates[FATE_REFUSED] > 0 ? EXIT_FAILED : status;
}

static int
import_from(const struct site *site, const struct arguments *arguments, int fd)
{
	const struct settings *settings = &site->settings;
	struct importing importing = {
		.site = site,
		.rules = {
			.usernames = settings->usernames,
			.slot_kib = settings->password_cost.memory_kib,
			.slots = settings->hashing_slots,
			.groups = slice_of(arguments->value[OPTION_GROUPS]),
			.now_ms = clock_now().wall_ms,
		},
		.json = arguments->value[OPTION_JSON] != NULL,
		.dry = arguments->value[OPTION_DRY_RUN] != NULL,
		.replace = arguments->value[OPTION_REPLACE] != NULL,
		.watched = output_is_watched(),
		.reader = line_reader_new(fd),
	};
	int status = import_all(&importing);

	line_reader_free(importing.reader);
	return status;
}

/* As the caller: the owner of the state folder may not be able to read the file. */
static int
open_input(const char *file, int *fd)
{
	*fd = STDIN_FILENO;
	if (strcmp(file, "-") == 0)
		return EXIT_OK;
	*fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (*fd >= 0)
		return EXIT_OK;
	output_say("cannot read %s: %s", file, strerror(errno));
	return EXIT_FAILED;
}

int
cmd_user_import(const struct arguments *arguments)
{
	struct site site;
	int fd = -1, status = site_check_groups(arguments->value[OPTION_GROUPS]);

	if (status == EXIT_OK)
		status = open_input(arguments->operand[0], &fd);
	if (status != EXIT_OK)
		return status;
	status = site_open(arguments, &site);
	if (status == EXIT_OK) {
		status = import_from(&site, arguments, fd);
		site_close(&site);
	}
	if (fd != STDIN_FILENO)
		close(fd);
	return status;
}
