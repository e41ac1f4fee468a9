// A Cloudflare Worker that lets requests through that carry a valid access token of {{issuer}}.
// Printed by `pintle config cloudflare`. Save it as src/index.js, with a wrangler.toml such as
//   name = "gate"
//   main = "src/index.js"
//   compatibility_date = "2025-01-01"
//   routes = [{ pattern = "api.example.org/*", zone_name = "example.org" }]
// then `npx wrangler deploy`. The site itself must not be behind that route. The token is passed on to the
// application, which may verify it too.

{{>site}}

{{>claims}}

{{>jws}}

{{>kept}}

{{>keys}}

{{>status}}

{{>judge}}

{{>headers}}

{{>cors}}

function refusal(verdict, origin) {
	const headers = new Headers({ "Content-Type": "application/json", "Cache-Control": "no-store", ...corsHeaders(origin) });
	if (verdict.status === 401)
		headers.set("WWW-Authenticate", verdict.error ? `Bearer error="${verdict.error}"` : "Bearer");
	const error = verdict.status === 401 ? verdict.error || "unauthorized" : "temporarily_unavailable";
	return new Response(JSON.stringify({ error }), { status: verdict.status, headers });
}

export default {
	async fetch(request) {
		const preflight = preflightHeaders(request.method, (name) => request.headers.get(name));
		if (preflight) return new Response(null, { status: 204, headers: preflight });
		const verdict = await judge(request.headers.get("Authorization"));
		if (!verdict.claims) return refusal(verdict, request.headers.get("Origin"));
		const headers = new Headers(request.headers);
		for (const name of [...headers.keys()].filter(isTold)) headers.delete(name);
		for (const [name, value] of Object.entries(told(verdict.claims))) headers.set(name, value);
		return fetch(new Request(request, { headers }));
	},
};
