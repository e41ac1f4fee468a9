async function verifyStatusList(text) {
	const verified = await verifyJws(text, "statuslist+jwt", STATUS_LONGEST, findStatusKey);
	if (!verified.claims) throw new Error(`the status list is refused: ${verified.why}`);
	return verified.claims;
}

// Who is asking, by the Authorization header: { claims }, or the { status } to answer with; 503 if it cannot be known.
async function judge(header) {
	const token = bearerOf(header);
	if (!token) return { status: 401 };
	try {
		const verified = await verifyAccessToken(token, findKey);
		const why = verified.why || (await mayPass(verified.claims) ? "" : "ended");
		if (!why) return { status: 200, claims: verified.claims };
		console.log(`pintle: a token is refused: ${why}`);
		return { status: 401, error: "invalid_token" };
	} catch (error) {
		console.error(`pintle: ${error.message}`);
		return { status: 503 };
	}
}
