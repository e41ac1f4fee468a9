"""Kong and Amazon's API Gateway are not run here: the printed text is held to their published
rules.

For Kong these are the schemas of its declarative configuration, of the jwt plugin and of its
credentials, and the names that its sandbox lends to a function; for API Gateway they are the
CloudFormation properties of AWS::ApiGatewayV2 and the documented steps of a JWT authorizer.
"""

import ctypes
import json
import re
import urllib.parse

import jwt
import pytest
import yaml
from cryptography.hazmat.primitives import serialization

from support.gateways import ALLOWED, House
from test_forgeries import Attacker

pytestmark = pytest.mark.plain


@pytest.fixture(scope="module")
def house(certificates, behind):
    house = House(certificates, behind)
    yield house
    house.close()


@pytest.fixture(scope="module")
def attacker(house):
    attacker = Attacker(house.site)
    yield attacker
    attacker.log.close()


# ---- Kong

KONG_JWT = {  # the fields of the plugin's config, and what they may hold
    "uri_param_names": lambda v: all(isinstance(one, str) for one in v),
    "cookie_names": lambda v: all(isinstance(one, str) for one in v),
    "header_names": lambda v: all(isinstance(one, str) for one in v),
    "key_claim_name": lambda v: isinstance(v, str),
    "secret_is_base64": lambda v: isinstance(v, bool),
    "claims_to_verify": lambda v: set(v) <= {"exp", "nbf"},
    "anonymous": lambda v: isinstance(v, str),
    "run_on_preflight": lambda v: isinstance(v, bool),
    "maximum_expiration": lambda v: 0 <= v <= 31536000,
    "realm": lambda v: isinstance(v, str),
}
KONG_ALGORITHMS = {  # of a credential
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA"}
KONG_SANDBOX = {  # what the sandbox has, of all that the function names
    "ngx.decode_base64", "kong.ctx.shared", "kong.response.exit", "kong.service.request.clear_header",
    "kong.service.request.set_header"}


@pytest.fixture(scope="module")
def kong(house, attacker):
    return yaml.safe_load(house.printed("kong"))


def plugin(kong, name):
    service, = kong["services"]
    found, = [one for one in service["plugins"] if one["name"] == name]
    return found["config"]


def test_kong_s_schemas_take_it(kong):
    assert kong["_format_version"] == "3.0" and set(kong) == {"_format_version", "services", "consumers"}
    service, = kong["services"]
    assert set(service) == {"name", "url", "routes", "plugins"} and urllib.parse.urlsplit(service["url"]).scheme == "http"
    assert all(path.startswith("/") for route in service["routes"] for path in route["paths"])
    config = plugin(kong, "jwt")
    for name, value in config.items():
        assert KONG_JWT[name](value), name
    assert config["maximum_expiration"] == 0 or "exp" in config["claims_to_verify"]
    consumer, = kong["consumers"]
    assert set(consumer) == {"username", "custom_id", "jwt_secrets"}
    keys = [credential["key"] for credential in consumer["jwt_secrets"]]
    assert len(keys) == len(set(keys))
    for credential in consumer["jwt_secrets"]:
        assert set(credential) == {"key", "algorithm", "secret", "rsa_public_key"}
        assert credential["secret"] == "unused-" + credential["key"]
        assert credential["algorithm"] in KONG_ALGORITHMS
        serialization.load_pem_public_key(credential["rsa_public_key"].encode())
    assert config["key_claim_name"] == "kid" and config["secret_is_base64"] is False
    assert config["uri_param_names"] == config["cookie_names"] == []


def test_each_of_kong_s_keys_verifies_what_it_signed_and_nothing_else(kong, house, attacker):
    """The plugin's steps: the credential that kid names, its algorithm, its key, exp."""
    credentials = {one["key"]: one for one in kong["consumers"][0]["jwt_secrets"]}
    published = {key["kid"] for key in attacker.site.browser().send("GET", "/auth/jwks.json").json()["keys"]}
    assert set(credentials) == published and len(published) >= 4

    def verify(token):
        header, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
        named = credentials[claims.get("kid") or header["kid"]]
        assert header["alg"] == named["algorithm"]
        return jwt.decode(token, named["rsa_public_key"], algorithms=[named["algorithm"]],
                          options={"require": ["exp"], "verify_aud": False})
    for alg in "ES256", "EdDSA", "RS256":
        for kid in attacker.kids[alg]:
            token = attacker.make(attacker.header_of(alg, kid=kid), key=attacker.keys[kid])
            claims = verify(token)
            assert claims["preferred_username"] == "ada"
            assert claims["exp"] - claims["iat"] <= plugin(kong, "jwt")["maximum_expiration"]
            with pytest.raises(jwt.InvalidSignatureError):
                verify(token[:-8] + "AAAAAAAA")
    with pytest.raises(jwt.ExpiredSignatureError):
        verify(attacker.of("RS256", exp=attacker.claims["iat"] - 1))


class Lua:
    """LuaJIT, as in Kong, with as much of Kong around it as the sandbox lends."""

    AROUND = """
    local token, iss = ...
    local cleared, set, answer = {}, {}, "passed"
    local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    local function decode_base64(text)
        if #text % 4 ~= 0 or text:find("[^A-Za-z0-9+/=]") then return nil end
        local bits = text:gsub("=", ""):gsub(".", function(c)
            local value, out = digits:find(c, 1, true) - 1, ""
            for i = 5, 0, -1 do out = out .. (math.floor(value / 2 ^ i) % 2) end
            return out
        end)
        return (bits:gsub("%d%d%d?%d?%d?%d?%d?%d?", function(b)
            return #b == 8 and string.char(tonumber(b, 2)) or ""
        end))
    end
    local env = { string = string, ipairs = ipairs, ngx = { decode_base64 = decode_base64 }, kong = {
        ctx = { shared = { authenticated_jwt_token = token } },
        response = { exit = function(status) answer = tostring(status) end },
        service = { request = {
            clear_header = function(name) cleared[#cleared + 1] = name end,
            set_header = function(name, value) set[#set + 1] = name .. "=" .. value end } } } }
    local f = assert(loadstring(CODE))
    setfenv(f, env)
    f()
    return answer .. ":" .. table.concat(cleared, ",") .. ":" .. table.concat(set, ";")
    """

    def __init__(self, code):
        self.code = code
        self.library = library = ctypes.CDLL("libluajit-5.1.so.2")
        library.luaL_newstate.restype = ctypes.c_void_p
        library.lua_tolstring.restype = ctypes.c_char_p
        library.lua_tolstring.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]

    def run(self, token):
        state = ctypes.c_void_p(self.library.luaL_newstate())
        try:
            self.library.luaL_openlibs(state)
            around = self.AROUND.replace("...", f"[==[{token}]==]", 1).replace("CODE", f"[====[{self.code}]====]")
            wrong = self.library.luaL_loadstring(state, around.encode()) or self.library.lua_pcall(state, 0, 1, 0)
            said = self.library.lua_tolstring(state, -1, None).decode()
            assert not wrong, said
            return said
        finally:
            self.library.lua_close(state)


