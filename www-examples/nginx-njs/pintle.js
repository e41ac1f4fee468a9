// Verification inside nginx, by its JavaScript module: no request goes anywhere.
// Printed by `pintle config nginx-njs-script`; `pintle config nginx-njs` prints the configuration that names this
// file, and says how to keep the key set beside it fresh. Written for njs 0.7.9, as in Debian 12.

import fs from "fs";

const ISSUER = "https://www.example.org/auth";
const AUDIENCE = "https://www.example.org";
const KEYS_STALE = 3600;	// seconds: a key set that nobody keeps fresh opens nothing

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

// ---- keys: this WebCrypto accepts no JWK, so the SubjectPublicKeyInfo (RFC 5280, 4.1) is assembled here

const P256 = [0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
	0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04];
const RSA = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

function plain(bytes) {
	const list = [];
	for (let i = 0; i < bytes.length; i++) list.push(bytes[i]);
	return list;
}

// One value in DER, shorter than 64 KiB.
function der(tag, bytes) {
	const n = bytes.length;
	const length = n < 128 ? [n] : n < 256 ? [0x81, n] : [0x82, n >> 8, n & 255];
	return [tag].concat(length, bytes);
}

function derNumber(bytes) {
	return der(0x02, bytes[0] & 0x80 ? [0].concat(bytes) : bytes);
}

function spkiOf(jwk) {
	const members = ALGORITHMS[jwk.alg].members.filter((name) => name !== "crv").map((name) => plain(bytesOf(jwk[name])));
	if (jwk.alg === "ES256") return P256.concat(members[0], members[1]);
	const numbers = der(0x30, derNumber(members[0]).concat(derNumber(members[1])));
	return der(0x30, RSA.concat(der(0x03, [0].concat(numbers))));
}

// The file is read anew each time: it is small, and may have been replaced.
function findJwk(file, kid) {
	if (Date.now() - fs.statSync(file).mtimeMs > KEYS_STALE * 1000) throw new Error(`${file} is too old`);
	const set = JSON.parse(fs.readFileSync(file));
	// This WebCrypto does not verify Ed25519.
	return set.keys.filter(isKey).find((key) => key.kid === kid && key.alg !== "EdDSA");
}

// The key that kid names, or null.
async function findKey(file, kid) {
	const jwk = findJwk(file, kid);
	if (!jwk) return null;
	const spki = new Uint8Array(spkiOf(jwk));
	const key = await crypto.subtle.importKey("spki", spki, ALGORITHMS[jwk.alg].import, false, ["verify"]);
	return { alg: jwk.alg, key: key };
}

// ---- what nginx asks by auth_request

function refuse(r, status, challenge) {
	if (challenge) r.headersOut["WWW-Authenticate"] = challenge;
	r.return(status);
}

// The challenge (RFC 6750, 3; RFC 9470) if a valid token lacks what the place demands, or "".
function missing(claims, groups, maxAge) {
	if (groups && !groups.split(",").some((group) => claims.groups.includes(group)))
		return 'Bearer error="insufficient_scope"';
	if (maxAge && claims.auth_time + Number(maxAge) < Date.now() / 1000)
		return `Bearer error="insufficient_user_authentication", max_age=${maxAge}`;
	return "";
}

async function verify(r) {
	const token = bearerOf(r.headersIn.Authorization);
	if (!token) {
		refuse(r, 401, "Bearer");
		return;
	}
	let verified = null;
	try {
		verified = await verifyAccessToken(token, (kid) => findKey(r.variables.pintle_keys, kid));
	} catch (error) {
		r.error(`pintle: ${error.message}`);
		refuse(r, 503, "");
		return;
	}
	if (verified.why) {
		r.warn(`pintle: a token is refused: ${verified.why}`);
		refuse(r, 401, 'Bearer error="invalid_token"');
		return;
	}
	const claims = verified.claims;
	const challenge = missing(claims, r.variables.pintle_groups, r.variables.pintle_max_age);
	if (challenge) {
		refuse(r, challenge.includes("insufficient_scope") ? 403 : 401, challenge);
		return;
	}
	r.headersOut["X-Auth-User"] = claims.preferred_username;
	r.headersOut["X-Auth-Groups"] = claims.groups.join(",");
	r.headersOut["X-Auth-Session"] = claims.sid;
	r.return(204);
}

export default { verify };
