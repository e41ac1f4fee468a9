#include "cmd/term/json_list.h"

#include "cmd/term/output.h"

#define BATCH 65536	/* bytes */

void
json_list_begin(struct json_list *list, const char *name)
{
	list->text = BUF_EMPTY;
	list->json = json_writer(&list->text);
	json_open(&list->json, NULL);
	json_open_array(&list->json, name);
}

static void
json_list_send(struct json_list *list)
{
	output_check(&list->text);
	output_write(buf_slice(&list->text));
	buf_clear(&list->text);
}

void
json_list_next(struct json_list *list)
{
	if (list->text.len >= BATCH)
		json_list_send(list);
}

void
json_list_end(struct json_list *list)
{
	json_close_array(&list->json);
	json_close(&list->json);
	buf_putc(&list->text, '\n');
	json_list_send(list);
	buf_free(&list->text);
}
