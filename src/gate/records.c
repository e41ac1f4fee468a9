#include "gate/records.h"

#include <string.h>

#include "gate/input.h"

/* Types of records. <fastcgi.h> defines them too, together with much that is libfcgi's own. */
enum { TYPE_BEGIN = 1, TYPE_ABORT = 2, TYPE_PARAMS = 4, TYPE_STDIN = 5 };

#define RECORD_VERSION 1
#define HEAD_SIZE 8
#define KEEP_CONNECTION 1
/* the longest content that we write: a multiple of eight, so without padding */
#define CONTENT_MAX 65528

void
records_init(struct records *records, bool keeps)
{
	memset(records, 0, sizeof(*records));
	records->keeps = keeps;
	records->plain = true;
}

void
records_free(struct records *records)
{
	buf_free(&records->params);
	buf_free(&records->body);
}

/* ---- names and values ---- */

/*
 * A length is complete: it is the name's or the value's, by where it stands. False if no request
 * has such a length.
 */
static bool
pairs_take_length(struct records_pairs *pairs, size_t len)
{
	if (len > RECORDS_MAX_PARAMS)
		return false;
	if (!pairs->value)
		pairs->name = len;
	else
		pairs->skip = pairs->name + len;
	pairs->value = !pairs->value;
	pairs->have = 0;
	return true;
}

/*
 * One byte of a length: a byte below 128 is the whole length, any other begins one of four bytes.
 */
static bool
pairs_take_byte(struct records_pairs *pairs, uint8_t byte)
{
	const uint8_t *b = pairs->length;

	pairs->length[pairs->have++] = byte;
	if (b[0] < 0x80)
		return pairs_take_length(pairs, b[0]);
	if (pairs->have < sizeof(pairs->length))
		return true;
	return pairs_take_length(pairs, (size_t)(b[0] & 0x7f) << 24 | (size_t)b[1] << 16 |
	    (size_t)b[2] << 8 | b[3]);
}

static bool
pairs_feed(struct records_pairs *pairs, struct slice bytes)
{
	pairs->seen += bytes.len;
	if (pairs->seen > RECORDS_MAX_PARAMS)
		return false;
	while (bytes.len > 0) {
		size_t part = 1;

		if (pairs->skip > 0) {
			part = pairs->skip < bytes.len ? pairs->skip : bytes.len;
			pairs->skip -= part;
		} else if (!pairs_take_byte(pairs, (uint8_t)bytes.ptr[0]))
			return false;
		bytes = slice_skip(bytes, part);
	}
	return true;
}

/* ---- records ---- */

