#include "crypto/certificate.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <time.h>

#define TWO_WEEKS_S (INT64_C(14) * 24 * 3600)

static bool
asn1_seconds(const ASN1_TIME *time, int64_t *out)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	*out = (int64_t)timegm(&tm);
	return true;
}

enum pt_err
certificate_read(const char *path, int64_t *from_s, int64_t *until_s)
{
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return PT_ERR_IO;
	X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
	bool good = certificate && asn1_seconds(X509_get0_notBefore(certificate), from_s) &&
	    asn1_seconds(X509_get0_notAfter(certificate), until_s);

	X509_free(certificate);
	ERR_clear_error();
	fclose(file);
	return good ? PT_OK : PT_ERR_INVALID;
}

int64_t
certificate_overdue_s(int64_t from_s, int64_t until_s)
{
	int64_t tenth = (until_s - from_s) / 10;

	return until_s - (tenth < TWO_WEEKS_S ? tenth : TWO_WEEKS_S);
}
