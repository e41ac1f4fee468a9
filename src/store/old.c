/* The old forms of rows and entries, where each call returns its own error, until the last of them is asked for. */
#include "store/internal.h"

#include <string.h>

#include "store/device.h"
#include "store/end.h"
#include "store/rows/counters.h"
#include "store/rows/device_row.h"
#include "store/rows/link_row.h"
#include "store/rows/meta_row.h"
#include "store/rows/otp_row.h"
#include "store/rows/row_entry.h"
#include "store/rows/service_row.h"
#include "store/rows/session_row.h"
#include "store/rows/status_row.h"
#include "store/rows/user_row.h"
#include "store/session_standing.h"

/* A transaction of its own for one call: its error is returned and not kept. */
static struct store_txn
alone(const struct store_txn *txn)
{
	struct store_txn one = *txn;

	one.err = PT_OK;
	return one;
}

enum pt_err
table_get(const struct store_txn *txn, enum table table, const struct key *key, struct slice *value, bool *found)
{
	struct store_txn one = alone(txn);

	*found = entry_get(&one, table, key, value);
	return one.err;
}

enum pt_err
table_put(struct store_txn *txn, enum table table, const struct key *key, struct slice value)
{
	struct store_txn one = alone(txn);

	entry_put(&one, table, key, value);
	txn->writes = one.writes;
	return one.err;
}

enum pt_err
table_get_number(const struct store_txn *txn, enum table table, const struct key *key, uint64_t *number, bool *found)
{
	struct store_txn one = alone(txn);

	*found = entry_get_number(&one, table, key, number);
	return one.err;
}

enum pt_err
table_put_number(struct store_txn *txn, enum table table, const struct key *key, uint64_t number)
{
	struct store_txn one = alone(txn);

	entry_put_number(&one, table, key, number);
	txn->writes = one.writes;
	return one.err;
}

enum pt_err
table_del(struct store_txn *txn, enum table table, const struct key *key)
{
	struct store_txn one = alone(txn);

	entry_del(&one, table, key);
	txn->writes = one.writes;
	return one.err;
}

enum pt_err
table_ceil(const struct store_txn *txn, enum table table, const struct key *from, struct key *at,
    struct slice *value, bool *found)
{
	struct store_txn one = alone(txn);

	*found = entry_ceil(&one, table, from, at, value);
	return one.err;
}

enum pt_err
table_each(const struct store_txn *txn, enum table table, const struct key *from,
    bool (*visit)(const struct key *at, struct slice value, void *ctx), void *ctx)
{
	struct store_txn one = alone(txn);

	entry_each(&one, table, from, visit, ctx);
	return one.err;
}

enum pt_err
table_next(const struct store_txn *txn, enum table table, const struct key *prefix, uint64_t from, uint64_t *number,
    bool *found)
{
	struct store_txn one = alone(txn);

	*found = entry_next(&one, table, prefix, from, number);
	return one.err;
}

enum pt_err
table_prev(const struct store_txn *txn, enum table table, const struct key *prefix, uint64_t upto, uint64_t *number,
    bool *found)
{
	struct store_txn one = alone(txn);

	*found = entry_prev(&one, table, prefix, upto, number);
	return one.err;
}

enum pt_err
table_count(const struct store_txn *txn, enum table table, uint64_t *count)
{
	struct store_txn one = alone(txn);

	*count = entry_count(&one, table);
	return one.err;
}

enum pt_err
table_pages(const struct store_txn *txn, enum table table, uint64_t *pages)
{
	struct store_txn one = alone(txn);

	*pages = entry_pages(&one, table);
	return one.err;
}

#define ALONE_WRITE(call) \
	struct store_txn one = alone(txn); \
	call; \
	txn->writes = one.writes; \
	return one.err

#define ALONE_LOOK(look) \
	struct store_txn one = alone(txn); \
	enum row_look got = look; \
	*found = got != ROW_NONE; \
	return got == ROW_BROKEN ? PT_ERR_CORRUPT : one.err

#define ALONE_READ(read) \
	struct store_txn one = alone(txn); \
	*found = read; \
	return one.err

enum pt_err
meta_counters(const struct store_txn *txn, struct counters *out)
{
	struct store_txn one = alone(txn);

	counters_get(&one, out);
	return one.err;
}

enum pt_err
meta_set_counters(struct store_txn *txn, const struct counters *counters)
{
	ALONE_WRITE(counters_put(&one, counters));
}

enum pt_err
meta_format(const struct store_txn *txn, struct store_format *out)
{
	struct store_txn one = alone(txn);

	meta_row_format(&one, out);
	return one.err;
}

enum pt_err
meta_set_format(struct store_txn *txn)
{
	ALONE_WRITE(meta_row_set_format(&one));
}

enum pt_err
meta_create(struct store_txn *txn)
{
	ALONE_WRITE(meta_row_set_format(&one); counters_create(&one));
}

