async function importKey(jwk) {
	const how = ALGORITHMS[jwk.alg];
	const plain = { kty: jwk.kty };
	for (const name of how.members) plain[name] = jwk[name];
	return { alg: jwk.alg, key: await crypto.subtle.importKey("jwk", plain, how.import, false, ["verify"]) };
}

async function loadKeys(url) {
	const set = JSON.parse(await fetchText(url, "application/jwk-set+json", 65536));
	const keys = new Map();
	for (const jwk of set.keys.filter(isKey)) {
		try {
			keys.set(jwk.kid, await importKey(jwk));
		} catch (error) {
			console.error(`pintle: key ${jwk.kid}: ${error.message}`);
		}
	}
	return { value: keys, fresh: KEYS_FRESH, stale: KEYS_STALE };
}

const keySet = new Kept(() => loadKeys(KEYS_URL), KEYS_PAUSE);

async function findKey(kid) {
	return (await keySet.get((keys) => keys.has(kid))).get(kid) || null;
}
