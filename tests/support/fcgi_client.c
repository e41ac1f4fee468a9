#include "support/fcgi_client.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define RECORD_MAX 65535

void
client_record(struct buf *out, unsigned type, const void *bytes, size_t len)
{
	const unsigned char header[8] = { 1, (unsigned char)type, 0, 1, (unsigned char)(len >> 8),
		(unsigned char)(len & 0xff), 0, 0 };

	buf_append(out, header, sizeof(header));
	buf_append(out, bytes, len);
}

void
client_begin(struct buf *out, unsigned role, bool keep)
{
	const unsigned char body[8] = { 0, (unsigned char)role, keep };

	client_record(out, FCGI_BEGIN, body, sizeof(body));
}

static void
client_length(struct buf *out, size_t len)
{
	if (len < 128) {
		buf_putc(out, (char)len);
		return;
	}
	buf_putc(out, (char)(0x80 | len >> 24));
	buf_putc(out, (char)(len >> 16));
	buf_putc(out, (char)(len >> 8));
	buf_putc(out, (char)len);
}

void
client_param(struct buf *out, const char *name, const char *value)
{
	client_length(out, strlen(name));
	client_length(out, strlen(value));
	buf_puts(out, name);
	buf_puts(out, value);
}

static void
client_stream(struct buf *out, unsigned type, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t part = len < RECORD_MAX ? len : RECORD_MAX;

		client_record(out, type, bytes, part);
		bytes += part;
		len -= part;
	}
}

void
client_params(struct buf *out, const struct buf *pairs)
{
	client_stream(out, FCGI_PARAMS, pairs->ptr, pairs->len);
	client_record(out, FCGI_PARAMS, NULL, 0);
}

void
client_stdin(struct buf *out, const void *bytes, size_t len)
{
	client_stream(out, FCGI_STDIN, bytes, len);
}

void
client_request(struct buf *out, unsigned role, const char *path, const char *body)
{
	struct buf pairs = BUF_EMPTY;
	struct buf length = BUF_EMPTY;

	client_param(&pairs, "REQUEST_METHOD", body ? "POST" : "GET");
	client_param(&pairs, "SCRIPT_NAME", path);
	buf_printf(&length, "%zu%c", body ? strlen(body) : 0, '\0');
	client_param(&pairs, "CONTENT_LENGTH", body ? length.ptr : "");
	client_begin(out, role, false);
	client_params(out, &pairs);
	if (body)
		client_stdin(out, body, strlen(body));
	client_record(out, FCGI_STDIN, NULL, 0);
	buf_free(&length);
	buf_free(&pairs);
}

int
client_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval wait = { 10, 0 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

bool
client_send(int fd, const struct buf *bytes)
{
	size_t sent = 0;

	while (sent < bytes->len) {
		ssize_t len = send(fd, bytes->ptr + sent, bytes->len - sent, MSG_NOSIGNAL);

		if (len <= 0)
			return false;
		sent += (size_t)len;
	}
	return true;
}

/* Takes one record off the front; false if no whole one is there. */
static bool
client_take(struct slice *stream, struct client_answer *out)
{
	const unsigned char *header = (const unsigned char *)stream->ptr;

	if (stream->len < 8)
		return false;
	size_t content = (size_t)header[4] << 8 | header[5];
	size_t whole = 8 + content + header[6];

	if (stream->len < whole)
		return false;
	if (header[1] == FCGI_STDOUT && content > 0) {
		buf_append(&out->text, stream->ptr + 8, content);
		out->records++;
	}
	if (header[1] == FCGI_END)
		out->ended = true;
	*stream = slice_skip(*stream, whole);
	return true;
}

void
client_receive(int fd, struct client_answer *out)
{
	struct buf stream = BUF_EMPTY;
	char part[8192];
	ssize_t len;

	*out = (struct client_answer){ .text = BUF_EMPTY };
	while ((len = recv(fd, part, sizeof(part), 0)) > 0)
		buf_append(&stream, part, (size_t)len);
	out->closed = len == 0;
	struct slice left = buf_slice(&stream);

	while (client_take(&left, out))
		;
	buf_free(&stream);
}

void
client_ask(const char *path, const struct buf *bytes, struct client_answer *out)
{
	int fd = client_connect(path);

	*out = (struct client_answer){ .text = BUF_EMPTY };
	if (fd < 0)
		return;
	client_send(fd, bytes);
	client_receive(fd, out);
	close(fd);
}

bool
client_has(const struct client_answer *answer, const char *needle)
{
	return answer->text.len > 0 && memmem(answer->text.ptr, answer->text.len, needle, strlen(needle)) != NULL;
}

void
client_answer_free(struct client_answer *answer)
{
	buf_free(&answer->text);
}
