// A Lambda authorizer for HTTP APIs (payload format 2.0, simple responses): lets requests through that carry a valid
// access token of {{issuer}}, whatever algorithm the site signs with.
// Printed by `pintle config aws-lambda`. Save it as index.mjs and make a function of it:
//   zip authorizer.zip index.mjs
//   aws lambda create-function --function-name pintle-authorizer --runtime nodejs22.x --handler index.handler \
//     --timeout 6 --zip-file fileb://authorizer.zip --role ROLE
// `pintle config aws-api-gateway` prints the API that asks it. It must reach the site, so in a VPC it needs a way out.

import { webcrypto as crypto } from "node:crypto";

{{>site}}

{{>claims}}

{{>jws}}

{{>kept}}

{{>keys}}

{{>status}}

{{>judge}}

export async function handler(event) {
	const header = event && event.headers ? event.headers.authorization : undefined;
	const verdict = await judge(typeof header === "string" ? header : "");
	// API Gateway answers 500 then, and lets nobody through.
	if (verdict.status === 503) throw new Error("the site does not answer");
	if (!verdict.claims) return { isAuthorized: false };
	const { preferred_username: user, groups, sid: session, sub } = verdict.claims;
	return { isAuthorized: true, context: { user, groups: groups.join(","), session, sub } };
}