enum pt_err
user_get(const struct store_txn *txn, uint64_t number, struct user *out, bool *found)
{
	ALONE_LOOK(user_row_look(&one, number, out));
}

enum pt_err
user_put(struct store_txn *txn, const struct user *user)
{
	ALONE_WRITE(user_row_put(&one, user));
}

enum pt_err
user_by_name(const struct store_txn *txn, struct slice name, struct user *out, bool *found)
{
	ALONE_LOOK(user_row_look_by_name(&one, name, out));
}

enum pt_err
otp_get(const struct store_txn *txn, uint64_t user_number, struct otp *out, bool *found)
{
	ALONE_LOOK(otp_row_look(&one, user_number, out));
}

enum pt_err
otp_put(struct store_txn *txn, const struct otp *otp)
{
	ALONE_WRITE(otp_row_put(&one, otp));
}

enum pt_err
otp_del(struct store_txn *txn, uint64_t user_number)
{
	ALONE_WRITE(otp_row_del(&one, user_number));
}

enum pt_err
link_get(const struct store_txn *txn, uint64_t user_number, struct link *out, bool *found)
{
	ALONE_LOOK(link_row_look(&one, user_number, out));
}

enum pt_err
link_put(struct store_txn *txn, const struct link *link)
{
	ALONE_WRITE(link_row_put(&one, link));
}

enum pt_err
link_del(struct store_txn *txn, uint64_t user_number)
{
	ALONE_WRITE(link_row_del(&one, user_number));
}

enum pt_err
service_get(const struct store_txn *txn, const struct key *name, struct service *out, bool *found)
{
	ALONE_LOOK(service_row_look(&one, (struct slice){ (const char *)name->bytes, name->len }, out));
}

enum pt_err
old_session_row_get(const struct store_txn *txn, uint64_t number, struct session_row *out, bool *found)
{
	ALONE_LOOK(session_row_look(&one, number, out));
}

enum pt_err
old_session_row_next(const struct store_txn *txn, enum table table, const struct key *prefix, uint64_t *from,
    struct session_row *row, bool *found)
{
	struct store_txn one = alone(txn);
	struct session_walk walk = { .of = SESSIONS_ALL, .from = *from };

	if (table == TABLE_USER_SESSIONS) {
		walk.of = SESSIONS_OF_USER;
		walk.user_number = key_get_u64(prefix->bytes);
	} else if (table == TABLE_DEVICES) {
		walk.of = SESSIONS_OF_BROWSER;
		memcpy(walk.device_hash, prefix->bytes, DIGEST_LEN);
	}
	*found = session_row_next(&one, &walk, row);
	*from = walk.from;
	return one.err;
}

enum pt_err
old_session_row_by_sid(const struct store_txn *txn, struct slice sid, struct session_row *out, bool *found)
{
	ALONE_READ(session_row_by_sid(&one, sid, out));
}

enum pt_err
old_session_row_put(struct store_txn *txn, struct session_row *row)
{
	ALONE_WRITE(session_row_put(&one, row));
}

enum pt_err
old_session_row_remove(struct store_txn *txn, const struct session_row *row)
{
	ALONE_WRITE(session_row_remove(&one, row));
}

enum pt_err
old_session_row_file(struct store_txn *txn, struct session_row *row)
{
	ALONE_WRITE(session_row_file(&one, row));
}

enum pt_err
old_session_row_end(struct store_txn *txn, const struct store_caller *caller, struct session_row *row,
    enum reason reason, uint32_t rule_row)
{
	ALONE_WRITE(session_end(&one, caller, row, reason, rule_row));
}

enum pt_err
old_session_row_end_all(struct store_txn *txn, const struct store_caller *caller, uint64_t user_number,
    uint64_t keep, enum reason reason, uint64_t *count)
{
	ALONE_WRITE(*count += session_end_all(&one, caller, user_number, keep, reason));
}

enum pt_err
old_session_row_standing(const struct store_txn *txn, const struct session *session, struct instant now,
    struct user *user, enum reason *standing)
{
	struct store_txn one = alone(txn);

	if (!session_standing_look(&one, session, now, user, standing))
		return PT_ERR_CORRUPT;
	return one.err;
}

enum pt_err
status_end(struct store_txn *txn, const struct session *session, int64_t now_ms)
{
	ALONE_WRITE(status_row_end(&one, session, now_ms));
}

enum pt_err
device_forget_all(struct store_txn *txn, uint64_t user_number)
{
	ALONE_WRITE(device_row_forget_all(&one, user_number));
}

enum pt_err
device_remember(struct store_txn *txn, uint64_t user_number, const uint8_t device_hash[DIGEST_LEN], int64_t now_ms)
{
	ALONE_WRITE(device_use(&one, user_number, device_hash, now_ms));
}

enum pt_err
service_put(struct store_txn *txn, const struct service *service)
{
	ALONE_WRITE(service_row_put(&one, service));
}
