// The origins whose pages may ask: the site's allowed_origins. Their preflights carry no token, and are answered
// here; the application says in its own answers that they may be read.
const ORIGINS = [{{>origins}}];
const corsHeaders = (origin) => (ORIGINS.includes(origin) ? {
	"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true",
	"Access-Control-Expose-Headers": "Retry-After, WWW-Authenticate", Vary: "Origin",
} : {});

// The headers that answer a preflight (Fetch standard, 3.2.2) from such an origin, with 204; null for any other request.
function preflightHeaders(method, header) {
	const origin = header("origin"), wanted = header("access-control-request-method");
	if (method !== "OPTIONS" || !wanted || !ORIGINS.includes(origin)) return null;
	const named = header("access-control-request-headers");
	return {
		...corsHeaders(origin), "Access-Control-Allow-Methods": wanted,
		...(named ? { "Access-Control-Allow-Headers": named } : {}), "Access-Control-Max-Age": "600",
	};
}
