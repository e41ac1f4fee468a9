// Services that have never spoken to pintle: each fetches the published keys by itself and verifies
// tokens, with a library from npm. node verify.mjs < {"issuer", "audience", "tokens": {NAME:
// TOKEN}}; prints for each library what became of each token: the user name it was accepted for, or
// the refusal.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { JwtVerifier } from 'aws-jwt-verify';
import express from 'express';
import { auth } from 'express-oauth2-jwt-bearer';
import { createVerifier } from 'fast-jwt';
import * as jose from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import jwksClient from 'jwks-rsa';

const { issuer, audience, tokens } = JSON.parse(readFileSync(0, 'utf8'));
const keysUrl = issuer + '/jwks.json';
const algorithms = ['ES256', 'EdDSA', 'RS256'];

async function publishedKeys() {
  const { keys } = await (await fetch(keysUrl)).json();
  return new Map(keys.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })]));
}
const keys = await publishedKeys();

// jsonwebtoken refuses the name of an algorithm that it does not have.
const jsonwebtokenOptions = { issuer, audience, algorithms: ['ES256', 'RS256'] };

// The seed's own middleware, with the published key in place of the secret.
const authenticateToken = (req, res, next) => {
  const token = req.headers['authorization']?.split(' ')[1];
  if (!token) return res.sendStatus(401);

  const publishedKey = (header, done) => done(null, keys.get(header.kid));
  jsonwebtoken.verify(token, publishedKey, jsonwebtokenOptions, (err, user) => {
    if (err) return res.sendStatus(403);
    req.user = user;
    next();
  });
};

const client = jwksClient({ jwksUri: keysUrl, cache: true, rateLimit: true });

async function byJwksRsa(token) {
  const { alg, kid } = jose.decodeProtectedHeader(token);
  const key = (await client.getSigningKey(kid)).getPublicKey();
  if (alg !== 'EdDSA') return jsonwebtoken.verify(token, key, jsonwebtokenOptions);
  const verified = await jose.jwtVerify(token, await jose.importSPKI(key, alg), { issuer, audience, algorithms });
  return verified.payload;
}

const remoteKeys = jose.createRemoteJWKSet(new URL(keysUrl));

async function byJose(token) {
  return (await jose.jwtVerify(token, remoteKeys, { issuer, audience, typ: 'at+jwt', algorithms })).payload;
}

const fastJwt = createVerifier({
  key: async ({ header }) => keys.get(header.kid).export({ type: 'spki', format: 'pem' }),
  allowedIss: issuer, allowedAud: audience, algorithms, cache: true,
});

const awsJwtVerify = JwtVerifier.create({ issuer, audience, jwksUri: keysUrl });

// An Express application behind a middleware, asked over HTTP as its clients would ask it.
async function serve(middleware) {
  const app = express();
  app.get('/', middleware, (req, res) => res.json(req.user ?? req.auth.payload));
  app.use((err, req, res, next) => res.sendStatus(err.status ?? 500));
  const server = await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  return async (token) => {
    const headers = token ? { authorization: 'Bearer ' + token } : {};
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/`, { headers });
    if (answer.status !== 200) throw Object.assign(new Error(), { code: answer.status });
    return answer.json();
  };
}

const libraries = {
  'jsonwebtoken': await serve(authenticateToken),
  'jwks-rsa': byJwksRsa,
  'express-oauth2-jwt-bearer': await serve(auth({ issuerBaseURL: issuer, audience, strict: true })),
  'jose': byJose,
  'fast-jwt': fastJwt,
  'aws-jwt-verify': (token) => awsJwtVerify.verify(token),
};

const found = {};
for (const [library, verify] of Object.entries(libraries)) {
  found[library] = {};
  for (const [name, token] of Object.entries(tokens)) {
    try {
      found[library][name] = { taken: (await verify(token)).preferred_username };
    } catch (error) {
      found[library][name] = { refused: error.code ?? error.name, text: String(error.message) };
    }
  }
}
process.stdout.write(JSON.stringify(found), () => process.exit(0));
