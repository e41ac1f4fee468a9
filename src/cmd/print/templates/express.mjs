// Middleware for Express: authenticateToken lets requests through that carry a valid access token of
// {{issuer}}, and leaves its claims in req.user.
// Printed by `pintle config express`. Save it as pintle.mjs, `npm install jose@5`, and then
//   import { authenticateToken } from "./pintle.mjs";
//   app.get("/orders", authenticateToken, (req, res) => res.json({ user: req.user.preferred_username }));
// 401 without a token, 403 with an invalid one, 503 if the site does not say which tokens are valid. Preflights from
// the site's allowed_origins are answered if it sees them, as with app.use(authenticateToken).

import { createRemoteJWKSet, errors, importJWK, jwtVerify } from "jose";

{{>site}}

{{>bytes}}

{{>claims}}

{{>kept}}

{{>status}}

{{>cors}}

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
