// A Lambda authorizer for HTTP APIs (payload format 2.0, simple responses): lets requests through that carry a valid
// access token of "https://www.example.org/auth", whatever algorithm the site signs with.
// Printed by `pintle config aws-lambda`. Save it as index.mjs and make a function of it:
//   zip authorizer.zip index.mjs
//   aws lambda create-function --function-name pintle-authorizer --runtime nodejs22.x --handler index.handler \
//     --timeout 6 --zip-file fileb://authorizer.zip --role ROLE
// `pintle config aws-api-gateway` prints the API that asks it. It must reach the site, so in a VPC it needs a way out.

import { webcrypto as crypto } from "node:crypto";

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

// WebCrypto's names for the algorithms that the site may sign with.
const ALGORITHMS = {
	ES256: {
		import: { name: "ECDSA", namedCurve: "P-256" }, verify: { name: "ECDSA", hash: "SHA-256" },
		kty: "EC", crv: "P-256", members: ["crv", "x", "y"], signature: 64,
	},
	EdDSA: {
		import: { name: "Ed25519" }, verify: { name: "Ed25519" },
		kty: "OKP", crv: "Ed25519", members: ["crv", "x"], signature: 64,
	},
	RS256: {
		import: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, verify: { name: "RSASSA-PKCS1-v1_5" },
		kty: "RSA", members: ["n", "e"],
	},
};

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

function objectOf(text) {
	const bytes = bytesOf(text);
	if (!bytes) return null;
	try {
		const value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
		return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
	} catch (error) {
		return null;
	}
}

// Whether the key of a set is one that signs with an algorithm known here.
function isKey(jwk) {
	const how = jwk && ALGORITHMS.hasOwnProperty(jwk.alg) ? ALGORITHMS[jwk.alg] : null;
	return how !== null && typeof jwk.kid === "string" && jwk.kty === how.kty && jwk.crv === how.crv &&
		(jwk.use === undefined || jwk.use === "sig") && how.members.every((name) => typeof jwk[name] === "string");
}

// The content of a JWS with this typ (RFC 7515, RFC 8725), not verified yet, or { why } it is none.
function parseJws(text, typ, longest) {
	const parts = typeof text === "string" && text.length <= longest ? text.split(".") : [];
	const header = parts.length === 3 ? objectOf(parts[0]) : null;
	const signature = header ? bytesOf(parts[2]) : null;
	const claims = signature ? objectOf(parts[1]) : null;
	if (!claims) return { why: "malformed" };
	if (UNWANTED.some((name) => header[name] !== undefined)) return { why: "header" };
	if (header.typ !== typ) return { why: "type" };
	if (typeof header.kid !== "string") return { why: "no key named" };
	const signed = new TextEncoder().encode(parts[0] + "." + parts[1]);
	return { why: "", alg: header.alg, kid: header.kid, claims: claims, signature: signature, signed: signed };
}

// Verifies a JWS: { claims }, or { why } it is refused. findKey(kid) gives { alg, key } or null, and throws where
// nobody can tell.
async function verifyJws(text, typ, longest, findKey) {
	const jws = parseJws(text, typ, longest);
	if (jws.why) return jws;
	const found = await findKey(jws.kid);
	if (!found) return { why: "unknown key" };
	// The key decides the algorithm; the token must agree.
	if (jws.alg !== found.alg) return { why: "algorithm" };
	const how = ALGORITHMS[found.alg];
	if (how.signature !== undefined && jws.signature.length !== how.signature) return { why: "signature" };
	try {
		const good = await crypto.subtle.verify(how.verify, found.key, jws.signature, jws.signed);
		return good === true ? { claims: jws.claims } : { why: "signature" };
	} catch (error) {
		return { why: "signature" };
	}
}

async function verifyAccessToken(token, findKey) {
	const verified = await verifyJws(token, "at+jwt", LONGEST_TOKEN, findKey);
	const why = verified.claims ? wrongClaim(verified.claims, Date.now() / 1000) : "";
	return why ? { why: why } : verified;
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

async function importKey(jwk) {
	const how = ALGORITHMS[jwk.alg];
	const plain = { kty: jwk.kty };
	for (const name of how.members) plain[name] = jwk[name];
	return { alg: jwk.alg, key: await crypto.subtle.importKey("jwk", plain, how.import, false, ["verify"]) };
}

async function loadKeys(url) {
	const set = JSON.parse(await fetchText(url, "application/jwk-set+json", 65536));
	const keys = new Map();
	for (const jwk of set.keys.filter(isKey)) {
		try {
			keys.set(jwk.kid, await importKey(jwk));
		} catch (error) {
			console.error(`pintle: key ${jwk.kid}: ${error.message}`);
		}
	}
	return { value: keys, fresh: KEYS_FRESH, stale: KEYS_STALE };
}

const keySet = new Kept(() => loadKeys(KEYS_URL), KEYS_PAUSE);

async function findKey(kid) {
	return (await keySet.get((keys) => keys.has(kid))).get(kid) || null;
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

async function verifyStatusList(text) {
	const verified = await verifyJws(text, "statuslist+jwt", STATUS_LONGEST, findStatusKey);
	if (!verified.claims) throw new Error(`the status list is refused: ${verified.why}`);
	return verified.claims;
}

// Who is asking, by the Authorization header: { claims }, or the { status } to answer with; 503 if it cannot be known.
async function judge(header) {
	const token = bearerOf(header);
	if (!token) return { status: 401 };
	try {
		const verified = await verifyAccessToken(token, findKey);
		const why = verified.why || (await mayPass(verified.claims) ? "" : "ended");
		if (!why) return { status: 200, claims: verified.claims };
		console.log(`pintle: a token is refused: ${why}`);
		return { status: 401, error: "invalid_token" };
	} catch (error) {
		console.error(`pintle: ${error.message}`);
		return { status: 503 };
	}
}

export async function handler(event) {
	const header = event && event.headers ? event.headers.authorization : undefined;
	const verdict = await judge(typeof header === "string" ? header : "");
	// API Gateway answers 500 then, and lets nobody through.
	if (verdict.status === 503) throw new Error("the site does not answer");
	if (!verdict.claims) return { isAuthorized: false };
	const { preferred_username: user, groups, sid: session, sub } = verdict.claims;
	return { isAuthorized: true, context: { user, groups: groups.join(","), session, sub } };
}
