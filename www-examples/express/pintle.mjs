// Middleware for Express: authenticateToken lets requests through that carry a valid access token of
// "https://www.example.org/auth", and leaves its claims in req.user.
// Printed by `pintle config express`. Save it as pintle.mjs, `npm install jose@5`, and then
//   import { authenticateToken } from "./pintle.mjs";
//   app.get("/orders", authenticateToken, (req, res) => res.json({ user: req.user.preferred_username }));
// 401 without a token, 403 with an invalid one, 503 if the site does not say which tokens are valid. Preflights from
// the site's allowed_origins are answered if it sees them, as with app.use(authenticateToken).

import { createRemoteJWKSet, errors, importJWK, jwtVerify } from "jose";

const ISSUER = "https://www.example.org/auth";
const AUDIENCE = "https://www.example.org";
const KEYS_URL = "https://www.example.org/auth/jwks.json";
const KEYS_FRESH = 300;	// seconds that the key set is used without asking again: what the site says
const KEYS_STALE = 3600;	// seconds that it is used where the site does not answer
const KEYS_PAUSE = 10;	// seconds between two tries, whatever keys strangers name
const METADATA_URL = "https://www.example.org/auth/.well-known/openid-configuration";
const STATUS_URL = "https://www.example.org/auth/status-list";
const CHECK_STATUS = true;	// false: no status list is fetched, and a logout counts once the token has ended
const STATUS_MAY_FAIL = false;	// true: if the list is unavailable, tokens pass as if there were none

// A verifier would have to obey these, or they name a key of the sender's own.
const UNWANTED = ["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"];

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The bytes of base64url, or null. Bits left over after the last whole byte have
// to be zero, so that no two texts are the same token.
function bytesOf(text) {
	const bytes = new Uint8Array(Math.floor(text.length * 6 / 8));
	let bits = 0, have = 0, at = 0;
	for (let i = 0; i < text.length; i++) {
		const value = ALPHABET.indexOf(text.charAt(i));
		if (value < 0) return null;
		bits = bits << 6 | value;
		have += 6;
		if (have < 8) continue;
		have -= 8;
		bytes[at++] = bits >> have;
		bits &= (1 << have) - 1;
	}
	return have < 6 && bits === 0 ? bytes : null;
}

const LONGEST_TOKEN = 8192;	// characters that are looked at at all
const LONGEST_LIFE = 86400;	// seconds: what lives longer is not the site's, whoever signed it
const LEEWAY = 60;	// seconds, for clocks that run ahead: of iat and nbf, never of exp

// They are passed on separated by commas.
function areStrings(value) {
	return Array.isArray(value) && value.every((one) => typeof one === "string" && !one.includes(","));
}

// Why the claims of an access token are refused (RFC 9068, 4), or "".
function wrongClaim(claims, now) {
	if (claims.iss !== ISSUER) return "issuer";
	if (claims.aud !== AUDIENCE) return "audience";
	const strings = ["sub", "sid", "client_id", "jti", "preferred_username"];
	if (!strings.every((name) => typeof claims[name] === "string")) return "claims";
	if (!areStrings(claims.groups) || !areStrings(claims.amr)) return "claims";
	// A time as text, with a fraction or out of bounds is invalid.
	if (!["iat", "exp", "auth_time"].every((name) => Number.isSafeInteger(claims[name]))) return "claims";
	if (claims.nbf !== undefined && !Number.isSafeInteger(claims.nbf)) return "claims";
	if (claims.exp <= now) return "expired";
	if (claims.iat > now + LEEWAY || claims.nbf > now + LEEWAY) return "not yet";
	if (claims.exp - claims.iat > LONGEST_LIFE) return "claims";
	return "";
}

// The token of an Authorization header, or "".
function bearerOf(header) {
	const match = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(header || "");
	return match ? match[1] : "";
}

const FETCH_MS = 2000;	// as long a fetch may take
const WAIT_MS = 20;	// between two checks whether another request has fetched it

