// Verification inside nginx, by its JavaScript module: no request goes anywhere.
// Printed by `pintle config nginx-njs-script`; `pintle config nginx-njs` prints the configuration that names this
// file, and says how to keep the key set beside it fresh. Written for njs 0.7.9, as in Debian 12.

import fs from "fs";

const ISSUER = {{issuer}};
const AUDIENCE = {{audience}};
const KEYS_STALE = 3600;	// seconds: a key set that nobody keeps fresh opens nothing

{{>claims}}

{{>jws}}

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
