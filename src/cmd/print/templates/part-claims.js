const LONGEST_TOKEN = 8192;	// characters that are looked at at all
const LONGEST_LIFE = 86400;	// seconds: what lives longer is not the site's, whoever signed it
const LEEWAY = 60;	// seconds, for clocks that run ahead: of iat and nbf, never of exp

// They are passed on separated by commas.
function areStrings(value) {
	return Array.isArray(value) && value.every((one) => typeof one === "string" && !one.includes(","));
}

// Why the claims of an access token are refused (RFC 9068, 4), or "".
function wrongClaim(claims, now) {
	if (claims.iss !== ISSUER) return "issuer";
	if (claims.aud !== AUDIENCE) return "audience";
	const strings = ["sub", "sid", "client_id", "jti", "preferred_username"];
	if (!strings.every((name) => typeof claims[name] === "string")) return "claims";
	if (!areStrings(claims.groups) || !areStrings(claims.amr)) return "claims";
	// A time as text, with a fraction or out of bounds is invalid.
	if (!["iat", "exp", "auth_time"].every((name) => Number.isSafeInteger(claims[name]))) return "claims";
	if (claims.nbf !== undefined && !Number.isSafeInteger(claims.nbf)) return "claims";
	if (claims.exp <= now) return "expired";
	if (claims.iat > now + LEEWAY || claims.nbf > now + LEEWAY) return "not yet";
	if (claims.exp - claims.iat > LONGEST_LIFE) return "claims";
	return "";
}

// The token of an Authorization header, or "".
function bearerOf(header) {
	const match = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(header || "");
	return match ? match[1] : "";
}
