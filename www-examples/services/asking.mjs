// A service that asks about every access token (RFC 7662), with its own credentials. It learns of a logout at
// once, and gets the user's present groups and name; each request costs a question.
//   pintle service add billing        # prints the secret once: store it where only the service can read it
//   ISSUER=https://www.example.org/auth SERVICE=billing SECRET_FILE=secret PORT=3003 node asking.mjs
import { readFileSync } from "node:fs";
import express from "express";

const { ISSUER, SERVICE, SECRET_FILE, PORT } = process.env;
const secret = readFileSync(SECRET_FILE, "utf8").trim();
const credentials = "Basic " + Buffer.from(`${SERVICE}:${secret}`).toString("base64");

// The site's answer about the token: { active: false } for any that is not valid.
async function introspect(token) {
	const answer = await fetch(ISSUER + "/introspect", {
		method: "POST", headers: { Authorization: credentials }, body: new URLSearchParams({ token }),
		redirect: "manual", signal: AbortSignal.timeout(2000),
	});
	if (answer.status !== 200) throw new Error(`introspection: ${answer.status}`);
	return answer.json();
}

async function authenticateToken(req, res, next) {
	const token = req.headers.authorization?.split(" ")[1];
	if (!token) return res.set("WWW-Authenticate", "Bearer").sendStatus(401);
	try {
		req.user = await introspect(token);
	} catch (error) {
		console.error(error.message);
		return res.sendStatus(503);
	}
	// Only true is a yes.
	if (req.user.active !== true) return res.sendStatus(403);
	next();
}

const app = express();
app.get("/bills", authenticateToken, (req, res) => res.json({ service: "asking", user: req.user.username }));
app.listen(PORT, "127.0.0.1");
