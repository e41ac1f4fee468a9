// Services that check no more than the signature, as many do: each with the published keys, an
// algorithm, and nothing of iss, aud or typ. node lazy.mjs < {"issuer", "tokens": {NAME: TOKEN}};
// prints for each library what became of each token: "taken" or "refused".
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import express from 'express';
import { expressjwt } from 'express-jwt';
import { createVerifier } from 'fast-jwt';
import * as jose from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import jwksClient from 'jwks-rsa';

const { issuer, tokens } = JSON.parse(readFileSync(0, 'utf8'));
const keysUrl = issuer + '/jwks.json';
const { keys } = await (await fetch(keysUrl)).json();
const publicKey = createPublicKey({ key: keys[0], format: 'jwk' });

// The middleware of the document that pintle started from, word for word, except the key in place
// of the secret.
const jwt = jsonwebtoken;
const authenticateToken = (req, res, next) => {
  const token = req.headers['authorization']?.split(' ')[1];
  if (!token) return res.sendStatus(401);

  jwt.verify(token, publicKey, (err, user) => {
    if (err) return res.sendStatus(403);
    req.user = user;
    next();
  });
};

// An Express application behind a middleware, asked over HTTP as its clients would ask it.
async function serve(middleware) {
  const app = express();
  app.get('/', middleware, (req, res) => res.json({}));
  app.use((err, req, res, next) => res.sendStatus(err.status ?? 500));
  const server = await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  return async (token) => {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/`, {
      headers: { authorization: 'Bearer ' + token },
    });
    if (answer.status !== 200) throw new Error(answer.status);
  };
}

const client = jwksClient({ jwksUri: keysUrl });
const keyOf = (header, done) => client.getSigningKey(header.kid, (error, key) => done(error, key?.getPublicKey()));
const remoteKeys = jose.createRemoteJWKSet(new URL(keysUrl));
const fastJwt = createVerifier({ key: publicKey.export({ type: 'spki', format: 'pem' }), algorithms: ['ES256'] });

const libraries = {
  'the seed, with jsonwebtoken': await serve(authenticateToken),
  'jsonwebtoken with jwks-rsa': (token) => new Promise((resolve, reject) => {
    jsonwebtoken.verify(token, keyOf, (error, claims) => error ? reject(error) : resolve(claims));
  }),
  'express-jwt': await serve(expressjwt({
    secret: jwksClient.expressJwtSecret({ jwksUri: keysUrl }), algorithms: ['ES256'],
  })),
  'jose': (token) => jose.jwtVerify(token, remoteKeys),
  'fast-jwt': async (token) => fastJwt(token),
};

const found = {};
for (const [library, verify] of Object.entries(libraries)) {
  found[library] = {};
  for (const [name, token] of Object.entries(tokens)) {
    try {
      await verify(token);
      found[library][name] = 'taken';
    } catch {
      found[library][name] = 'refused';
    }
  }
}
process.stdout.write(JSON.stringify(found), () => process.exit(0));