// The bytes of a stream, at most so many.
async function bytesFrom(stream, longest) {
	const parts = [];
	let length = 0;
	const reader = stream.getReader();
	for (let part = await reader.read(); !part.done; part = await reader.read()) {
		length += part.value.length;
		parts.push(part.value);
		if (length <= longest) continue;
		reader.cancel().catch(() => {});
		throw new Error(`more than ${longest} bytes`);
	}
	const all = new Uint8Array(length);
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

// Asks the site. Accepts only 200, follows no redirect, and waits no longer than this.
async function fetchText(url, type, longest) {
	const answer = await fetch(url, {
		headers: { Accept: type }, redirect: "manual", signal: AbortSignal.timeout(FETCH_MS),
	});
	if (answer.status !== 200 || !answer.body) throw new Error(`${url}: ${answer.status}`);
	return new TextDecoder().decode(await bytesFrom(answer.body, longest));
}

// A fetched value, which is reused while it is fresh. One request renews it, while the others go on with the old
// one until it is stale; then nobody gets it. No request waits for the promise of another, since in a Worker
// that one may be gone: if there is nothing to go on with, one fetches it and the others check now and then
// whether it has come. load() returns { value, fresh, stale }, the latter in seconds; `pause` is the time between tries.
class Kept {
	constructor(load, pause) {
		Object.assign(this, {
			load, pause, value: null, fresh: 0, stale: 0, next: 0, renewing: 0, fetching: 0, failed: 0,
		});
	}

	isUsable(now) {
		return this.value !== null && now < this.stale;
	}

	// The value, renewed first if it is not fresh or not enough. Throws if there is none.
	async get(isEnough) {
		const now = Date.now() / 1000;
		if (!this.isUsable(now)) await this.obtain();
		else if (now >= this.fresh ? now >= this.renewing : !isEnough(this.value) && now >= this.next) await this.renew(now);
		if (!this.isUsable(Date.now() / 1000)) throw new Error("the site does not answer");
		return this.value;
	}

	// While another request may still be fetching it, wait for that one; after a failure nobody tries for a second.
	async obtain() {
		for (let now = Date.now() / 1000; !this.isUsable(now) && now >= this.failed; now = Date.now() / 1000) {
			if (now >= this.fetching) return this.renew(now);
			await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
		}
	}

	async renew(now) {
		this.next = this.renewing = now + this.pause;
		this.fetching = now + FETCH_MS / 1000;
		try {
			const { value, fresh, stale } = await this.load();
			Object.assign(this, { value, fresh: now + fresh, stale: now + stale, renewing: 0, failed: 0 });
		} catch (error) {
			this.failed = Date.now() / 1000 + 1;
			console.error(`pintle: ${error.message}`);
		}
		this.fetching = 0;
	}
}

// Token Status List (draft-ietf-oauth-status-list), with which a logout takes effect here within the list's ttl.
const STATUS_LONGEST = 16777216;	// bytes of a list, and characters of its token
const STATUS_PAUSE = 1;	// seconds between two tries
const STATUS_GRACE = 3;	// seconds that a list is used beyond its ttl while it is renewed

// The address of the list's keys. A site that names none signs the list with the keys of its tokens.
async function statusKeysUrl() {
	const metadata = JSON.parse(await fetchText(METADATA_URL, "application/json", 65536));
	const url = metadata.status_list_jwks_uri;
	if (metadata.issuer !== ISSUER) throw new Error("the metadata are not the site's");
	if (url === undefined) return KEYS_URL;
	if (typeof url !== "string" || !url.startsWith(ISSUER + "/"))
		throw new Error("the metadata name a key set that is not the site's");
	return url;
}

const statusKeySet = new Kept(async () => loadKeys(await statusKeysUrl()), KEYS_PAUSE);

async function findStatusKey(kid) {
	return (await statusKeySet.get((keys) => keys.has(kid))).get(kid) || null;
}

function inflate(bytes) {
	return bytesFrom(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")), STATUS_LONGEST);
}

async function loadStatusList() {
	const claims = await verifyStatusList(await fetchText(STATUS_URL, "application/statuslist+jwt", STATUS_LONGEST));
	const { iat, exp, ttl, status_list: list } = claims;
	const left = exp - Date.now() / 1000;
	const bits = list && [1, 2, 4, 8].includes(list.bits) ? list.bits : 0;
	if (claims.sub !== STATUS_URL || ![iat, exp, ttl].every(Number.isSafeInteger) || left <= 0 || ttl <= 0 || !bits)
		throw new Error("the status list is not the site's, or has expired");
	const bytes = await inflate(bytesOf(list.lst));
	return { value: { bits, bytes }, fresh: Math.min(ttl, left), stale: Math.min(ttl + STATUS_GRACE, left) };
}

const statusList = new Kept(loadStatusList, STATUS_PAUSE);

// Whether an access token's session has ended, according to the site. A token that
// the list does not cover may not pass. Throws if there is no list.
async function hasEnded(claims) {
	const at = claims.status && claims.status.status_list;
	const { bits, bytes } = await statusList.get(() => true);
	if (!at || at.uri !== STATUS_URL || !Number.isSafeInteger(at.idx) || at.idx < 0) return true;
	const each = 8 / bits, byte = Math.floor(at.idx / each);
	if (byte >= bytes.length) return true;
	return (bytes[byte] >> at.idx % each * bits & (1 << bits) - 1) !== 0;
}

async function mayPass(claims) {
	if (!CHECK_STATUS) return true;
	try {
		return !await hasEnded(claims);
	} catch (error) {
		if (STATUS_MAY_FAIL) return true;
		throw error;
	}
}

// The origins whose pages may ask: the site's allowed_origins. Their preflights carry no token, and are answered
// here; the application says in its own answers that they may be read.
const ORIGINS = [];
const corsHeaders = (origin) => (ORIGINS.includes(origin) ? {
	"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true",
	"Access-Control-Expose-Headers": "Retry-After, WWW-Authenticate", Vary: "Origin",
} : {});

// The headers that answer a preflight (Fetch standard, 3.2.2) from such an origin, with 204; null for any other request.
function preflightHeaders(method, header) {
	const origin = header("origin"), wanted = header("access-control-request-method");
	if (method !== "OPTIONS" || !wanted || !ORIGINS.includes(origin)) return null;
	const named = header("access-control-request-headers");
	return {
		...corsHeaders(origin), "Access-Control-Allow-Methods": wanted,
		...(named ? { "Access-Control-Allow-Headers": named } : {}), "Access-Control-Max-Age": "600",
	};
}

const ALGORITHMS = ["ES256", "EdDSA", "RS256"];	// of a key: each says which one it is for

// Fetched at the first token, then again when it is KEYS_FRESH old, or a token names a key that it lacks.
const findKey = createRemoteJWKSet(new URL(KEYS_URL), {
	cacheMaxAge: KEYS_FRESH * 1000, cooldownDuration: 10000, timeoutDuration: FETCH_MS,
});

// The keys of a set, by their ids.
async function loadKeys(url) {
	const set = JSON.parse(await fetchText(url, "application/jwk-set+json", 65536));
	const keys = new Map();
	for (const jwk of set.keys) {
		if (ALGORITHMS.includes(jwk.alg) && typeof jwk.kid === "string") keys.set(jwk.kid, await importJWK(jwk));
	}
	return { value: keys, fresh: KEYS_FRESH, stale: KEYS_STALE };
}

async function verifyJws(text, typ, keyOf, more) {
	const { payload, protectedHeader } = await jwtVerify(text, keyOf, { typ, algorithms: ALGORITHMS, ...more });
	if (protectedHeader.kid === undefined || UNWANTED.some((name) => protectedHeader[name] !== undefined))
		throw new errors.JWSInvalid("it names no key, or more than one");
	return payload;
}

function verifyStatusList(text) {
	const keyOf = async ({ kid }) => {
		const key = await findStatusKey(kid);
		if (!key) throw new errors.JWKSNoMatchingKey();
		return key;
	};
	return verifyJws(text, "statuslist+jwt", keyOf, { subject: STATUS_URL });
}

// The claims of a valid token; for any other it throws one of jose's errors.
async function verifyAccessToken(token) {
	if (token.length > LONGEST_TOKEN || !token.split(".").every(bytesOf))
		throw new errors.JWSInvalid("it is too long, or no base64url");
	const claims = await verifyJws(token, "at+jwt", findKey, { issuer: ISSUER, audience: AUDIENCE });
	const why = wrongClaim(claims, Date.now() / 1000) || (await mayPass(claims) ? "" : "ended");
	if (why) throw new errors.JWTClaimValidationFailed(why, claims);
	return claims;
}

// Whether the token is to blame, and not a failure to get its key or the status list.
function isRefusal(error) {
	const unknown = ["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"];
	return error instanceof errors.JOSEError && !unknown.includes(error.code);
}

export async function authenticateToken(req, res, next) {
	const preflight = preflightHeaders(req.method, (name) => req.headers[name]);
	if (preflight) return res.set(preflight).sendStatus(204);
	res.set(corsHeaders(req.headers.origin));
	const token = bearerOf(req.headers.authorization);
	if (!token) return res.set("WWW-Authenticate", "Bearer").sendStatus(401);
	try {
		req.user = await verifyAccessToken(token);
	} catch (error) {
		console.error(`pintle: a token is refused: ${error.message}`);
		return res.sendStatus(isRefusal(error) ? 403 : 503);
	}
	next();
}
