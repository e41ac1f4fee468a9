#include "cmd/print/lookup.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/file.h"

#define HOSTS "/etc/hosts"
#define RESOLV "/etc/resolv.conf"
#define FILE_MAX ((size_t)1 << 20)

static bool
is_number(struct slice host, int family)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	return slice_copy(host, text, sizeof(text)) && inet_pton(family, text, &address) == 1;
}

bool
lookup_is_number(struct slice host)
{
	return is_number(host, AF_INET) || is_number(host, AF_INET6);
}

bool
lookup_is_loopback(struct slice host)
{
	return slice_eq_nocase(host, SLICE("localhost")) || slice_eq(host, SLICE("::1")) ||
	    (is_number(host, AF_INET) && slice_starts(host, SLICE("127.")));
}

/* The next word of a line; false if there is none, or a comment begins. */
static bool
next_word(struct slice *line, struct slice *word)
{
	size_t end = 0;

	*line = slice_trim(*line);
	while (end < line->len && line->ptr[end] != ' ' && line->ptr[end] != '\t')
		end++;
	*word = (struct slice){ line->ptr, end };
	*line = slice_skip(*line, end);
	return end > 0 && word->ptr[0] != '#' && word->ptr[0] != ';';
}

bool
lookup_hosts_know(struct slice hosts, struct slice name)
{
	struct slice line, word;

	while (hosts.len) {
		slice_cut(hosts, '\n', &line, &hosts);
		if (!next_word(&line, &word))
			continue;
		while (next_word(&line, &word))
			if (slice_eq_nocase(word, name))
				return true;
	}
	return false;
}

void
lookup_put_servers(struct slice resolv, struct buf *out)
{
	struct slice line, word;
	const size_t begin = out->len;

	while (resolv.len) {
		slice_cut(resolv, '\n', &line, &resolv);
		if (!next_word(&line, &word) || !slice_eq(word, SLICE("nameserver")) ||
		    !next_word(&line, &word) || !lookup_is_number(word))
			continue;
		buf_puts(out, out->len > begin ? " " : "");
		buf_printf(out, memchr(word.ptr, ':', word.len) ?
		    "[%.*s]" : "%.*s", SLICE_ARG(word));
	}
	if (out->len == begin)
		buf_puts(out, "127.0.0.1");
}

bool
lookup_wants_dns(struct slice host)
{
	struct buf hosts = BUF_EMPTY;
	bool wanted = host.len > 0 && !lookup_is_number(host) && !lookup_is_loopback(host);

	if (wanted && file_read(HOSTS, FILE_MAX, &hosts) == PT_OK)
		wanted = !lookup_hosts_know(buf_slice(&hosts), host);
	buf_free(&hosts);
	return wanted;
}

void
lookup_put_own_servers(struct buf *out)
{
	struct buf resolv = BUF_EMPTY;

	file_read(RESOLV, FILE_MAX, &resolv);
	lookup_put_servers(buf_slice(&resolv), out);
	buf_free(&resolv);
}
