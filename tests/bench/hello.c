/*
 * The least that a FastCGI program can be: libfcgi's own accept in a few threads, and 204. pintle's
 * verify is measured beside it, in the same place.
 */
#include <fcgiapp.h>
#include <pthread.h>
#include <stdlib.h>

static int listen_fd;

static void *
serve(void *unused)
{
	static pthread_mutex_t accepting = PTHREAD_MUTEX_INITIALIZER;
	FCGX_Request request;

	(void)unused;
	FCGX_InitRequest(&request, listen_fd, 0);
	for (;;) {
		pthread_mutex_lock(&accepting);
		int accepted = FCGX_Accept_r(&request);

		pthread_mutex_unlock(&accepting);
		if (accepted < 0)
			return NULL;
		FCGX_PutS("Status: 204 No Content\r\n\r\n", request.out);
		FCGX_Finish_r(&request);
	}
}

int
main(int argc, char **argv)
{
	int threads = argc > 2 ? atoi(argv[2]) : 8;
	pthread_t thread;

	if (argc < 2 || FCGX_Init() != 0 || (listen_fd = FCGX_OpenSocket(argv[1], 1024)) < 0)
		return 2;
	while (--threads > 0)
		pthread_create(&thread, NULL, serve, NULL);
	serve(NULL);
	return 1;
}
