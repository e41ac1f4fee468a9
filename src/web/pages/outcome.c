#include "web/pages/outcome.h"

#include "base/secret.h"

const struct refusal *
outcome_refuse(struct outcome *out, struct refusal refusal)
{
	out->made = refusal;
	return &out->made;
}

void
outcome_free(struct outcome *out)
{
	body_free(&out->body);
	secret_wipe(out->secret, sizeof(out->secret));
	secret_wipe(&out->codes, sizeof(out->codes));
	secret_wipe(out->who.user.password_hash, sizeof(out->who.user.password_hash));
}
