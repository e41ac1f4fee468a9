/* GET /: the mount's own page. */
#include "web/endpoint/endpoints.h"

#include "web/pages/page.h"
#include "web/who/credential.h"

enum pt_err
home_page(const struct request *request, struct web_response *response)
{
	struct credential who;
	enum pt_err err = credential_read(request, &who);

	if (err != PT_OK)
		return err;
	if (who.good)
		page_signed_in(request, response, &who.user);
	else
		page_login(request, response, &(struct page_login){ 0 });
	return PT_OK;
}
