// Token Status List (draft-ietf-oauth-status-list), with which a logout takes effect here within the list's ttl.
const STATUS_LONGEST = 16777216;	// bytes of a list, and characters of its token
const STATUS_PAUSE = 1;	// seconds between two tries
const STATUS_GRACE = 3;	// seconds that a list is used beyond its ttl while it is renewed

// The address of the list's keys. A site that names none signs the list with the keys of its tokens.
async function statusKeysUrl() {
	const metadata = JSON.parse(await fetchText(METADATA_URL, "application/json", 65536));
	const url = metadata.status_list_jwks_uri;
	if (metadata.issuer !== ISSUER) throw new Error("the metadata are not the site's");
	if (url === undefined) return KEYS_URL;
	if (typeof url !== "string" || !url.startsWith(ISSUER + "/"))
		throw new Error("the metadata name a key set that is not the site's");
	return url;
}

const statusKeySet = new Kept(async () => loadKeys(await statusKeysUrl()), KEYS_PAUSE);

async function findStatusKey(kid) {
	return (await statusKeySet.get((keys) => keys.has(kid))).get(kid) || null;
}

function inflate(bytes) {
	return bytesFrom(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")), STATUS_LONGEST);
}

async function loadStatusList() {
	const claims = await verifyStatusList(await fetchText(STATUS_URL, "application/statuslist+jwt", STATUS_LONGEST));
	const { iat, exp, ttl, status_list: list } = claims;
	const left = exp - Date.now() / 1000;
	const bits = list && [1, 2, 4, 8].includes(list.bits) ? list.bits : 0;
	if (claims.sub !== STATUS_URL || ![iat, exp, ttl].every(Number.isSafeInteger) || left <= 0 || ttl <= 0 || !bits)
		throw new Error("the status list is not the site's, or has expired");
	const bytes = await inflate(bytesOf(list.lst));
	return { value: { bits, bytes }, fresh: Math.min(ttl, left), stale: Math.min(ttl + STATUS_GRACE, left) };
}

const statusList = new Kept(loadStatusList, STATUS_PAUSE);

// Whether an access token's session has ended, according to the site. A token that
// the list does not cover may not pass. Throws if there is no list.
async function hasEnded(claims) {
	const at = claims.status && claims.status.status_list;
	const { bits, bytes } = await statusList.get(() => true);
	if (!at || at.uri !== STATUS_URL || !Number.isSafeInteger(at.idx) || at.idx < 0) return true;
	const each = 8 / bits, byte = Math.floor(at.idx / each);
	if (byte >= bytes.length) return true;
	return (bytes[byte] >> at.idx % each * bits & (1 << bits) - 1) !== 0;
}

async function mayPass(claims) {
	if (!CHECK_STATUS) return true;
	try {
		return !await hasEnded(claims);
	} catch (error) {
		if (STATUS_MAY_FAIL) return true;
		throw error;
	}
}