def test_kong_s_function_tells_access_tokens_from_all_others(kong, house, attacker):
    code, = plugin(kong, "post-function")["access"]
    named = set(re.findall(r"\b(?:ngx|kong)(?:\.\w+)+", code))
    assert {re.sub(r"\.authenticated_jwt_token$", "", name) for name in named} == KONG_SANDBOX
    assert "require" not in code
    lua = Lua(code)
    for alg in "ES256", "EdDSA", "RS256":
        answer, cleared, told = lua.run(attacker.of(alg)).split(":")
        # Kong passes underscores on, and CGI treats them like hyphens.
        assert answer == "passed" and set(cleared.lower().split(",")) == {
            f"x{a}auth{b}{name}" for a in "-_" for b in "-_" for name in ("user", "groups", "session")}
        assert told == f"X-Auth-User=ada;X-Auth-Groups=staff;X-Auth-Session={attacker.claims['sid']}"
    # As the site writes it, in UTF-8.
    many = lua.run(attacker.make(claims=json.dumps(attacker.claims_of(
        groups=["staff", "admins"], preferred_username="zoë"), separators=(",", ":"), ensure_ascii=False)))
    assert "X-Auth-User=zoë;X-Auth-Groups=staff,admins;" in many
    assert "X-Auth-Groups=;" in lua.run(attacker.of("ES256", groups=[]))
    # Nothing in a name passes for another member.
    for name in 'x","preferred_username":"root', 'a\\b', '':
        assert lua.run(attacker.of("ES256", preferred_username=name)).startswith("401:"), name
    status_list = house.site.browser().send("GET", "/auth/status-list").body.decode()
    assert status_list.count(".") == 2
    for token in (
            status_list, attacker.make(attacker.header_of(typ="JWT")), attacker.make(attacker.header_of(typ=None)),
            attacker.of("ES256", iss="https://other.example/auth"), attacker.of("ES256", aud="https://other.example"),
            attacker.of("ES256", iss=attacker.claims["iss"] + "/x"), "", "x", "a.b.c",
            attacker.of("ES256", iss="x", preferred_username='"iss":"' + attacker.claims["iss"] + '"')):
        assert lua.run(token).startswith("401:"), token


