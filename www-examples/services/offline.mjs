// A service that verifies access tokens itself, with the published keys, and asks nobody.
// It learns of a logout when the token expires.
//   ISSUER=https://www.example.org/auth AUDIENCE=https://www.example.org PORT=3001 node offline.mjs
import express from "express";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

const { ISSUER, AUDIENCE, PORT } = process.env;
// Fetched once, then again when it is as old as the site's max-age says, or a token names a key that it lacks.
const keys = createRemoteJWKSet(new URL(ISSUER + "/jwks.json"), { cacheMaxAge: 300_000, cooldownDuration: 10_000 });
const wanted = { issuer: ISSUER, audience: AUDIENCE, typ: "at+jwt", algorithms: ["ES256", "EdDSA", "RS256"] };

async function authenticateToken(req, res, next) {
	const token = req.headers.authorization?.split(" ")[1];
	if (!token) return res.set("WWW-Authenticate", "Bearer").sendStatus(401);
	try {
		req.user = (await jwtVerify(token, keys, wanted)).payload;
	} catch (error) {
		// A failure to get the keys is not the token's fault.
		const unknown = ["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"];
		const refused = error instanceof errors.JOSEError && !unknown.includes(error.code);
		return res.sendStatus(refused ? 403 : 503);
	}
	next();
}

const app = express();
app.get("/orders", authenticateToken, (req, res) => res.json({ service: "offline", user: req.user.preferred_username }));
app.listen(PORT, "127.0.0.1");
