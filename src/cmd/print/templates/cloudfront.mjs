// A Lambda@Edge function for CloudFront's viewer request: lets requests through that carry a valid access token of
// {{issuer}}.
// Printed by `pintle config cloudfront`. Lambda@Edge has no environment variables, so its settings are
// below. Save it as index.mjs, make a function of it in us-east-1 (nodejs22.x, handler index.handler, timeout
// 5 s, a role that lambda.amazonaws.com and edgelambda.amazonaws.com may assume), publish a version, and name
// that in the cache behaviour as viewer request. The origin sees Authorization and X-Auth-* only if the
// behaviour's origin request policy passes them on.
//
// The function runs at each request, and CloudFront's cache after it: what one person saw would be shown
// to the next one with a valid token. So the behaviour needs the managed cache policy CachingDisabled
// (4135ea2d-6df8-44a3-9df3-4b5a84be39ad), or one whose cache key holds the headers Authorization and Origin and
// whose answers may be older than a logout. For pages of other origins it must allow the method OPTIONS.

import { webcrypto as crypto } from "node:crypto";

{{>site}}

{{>claims}}

{{>jws}}

{{>kept}}

{{>keys}}

{{>status}}

{{>judge}}

{{>headers}}

{{>cors}}

// Headers in CloudFront's form.
const listed = (headers) =>
	Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), [{ key, value }]]));

function refusal(verdict, origin) {
	const headers = {
		...listed(corsHeaders(origin)),
		"content-type": [{ key: "Content-Type", value: "application/json" }],
		"cache-control": [{ key: "Cache-Control", value: "no-store" }],
	};
	if (verdict.status === 503)
		return {
			status: "503", statusDescription: "Service Unavailable", headers,
			body: JSON.stringify({ error: "temporarily_unavailable" }),
		};
	const challenge = verdict.error ? `Bearer error="${verdict.error}"` : "Bearer";
	headers["www-authenticate"] = [{ key: "WWW-Authenticate", value: challenge }];
	return {
		status: "401", statusDescription: "Unauthorized", headers,
		body: JSON.stringify({ error: verdict.error || "unauthorized" }),
	};
}

export async function handler(event) {
	const request = event.Records[0].cf.request;
	const header = (name) => (request.headers[name] || [{}])[0].value;
	const preflight = preflightHeaders(request.method, header);
	if (preflight) return { status: "204", statusDescription: "No Content", headers: listed(preflight) };
	const sent = request.headers.authorization || [];
	const verdict = await judge(sent.length === 1 ? sent[0].value : "");
	if (!verdict.claims) return refusal(verdict, header("origin"));
	for (const name of Object.keys(request.headers).filter(isTold)) delete request.headers[name];
	for (const [key, value] of Object.entries(told(verdict.claims)))
		request.headers[key.toLowerCase()] = [{ key, value }];
	return request;
}