# ---- Amazon API Gateway

class Template(yaml.SafeLoader):
    """CloudFormation's short forms as ("Ref", "Api") and the like."""


def short_form(loader, name, node):
    if isinstance(node, yaml.ScalarNode):
        return name, loader.construct_scalar(node)
    return name, loader.construct_sequence(node, deep=True)


Template.add_multi_constructor("!", short_form)
AWS_PROPERTIES = {  # of AWS::ApiGatewayV2::*: the allowed ones and the required ones
    "AWS::ApiGatewayV2::Api": ({"Name", "ProtocolType", "CorsConfiguration"}, {"Name", "ProtocolType"}),
    "AWS::ApiGatewayV2::Authorizer": (
        {"ApiId", "AuthorizerCredentialsArn", "AuthorizerPayloadFormatVersion", "AuthorizerResultTtlInSeconds",
         "AuthorizerType", "AuthorizerUri", "EnableSimpleResponses", "IdentitySource", "JwtConfiguration", "Name"},
        {"ApiId", "AuthorizerType", "Name"}),
    "AWS::ApiGatewayV2::Integration": (
        {"ApiId", "IntegrationType", "IntegrationMethod", "IntegrationUri", "PayloadFormatVersion", "RequestParameters"},
        {"ApiId", "IntegrationType"}),
    "AWS::ApiGatewayV2::Route": ({"ApiId", "RouteKey", "AuthorizationType", "AuthorizerId", "Target"}, {"ApiId", "RouteKey"}),
    "AWS::ApiGatewayV2::Stage": ({"ApiId", "StageName", "AutoDeploy"}, {"ApiId", "StageName"}),
    "AWS::Lambda::Permission": ({"Action", "FunctionName", "Principal", "SourceArn"}, {"Action", "FunctionName", "Principal"}),
}


@pytest.fixture(scope="module")
def stack(house):
    done = house.site.command("config", "aws-api-gateway")
    assert done.returncode == 1 and "verifies RS256 alone" in done.stderr, "ES256 signs"
    return yaml.load(done.stdout, Template)


def resource(stack, name):
    return stack["Resources"][name]["Properties"]


def names_in(value):
    """Everything that the value refers to: parameters, resources, conditions."""
    if isinstance(value, tuple):
        form, rest = value
        if form == "Ref":
            yield rest
        elif form == "GetAtt":
            yield rest.split(".")[0]
        elif form == "Sub":
            yield from (name for name in re.findall(r"\$\{([^}]+)\}", rest) if not name.startswith("AWS::"))
        elif form == "If":
            yield rest[0]
            yield from names_in(rest[1:])
        else:
            yield from names_in(rest)
    elif isinstance(value, dict):
        for one in value.values():
            yield from names_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from names_in(one)


