/*
 * A FastCGI client that keeps many sessions busy: logs each in, as user0 and so
 * on, one user a client, then refreshes them in turn, as browsers do, each with
 * the cookies of its last answer.
 *
 *   load SOCKET SESSIONS CLIENTS SECONDS   refreshes; prints how many a second
 *   load SOCKET 0 CLIENTS SECONDS          the same connections with one fixed request
 *   load SOCKET login CLIENTS SECONDS      logins, one after the other
 *
 * It checks every answer: anything but what a browser wants ends the run.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define COOKIE_SIZE 128
#define ANSWER_SIZE 16384

struct session {
	char refresh[COOKIE_SIZE], device[COOKIE_SIZE];
};

struct client {
	pthread_t thread;
	size_t number;
	struct session *sessions;
	size_t count;
	unsigned long done;
};

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static atomic_bool stop;

struct record {
	unsigned char bytes[4096];
	size_t len;
};

static void
put_param(struct record *params, const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);

	params->bytes[params->len++] = (unsigned char)name_len;
	if (value_len > 127) {
		params->bytes[params->len++] = (unsigned char)(0x80 | value_len >> 24);
		params->bytes[params->len++] = (unsigned char)(value_len >> 16);
		params->bytes[params->len++] = (unsigned char)(value_len >> 8);
	}
	params->bytes[params->len++] = (unsigned char)value_len;
	memcpy(params->bytes + params->len, name, name_len);
	memcpy(params->bytes + params->len + name_len, value, value_len);
	params->len += name_len + value_len;
}

static void
put_record(struct record *out, unsigned char type, const void *content, size_t len)
{
	const unsigned char head[8] = { 1, type, 0, 1, (unsigned char)(len >> 8), (unsigned char)len, 0, 0 };

	memcpy(out->bytes + out->len, head, 8);
	if (len)
		memcpy(out->bytes + out->len + 8, content, len);
	out->len += 8 + len;
}

/* One request over a connection of its own; the length of what the answer's STDOUT records hold. */
static size_t
ask(const char *path, const char *body, const char *cookies, char answer[ANSWER_SIZE])
{
	struct record params = { .len = 0 }, out = { .len = 0 };
	char length[16];
	size_t got = 0, used = 0, at = 0, kept = 0;
	char raw[ANSWER_SIZE - 1];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(length, sizeof(length), "%zu", strlen(body));
	put_param(&params, "REQUEST_METHOD", "POST");
	put_param(&params, "SCRIPT_NAME", path);
	put_param(&params, "CONTENT_TYPE", body[0] ? "application/json" : "");
	put_param(&params, "CONTENT_LENGTH", length);
	put_param(&params, "REMOTE_ADDR", "127.0.0.1");
	put_param(&params, "HTTP_COOKIE", cookies);
	put_record(&out, 1, "\0\1\0\0\0\0\0\0", 8);
	put_record(&out, 4, params.bytes, params.len);
	put_record(&out, 4, NULL, 0);
	if (body[0])
		put_record(&out, 5, body, strlen(body));
	put_record(&out, 5, NULL, 0);
	while (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		usleep(500);	/* the listening queue is full */
	if (write(fd, out.bytes, out.len) != (ssize_t)out.len)
		exit(3);
	for (ssize_t n; (n = read(fd, raw + got, sizeof(raw) - got)) > 0;)
		got += (size_t)n;
	close(fd);
	for (; at + 8 <= got; at += 8 + used) {
		size_t len = (size_t)((unsigned char)raw[at + 4] << 8 | (unsigned char)raw[at + 5]);

		used = len + (unsigned char)raw[at + 6];
		if (raw[at + 1] != 6 || at + 8 + len > got)
			continue;
		memcpy(answer + kept, raw + at + 8, len);
		kept += len;
	}
	answer[kept] = '\0';
	return kept;
}

static int
take_cookie(const char *answer, const char *name, char out[COOKIE_SIZE])
{
	const char *from = strstr(answer, name);

	if (!from)
		return 0;
	from += strlen(name);
	size_t len = strcspn(from, ";\r\n");

	if (len == 0 || len >= COOKIE_SIZE)
		return 0;
	memcpy(out, from, len);
	out[len] = '\0';
	return 1;
}

static void
expect(int good, const char *what, const char *answer)
{
	if (good)
		return;
	fprintf(stderr, "load: %s:\n%s\n", what, answer);
	exit(1);
}

static void
refresh(struct session *session)
{
	char cookies[2 * COOKIE_SIZE + 64], answer[ANSWER_SIZE] = "";

	snprintf(cookies, sizeof(cookies), "pintle-refresh=%s; pintle-device=%s", session->refresh, session->device);
	ask("/auth/refresh", "", cookies, answer);
	expect(strstr(answer, "Status: 200") && take_cookie(answer, "Set-Cookie: pintle-refresh=", session->refresh),
	    "a refresh was not answered with a new token", answer);
}

static void
log_in(const struct client *client, struct session *session)
{
	char answer[ANSWER_SIZE] = "", body[128];

	snprintf(body, sizeof(body), "{\"username\":\"user%zu\",\"password\":\"correct horse battery staple\"}", client->number);
	ask("/auth/login", body, "", answer);
	expect(take_cookie(answer, "Set-Cookie: pintle-refresh=", session->refresh) &&
	    take_cookie(answer, "Set-Cookie: pintle-device=", session->device), "a login failed", answer);
}

static void *
log_all_in(void *arg)
{
	struct client *client = arg;

	for (size_t i = 0; i < client->count; i++)
		log_in(client, &client->sessions[i]);
	return NULL;
}

static void *
log_in_again(void *arg)
{
	struct client *client = arg;
	struct session session;

	for (; !atomic_load(&stop); client->done++)
		log_in(client, &session);
	return NULL;
}

static void *
work(void *arg)
{
	struct client *client = arg;
	char answer[ANSWER_SIZE] = "";

	for (size_t i = 0; !atomic_load(&stop); i++, client->done++) {
		if (client->count)
			refresh(&client->sessions[i % client->count]);
		else
			expect(ask("/auth/refresh", "", "", answer) > 0, "no answer", answer);
	}
	return NULL;
}

static void
run(struct client *clients, size_t count, void *(*what)(void *))
{
	for (size_t i = 0; i < count; i++)
		pthread_create(&clients[i].thread, NULL, what, &clients[i]);
}

static void
join(struct client *clients, size_t count)
{
	for (size_t i = 0; i < count; i++)
		pthread_join(clients[i].thread, NULL);
}

int
main(int argc, char **argv)
{
	if (argc != 5 || strlen(argv[1]) >= sizeof(address.sun_path))
		return 2;
	strcpy(address.sun_path, argv[1]);
	size_t sessions = strtoul(argv[2], NULL, 10), count = strtoul(argv[3], NULL, 10);
	unsigned seconds = (unsigned)strtoul(argv[4], NULL, 10);
	struct client *clients = calloc(count, sizeof(*clients));
	struct session *all = calloc(sessions + 1, sizeof(*all));
	unsigned long done = 0;

	for (size_t i = 0; i < count; i++) {
		clients[i].number = i;
		clients[i].sessions = all + sessions * i / count;
		clients[i].count = sessions * (i + 1) / count - sessions * i / count;
	}
	run(clients, count, log_all_in);
	join(clients, count);
	run(clients, count, strcmp(argv[2], "login") == 0 ? log_in_again : work);
	sleep(seconds);
	atomic_store(&stop, 1);
	join(clients, count);
	for (size_t i = 0; i < count; i++)
		done += clients[i].done;
	printf("%lu\n", done / seconds);
	free(all);
	free(clients);
	return 0;
}
