/*
 * A request as it comes over FastCGI: records of any kind, cut anywhere (as the first byte says),
 * which become parameters, and an answer. The same bytes are the same request however they are cut,
 * and after they are written again; nothing that a stranger sends opens anything.
 */
#include <string.h>

#include "gate/input.h"
#include "gate/records.h"
#include "house.h"

#define TEXTS_MAX 512

/* Feeds the bytes in pieces. */
static enum records_state
feed(struct records *records, struct slice bytes, size_t piece, size_t *used)
{
	enum records_state state = RECORDS_MORE;

	*used = 0;
	records_init(records, true);
	while (state == RECORDS_MORE && *used < bytes.len) {
		struct slice part = slice_skip(bytes, *used);
		size_t took;

		if (part.len > piece)
			part.len = piece;
		state = records_feed(records, part, &took);
		MUST(took <= part.len && (state != RECORDS_MORE || took == part.len));
		*used += took;
	}
	MUST(records->params.len <= RECORDS_MAX_PARAMS && records->body.len <= WEB_MAX_BODY + 1);
	return state;
}

/* In one piece or in many, and written again by ourselves. */
static void
same_however_it_comes(const struct records *whole, struct slice bytes, size_t used)
{
	struct records all, again;
	struct buf text = BUF_EMPTY;
	size_t used_all;

	MUST(feed(&all, bytes, bytes.len, &used_all) == RECORDS_WHOLE && used_all == used);
	records_put(whole, &text);
	MUST(feed(&again, buf_slice(&text), text.len, &used_all) == RECORDS_WHOLE && used_all == text.len);
	MUST(slice_eq(buf_slice(&all.params), buf_slice(&whole->params)));
	MUST(slice_eq(buf_slice(&again.params), buf_slice(&whole->params)));
	MUST(whole->role == ROLE_AUTHORIZER || slice_eq(buf_slice(&again.body), buf_slice(&whole->body)));
	records_free(&all);
	records_free(&again);
	buf_free(&text);
}

static size_t
take_length(struct slice *pairs)
{
	const uint8_t *b = (const uint8_t *)pairs->ptr;
	size_t size = b[0] < 0x80 ? 1 : 4;
	size_t len = size == 1 ? b[0] : (size_t)(b[0] & 0x7f) << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];

	MUST(pairs->len >= size);
	*pairs = slice_skip(*pairs, size);
	return len;
}

/* "NAME=VALUE", as libfcgi makes it of each parameter; returns how many there were. */
static size_t
texts_of(struct slice pairs, char *texts[TEXTS_MAX + 1])
{
	size_t count = 0;

	while (pairs.len > 0 && count < TEXTS_MAX) {
		size_t name = take_length(&pairs), value = take_length(&pairs);

		MUST(name <= pairs.len && value <= pairs.len - name);
		texts[count] = malloc(name + value + 2);
		MUST(texts[count] != NULL);
		memcpy(texts[count], pairs.ptr, name);
		texts[count][name] = '=';
		memcpy(texts[count] + name + 1, pairs.ptr + name, value);
		texts[count][name + 1 + value] = '\0';
		count++;
		pairs = slice_skip(pairs, name + value);
	}
	texts[count] = NULL;
	return count;
}

/*
 * A yes is given only for open places, for addresses in no place, and for preflights, if the server
 * itself says so.
 */
static bool
yes_is_no_harm(const struct web_request *request)
{
	struct slice mode = web_param(request, "PINTLE_MODE"), method = web_param(request, "REQUEST_METHOD");

	return slice_starts(web_param(request, "PINTLE_PLACE"), SLICE("/open/")) || slice_eq(mode, SLICE("forward")) ||
	    slice_eq(method, SLICE("OPTIONS")) || web_param(request, "PINTLE_METHOD").len > 0;
}

static void
stranger_is_answered(const struct records *records)
{
	char *texts[TEXTS_MAX + 1];
	struct web_param params[WEB_MAX_PARAMS];
	size_t count = texts_of(buf_slice(&records->params), texts);
	struct web_request request = {
		.role = records->role == ROLE_AUTHORIZER ? WEB_AUTHORIZER : WEB_RESPONDER,
		.accepted = clock_now(),
	};
	struct web_response response;

	if (gate_input_params(&request, params, texts, false)) {
		MUST(web_param(&request, "REMOTE_USER").ptr == NULL && web_param(&request, "REMOTE_PASSWD").ptr == NULL);
		request.body_state = gate_input_body(&request, records->body_len, records->ended);
		if (request.body_state == WEB_BODY_WHOLE)
			request.body = buf_slice(&records->body);
		/* A broken demand or mode is the server's own fault: 500. */
		house_ask(&request, 500, &response);
		bool guarded = request.role == WEB_AUTHORIZER || web_param(&request, "PINTLE_MODE").ptr != NULL;

		MUST(!guarded || response.status >= 300 || yes_is_no_harm(&request));
		web_response_free(&response);
	}
	while (count > 0)
		free(texts[--count]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct records records;
	struct slice rest = { (const char *)bytes, len };
	size_t used;

	if (len < 2)
		return 0;
	rest = slice_skip(rest, 1);
	if (feed(&records, rest, 1 + bytes[0], &used) == RECORDS_WHOLE) {
		same_however_it_comes(&records, rest, used);
		stranger_is_answered(&records);
	}
	records_free(&records);
	return 0;
}