def test_cloudformation_s_rules_take_it(stack):
    assert stack["AWSTemplateFormatVersion"] == "2010-09-09"
    known = {*stack["Parameters"], *stack["Resources"], *stack["Conditions"]}
    assert set(names_in({name: stack[name] for name in ("Conditions", "Resources", "Outputs")})) <= known
    for name, one in stack["Resources"].items():
        may, must = AWS_PROPERTIES[one["Type"]]
        assert must <= set(one["Properties"]) <= may, name
        assert one.get("Condition", "AsksFunction") in stack["Conditions"]
    assert all(isinstance(one["Type"], str) for one in stack["Parameters"].values())
    mapping = resource(stack, "Integration")["RequestParameters"]
    told = {f"overwrite:header.X-Auth-{name}" for name in ("User", "Groups", "Session")}
    # A removal needs a static value, which has to be empty (http-api-parameter-mapping).
    assert {name: value for name, value in mapping.items() if name not in told} == {
        f"remove:header.X{a}Auth{b}{name}": "''" for a in "-_" for b in "-_" if (a, b) != ("-", "-")
        for name in ("User", "Groups", "Session")}
    for form, (condition, lambda_s, jwt_s) in (mapping[name] for name in told):
        assert (form, condition) == ("If", "AsksFunction")
        assert lambda_s.startswith("$context.authorizer.") and jwt_s.startswith("$context.authorizer.claims.")


def test_preflights_are_answered_to_named_origins_and_reach_no_application(stack, kong, house):
    origins = ALLOWED.split()
    cors = resource(stack, "Api")["CorsConfiguration"]
    assert cors["AllowOrigins"] == origins and cors["AllowCredentials"] is True and "*" not in str(cors)
    for name in "Preflights", "PreflightsOfRoot":
        route = resource(stack, name)
        assert route["RouteKey"].startswith("OPTIONS /") and route["AuthorizationType"] == "NONE"
        assert route["Target"] == ("Sub", "integrations/${PreflightIntegration}")
    assert resource(stack, "PreflightIntegration")["IntegrationUri"] == ("Join", ["", [house.issuer, "/health"]])
    # Kong's cors runs before its jwt, by priority, and answers without the plugins after it.
    cors = plugin(kong, "cors")
    assert cors["origins"] == origins and cors["credentials"] is True and cors["preflight_continue"] is False
    rest = yaml.load(house.site.command("config", "aws-api-gateway-rest").stdout, Template)
    for name in "PreflightOfRoot", "PreflightOfEverything":
        method = resource(rest, name)
        assert method["HttpMethod"] == "OPTIONS" and method["Integration"]["Type"] == "MOCK"
        template = method["Integration"]["IntegrationResponses"][0]["ResponseTemplates"]["application/json"]
        assert json.dumps(origins) in template


def test_the_lambda_authorizer_is_asked_as_documented(stack):
    asked = resource(stack, "FunctionAuthorizer")
    assert asked["AuthorizerType"] == "REQUEST" and asked["AuthorizerPayloadFormatVersion"] == "2.0"
    assert asked["EnableSimpleResponses"] is True and asked["AuthorizerResultTtlInSeconds"] == 0
    assert asked["IdentitySource"] == ["$request.header.Authorization"]
    form, uri = asked["AuthorizerUri"]
    assert form == "Sub" and re.fullmatch(
        r"arn:\$\{AWS::Partition\}:apigateway:\$\{AWS::Region\}:lambda:path/2015-03-31/functions/"
        r"\$\{AuthorizerFunction\}/invocations", uri)
    route = resource(stack, "Route")
    assert route["AuthorizationType"] == ("If", ["AsksFunction", "CUSTOM", "JWT"])
    assert route["AuthorizerId"] == ("If", ["AsksFunction", ("Ref", "FunctionAuthorizer"), ("Ref", "JwtAuthorizer")])
    assert resource(stack, "FunctionPermission")["Principal"] == "apigateway.amazonaws.com"


