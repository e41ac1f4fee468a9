// A service that has never spoken to pintle: fetches the published keys and verifies a token.
// node verify.mjs JWKS_URL ISSUER AUDIENCE < token; prints the claims, or the refusal's code.
import { readFileSync } from 'node:fs';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const [url, issuer, audience] = process.argv.slice(2);
const token = readFileSync(0, 'utf8').trim();
try {
  const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(url)), {
    issuer, audience, typ: 'at+jwt', algorithms: ['ES256'],
  });
  console.log(JSON.stringify({ payload, protectedHeader }));
} catch (error) {
  console.log(JSON.stringify({ refused: error.code ?? String(error) }));
}
