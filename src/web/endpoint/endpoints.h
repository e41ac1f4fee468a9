/*
 * The endpoints, one file each, as the route table names them. An endpoint
 * reads its request, has the store and the core decide, and fills in what came
 * of it, or gives the refusal. Whatever it has filled in is thrown away if
 * something failed. It does not care how the outcome is shown.
 */
#ifndef PINTLE_WEB_ENDPOINT_ENDPOINTS_H
#define PINTLE_WEB_ENDPOINT_ENDPOINTS_H

#include "web/pages/outcome.h"

/* *out comes in zeroed, except for .response and .for_person. */
typedef const struct refusal *endpoint(const struct request *request, struct outcome *out);

endpoint home_get;		/* GET /: who is signed in, or the login page */
endpoint login_get;		/* GET /login */
endpoint login_post;		/* POST /login */
endpoint logout_get;		/* GET /logout */
endpoint logout_post;		/* POST /logout */
endpoint refresh_post;		/* POST /refresh */
endpoint sessions_list;		/* GET /sessions */
endpoint sessions_end_all;	/* DELETE /sessions */
endpoint sessions_rename;	/* PATCH /sessions/{id} */
endpoint sessions_end;		/* DELETE /sessions/{id} */
endpoint me_get;		/* GET /me */
endpoint change_password_post;	/* POST /password */
endpoint change_password_find;	/* GET /.well-known/change-password: leads to the page (W3C) */
endpoint account_get;		/* GET /account */
endpoint account_sign_out;	/* POST /account/sign-out: what DELETE /sessions does, for a form */
/* POST /account/rename: what PATCH /sessions/{id} does, for a form */
endpoint account_rename;
endpoint otp_post;		/* POST /otp */
endpoint otp_confirm_post;	/* POST /otp/confirm */
endpoint otp_delete;		/* DELETE /otp, POST /account/otp-remove */
endpoint otp_recovery_post;	/* POST /otp/recovery */
endpoint jwks_get;		/* GET /jwks.json */
endpoint jwks_status_get;	/* GET /status-jwks.json */
/* GET /.well-known/openid-configuration and oauth-authorization-server */
endpoint metadata_get;
endpoint status_list_get;	/* GET /status-list */
endpoint health_get;		/* GET /health */
endpoint introspect_post;	/* POST /introspect */
endpoint revoke_post;		/* POST /revoke */
endpoint verify_get;		/* GET /verify */
endpoint assets_style_get;	/* GET /pintle.css, for the pages */
endpoint link_form;		/* GET /link */
endpoint link_post;		/* POST /link */
endpoint assets_link_script_get;	/* GET /link.js */
endpoint assets_script_get;		/* GET /pintle.js */
endpoint assets_client_get;		/* GET /client.js */

#endif