def test_the_jwt_authorizer_finds_what_it_wants(stack, house, attacker):
    """Its documented steps, each checked with what the site serves."""
    found = resource(stack, "JwtAuthorizer")
    assert found["AuthorizerType"] == "JWT" and found["IdentitySource"] == ["$request.header.Authorization"]
    configured = found["JwtConfiguration"]
    assert configured["Issuer"] == house.issuer and configured["Issuer"].startswith("https://")
    # Discovery, at exactly the address that is made from the issuer.
    over_https = house.server_browser()
    path = urllib.parse.urlsplit(configured["Issuer"] + "/.well-known/openid-configuration").path
    document = over_https.send("GET", path).json()
    assert document["issuer"] == configured["Issuer"] and document["jwks_uri"].startswith("https://")
    keys = over_https.send("GET", urllib.parse.urlsplit(document["jwks_uri"]).path).json()["keys"]
    rsa = {key["kid"]: key for key in keys if key["kty"] == "RSA" and key["alg"] == "RS256" and key["use"] == "sig"}
    assert len({key["kid"] for key in keys}) == len(keys)
    token = attacker.of("RS256")
    header, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    key = jwt.PyJWK.from_dict(rsa[header["kid"]]).key
    assert jwt.decode(token, key, algorithms=["RS256"], audience=configured["Audience"], issuer=configured["Issuer"])
    assert claims["aud"] in configured["Audience"]
    assert all(isinstance(claims[name], int) for name in ("exp", "iat"))
    # The public status list is signed by no key of the set, and has no audience.
    listed = house.site.browser().send("GET", "/auth/status-list").body.decode()
    assert jwt.get_unverified_header(listed)["kid"] not in {key["kid"] for key in keys}
    assert {"aud", "client_id", "iss"}.isdisjoint(json.loads(json.dumps(
        jwt.decode(listed, options={"verify_signature": False}))))
    assert resource(stack, "Route")["RouteKey"] == "$default" and resource(stack, "Integration")[
        "IntegrationUri"] == ("Ref", "Backend")


AWS_REST = {  # of AWS::ApiGateway::*: the allowed ones and the required ones
    "AWS::ApiGateway::RestApi": ({"Name"}, {"Name"}),
    "AWS::ApiGateway::Authorizer": (
        {"RestApiId", "Name", "Type", "IdentitySource", "JwtConfiguration"}, {"RestApiId", "Name", "Type"}),
    "AWS::ApiGateway::Method": (
        {"RestApiId", "ResourceId", "HttpMethod", "AuthorizationType", "AuthorizerId", "RequestParameters", "Integration",
         "MethodResponses"}, {"RestApiId", "ResourceId", "HttpMethod"}),
    "AWS::ApiGateway::Resource": ({"RestApiId", "ParentId", "PathPart"}, {"RestApiId", "ParentId", "PathPart"}),
    "AWS::ApiGateway::Deployment": ({"RestApiId"}, {"RestApiId"}),
    "AWS::ApiGateway::Stage": ({"RestApiId", "DeploymentId", "StageName"}, {"RestApiId", "DeploymentId", "StageName"}),
}


def test_the_rest_api_s_jwt_authorizer_takes_what_the_site_signs(house):
    done = house.site.command("config", "aws-api-gateway-rest")
    assert done.returncode == 0 and done.stderr == "", "ES256 or RS256 signs"
    stack = yaml.load(done.stdout, Template)
    known = {*stack["Parameters"], *stack["Resources"], "Api.RootResourceId"}
    assert set(names_in({name: stack[name] for name in ("Resources", "Outputs")})) <= known
    for name, one in stack["Resources"].items():
        may, must = AWS_REST[one["Type"]]
        assert must <= set(one["Properties"]) <= may, name
    authorizer = resource(stack, "JwtAuthorizer")
    assert authorizer["Type"] == "JWT" and authorizer["JwtConfiguration"] == {
        "DefaultAlgorithms": ["ES256", "RS256"],
        "Issuers": [{"Issuer": house.issuer, "Audiences": [house.server.origin]}]}
    for name in "Root", "Everything":  # none is open or passes a claimed name
        method = resource(stack, name)
        assert (method["AuthorizationType"], method["AuthorizerId"]) == ("JWT", ("Ref", "JwtAuthorizer"))
        assert {f"integration.request.header.X-Auth-{told}" for told in ("User", "Groups", "Session")} <= set(
            method["Integration"]["RequestParameters"])


def test_once_an_rsa_key_signs_the_command_is_content(house, attacker):
    house.site.run("key", "rotate", "--alg", "RS256", "--now")
    done = house.site.command("config", "aws-api-gateway")
    assert done.returncode == 0 and done.stderr == "" and "would refuse" not in done.stdout
