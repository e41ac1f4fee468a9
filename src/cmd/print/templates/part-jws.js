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

{{>bytes}}

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
