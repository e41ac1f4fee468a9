/* The files of src/cmd/templates, as they are built in; made by src/embed.awk. */
#ifndef PINTLE_CMD_TEMPLATES_H
#define PINTLE_CMD_TEMPLATES_H

#include "base/slice.h"

extern const struct slice template_apache_conf;
extern const struct slice template_apache_authorizer_conf;
extern const struct slice template_apache_cgi_conf;
extern const struct slice template_apache_fcgid_conf;
extern const struct slice template_apache_guarded_conf;
extern const struct slice template_apache_handler_conf;
extern const struct slice template_caddy_conf;
extern const struct slice template_lighttpd_authorizer_conf;
extern const struct slice template_lighttpd_cgi_conf;
extern const struct slice template_lighttpd_conf;
extern const struct slice template_lighttpd_guarded_conf;
extern const struct slice template_lighttpd_spawn_conf;
extern const struct slice template_nginx_conf;

#endif