static unsigned
head_number(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* A record of no request, or of another, is skipped; but no second request may begin. */
static bool
records_is_foreign(const struct records *records)
{
	unsigned id = head_number(records->head + 2);

	return id == 0 || (records->part != RECORDS_AT_BEGIN && id != records->id &&
	    records->head[1] != TYPE_BEGIN);
}

/* A record's head is complete. False if no such record may come here. */
static bool
records_take_head(struct records *records)
{
	unsigned type = records->head[1];

	if (records->head[0] != RECORD_VERSION)
		return false;
	records->content = head_number(records->head + 4);
	records->padding = records->head[6];
	if (records_is_foreign(records)) {
		records->plain = false;
		return true;
	}
	switch (records->part) {
	case RECORDS_AT_BEGIN:
		records->id = head_number(records->head + 2);
		return records->id != 0 && type == TYPE_BEGIN &&
		    records->content == sizeof(records->begin);
	case RECORDS_AT_PARAMS:
		return type == TYPE_PARAMS;
	case RECORDS_AT_BODY:
		return type == TYPE_STDIN || type == TYPE_ABORT;
	case RECORDS_AT_END:
		return false;
	}
	return false;
}

static void
records_keep(const struct records *records, struct buf *to, struct slice bytes, size_t most)
{
	if (!records->keeps || to->len >= most)
		return;
	if (bytes.len > most - to->len)
		bytes.len = most - to->len;
	buf_put(to, bytes);
}

/* Some of a record's content. */
static bool
records_take_content(struct records *records, struct slice bytes)
{
	if (records_is_foreign(records))
		return true;
	switch (records->part) {
	case RECORDS_AT_BEGIN:
		memcpy(records->begin + records->begin_len, bytes.ptr, bytes.len);
		records->begin_len += (unsigned)bytes.len;
		return true;
	case RECORDS_AT_PARAMS:
		records_keep(records, &records->params, bytes, RECORDS_MAX_PARAMS);
		return pairs_feed(&records->pairs, bytes);
	case RECORDS_AT_BODY:
		records_keep(records, &records->body, bytes, WEB_MAX_BODY + 1);
		records->body_len += bytes.len;
		/* What will be refused is not read for ever. */
		if (records->body_len > GATE_DRAIN_MAX)
			records->part = RECORDS_AT_END;
		return true;
	case RECORDS_AT_END:
		return true;
	}
	return false;
}

/* A record is complete, with its padding. */
static bool
records_take_end(struct records *records)
{
	bool empty = head_number(records->head + 4) == 0;

	records->head_len = 0;
	if (records_is_foreign(records))
		return true;
	switch (records->part) {
	case RECORDS_AT_BEGIN:
		records->role = head_number(records->begin);
		records->peer_keeps = records->begin[2] & KEEP_CONNECTION;
		records->part = RECORDS_AT_PARAMS;
		/* As in libfcgi, a role that does not exist is no request. */
		return records->role >= ROLE_RESPONDER && records->role <= ROLE_FILTER;
	case RECORDS_AT_PARAMS:
		if (!empty)
			return true;
		/* Apache neither begins nor ends the body stream of a request to an authorizer. */
		records->part = records->role == ROLE_AUTHORIZER ? RECORDS_AT_END : RECORDS_AT_BODY;
		/* The parameters may end here only if no length, name or value is incomplete. */
		return records->pairs.skip == 0 && records->pairs.have == 0 &&
		    !records->pairs.value;
	case RECORDS_AT_BODY:
		records->ended = empty && records->head[1] == TYPE_STDIN;
		if (empty || records->head[1] == TYPE_ABORT)
			records->part = RECORDS_AT_END;
		return true;
	case RECORDS_AT_END:
		return true;
	}
	return false;
}

/* One step over bytes of the same kind. Returns how many it took. */
static size_t
records_step(struct records *records, struct slice bytes, bool *good)
{
	size_t part = 0;

	if (records->head_len < HEAD_SIZE) {
		part = HEAD_SIZE - records->head_len < bytes.len ?
		    HEAD_SIZE - records->head_len : bytes.len;
		memcpy(records->head + records->head_len, bytes.ptr, part);
		records->head_len += (unsigned)part;
		if (records->head_len == HEAD_SIZE)
			*good = records_take_head(records);
	} else if (records->content > 0) {
		part = records->content < bytes.len ? records->content : bytes.len;
		*good = records_take_content(records, (struct slice){ bytes.ptr, part });
		records->content -= part;
	} else {
		part = records->padding < bytes.len ? records->padding : bytes.len;
		records->padding -= part;
	}
	if (*good && records->head_len == HEAD_SIZE && records->content == 0 &&
	    records->padding == 0)
		*good = records_take_end(records);
	return part;
}

enum records_state
records_feed(struct records *records, struct slice bytes, size_t *used)
{
	bool good = true;

	*used = 0;
	while (good && *used < bytes.len && records->part != RECORDS_AT_END)
		*used += records_step(records, slice_skip(bytes, *used), &good);
	if (!good || buf_status(&records->params) != PT_OK || buf_status(&records->body) != PT_OK)
		return RECORDS_BROKEN;
	return records->part == RECORDS_AT_END ? RECORDS_WHOLE : RECORDS_MORE;
}

bool
records_have_params(const struct records *records)
{
	return records->part == RECORDS_AT_BODY || records->part == RECORDS_AT_END;
}

/* Cuts a length off the front of complete pairs. */
static size_t
pairs_cut_length(struct slice *pairs)
{
	const uint8_t *b = (const uint8_t *)pairs->ptr;
	size_t len = b[0];

	if (len < 0x80) {
		*pairs = slice_skip(*pairs, 1);
		return len;
	}
	len = (size_t)(b[0] & 0x7f) << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
	*pairs = slice_skip(*pairs, 4);
	return len;
}

struct slice
records_param(const struct records *records, struct slice name)
{
	struct slice rest = buf_slice(&records->params), found = { NULL, 0 };

	while (records_have_params(records) && rest.len > 0) {
		size_t name_len = pairs_cut_length(&rest), value_len = pairs_cut_length(&rest);
		struct slice this = { rest.ptr, name_len };

		rest = slice_skip(rest, name_len);
		if (slice_eq(this, name))
			found = (struct slice){ rest.ptr, value_len };
		rest = slice_skip(rest, value_len);
	}
	return found;
}

/* ---- writing the request again ---- */

static void
put_record(struct buf *out, const struct records *records, unsigned type, struct slice content)
{
	const uint8_t head[HEAD_SIZE] = { RECORD_VERSION, (uint8_t)type,
	    (uint8_t)(records->id >> 8), (uint8_t)records->id,
		(uint8_t)(content.len >> 8), (uint8_t)content.len };

	buf_append(out, head, sizeof(head));
	buf_put(out, content);
}

/* A whole stream and its end. */
static void
put_stream(struct buf *out, const struct records *records, unsigned type, struct slice bytes)
{
	while (bytes.len > 0) {
		size_t part = bytes.len < CONTENT_MAX ? bytes.len : CONTENT_MAX;

		put_record(out, records, type, (struct slice){ bytes.ptr, part });
		bytes = slice_skip(bytes, part);
	}
	put_record(out, records, type, SLICE(""));
}

void
records_put(const struct records *records, struct buf *out)
{
	put_record(out, records, TYPE_BEGIN,
	    (struct slice){ (const char *)records->begin, sizeof(records->begin) });
	put_stream(out, records, TYPE_PARAMS, buf_slice(&records->params));
	if (records->role != ROLE_AUTHORIZER)
		put_stream(out, records, TYPE_STDIN, buf_slice(&records->body));
}
