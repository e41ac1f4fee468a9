/* The built-in files of src/cmd/print/templates; made by src/embed.awk. */
#ifndef PINTLE_CMD_PRINT_TEMPLATES_H
#define PINTLE_CMD_PRINT_TEMPLATES_H

#include "base/slice.h"

extern const struct slice template_apache_about_conf;
extern const struct slice template_apache_authorizer_about_conf;
extern const struct slice template_apache_authorizer_conf;
extern const struct slice template_apache_authorizer_mount_conf;
extern const struct slice template_apache_cgi_about_conf;
extern const struct slice template_apache_cgi_mount_conf;
extern const struct slice template_apache_cookies_conf;
extern const struct slice template_apache_fcgid_about_conf;
extern const struct slice template_apache_fcgid_mount_conf;
extern const struct slice template_apache_global_conf;
extern const struct slice template_apache_handler_about_conf;
extern const struct slice template_apache_handler_mount_conf;
extern const struct slice template_apache_host_conf;
extern const struct slice template_apache_mount_conf;
extern const struct slice template_apache_paste_txt;
extern const struct slice template_apache_places_conf;
extern const struct slice template_apache_server_conf;
extern const struct slice template_apache_conf;
extern const struct slice template_aws_api_gateway_rest_yaml;
extern const struct slice template_aws_api_gateway_yaml;
extern const struct slice template_aws_lambda_mjs;
extern const struct slice template_caddy_conf;
extern const struct slice template_caddy_front_conf;
extern const struct slice template_caddy_location_conf;
extern const struct slice template_caddy_paste_txt;
extern const struct slice template_caddy_place_conf;
extern const struct slice template_caddy_question_conf;
extern const struct slice template_caddy_server_conf;
extern const struct slice template_envoy_yaml;
extern const struct slice template_gateway_hop_conf;
extern const struct slice template_haproxy_cfg;
extern const struct slice template_traefik_yaml;
extern const struct slice template_cloudflare_js;
extern const struct slice template_cloudfront_mjs;
extern const struct slice template_express_mjs;
extern const struct slice template_kong_yaml;
extern const struct slice template_lighttpd_about_conf;
extern const struct slice template_lighttpd_authorizer_about_conf;
extern const struct slice template_lighttpd_authorizer_mount_conf;
extern const struct slice template_lighttpd_authorizer_conf;
extern const struct slice template_lighttpd_cgi_about_conf;
extern const struct slice template_lighttpd_cgi_modules_conf;
extern const struct slice template_lighttpd_cgi_mount_conf;
extern const struct slice template_lighttpd_host_conf;
extern const struct slice template_lighttpd_modules_conf;
extern const struct slice template_lighttpd_mount_conf;
extern const struct slice template_lighttpd_paste_txt;
extern const struct slice template_lighttpd_places_conf;
extern const struct slice template_lighttpd_server_conf;
extern const struct slice template_lighttpd_spawn_about_conf;
extern const struct slice template_lighttpd_spawn_mount_conf;
extern const struct slice template_lighttpd_conf;
extern const struct slice template_nginx_asked_conf;
extern const struct slice template_nginx_conf;
extern const struct slice template_nginx_cookies_conf;
extern const struct slice template_nginx_deny_conf;
extern const struct slice template_nginx_http_conf;
extern const struct slice template_nginx_location_conf;
extern const struct slice template_nginx_njs_conf;
extern const struct slice template_nginx_njs_js;
extern const struct slice template_nginx_paste_txt;
extern const struct slice template_nginx_place_conf;
extern const struct slice template_nginx_proxied_conf;
extern const struct slice template_nginx_scripted_conf;
extern const struct slice template_nginx_server_conf;
extern const struct slice template_nginx_told_conf;
extern const struct slice template_nginx_worker_conf;
extern const struct slice template_part_bytes_js;
extern const struct slice template_part_claims_js;
extern const struct slice template_part_cors_js;
extern const struct slice template_part_headers_js;
extern const struct slice template_part_judge_js;
extern const struct slice template_part_jws_js;
extern const struct slice template_part_kept_js;
extern const struct slice template_part_keys_js;
extern const struct slice template_part_site_js;
extern const struct slice template_part_status_js;

#endif
