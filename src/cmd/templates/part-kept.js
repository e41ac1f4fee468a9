const FETCH_MS = 2000;	// as long a fetch may take

// Asks the site. Nothing but 200 will do, redirected nowhere, no longer than this.
async function fetchText(url, type, longest) {
	const answer = await fetch(url, {
		headers: { Accept: type }, redirect: "manual", signal: AbortSignal.timeout(FETCH_MS),
	});
	const text = answer.status === 200 ? await answer.text() : "";
	if (!text || text.length > longest) throw new Error(`${url}: ${answer.status}, ${text.length} characters`);
	return text;
}

// What was fetched, and is used again while it is fresh. One request renews it, while the others go on with what
// is there until it is stale; then nobody gets it. No request waits for the promise of another: in a Worker that
// one may be gone. load() gives { value, fresh, stale }, the two in seconds; between two tries there are `pause`.
class Kept {
	constructor(load, pause) {
		Object.assign(this, { load, pause, value: null, fresh: 0, stale: 0, next: 0, renewing: 0, failed: 0 });
	}

	// The value, renewed first if it is not fresh or not enough. Throws where there is none to be had.
	async get(isEnough) {
		const now = Date.now() / 1000;
		const usable = this.value !== null && now < this.stale;
		if (usable && now < this.fresh && isEnough(this.value)) return this.value;
		const since = !usable ? this.failed : now < this.fresh ? this.next : this.renewing;
		if (now >= since) await this.renew(now);
		if (this.value === null || Date.now() / 1000 >= this.stale) throw new Error("the site does not answer");
		return this.value;
	}

	async renew(now) {
		this.next = this.renewing = now + this.pause;
		try {
			const { value, fresh, stale } = await this.load();
			Object.assign(this, { value, fresh: now + fresh, stale: now + stale, renewing: 0 });
		} catch (error) {
			this.failed = Date.now() / 1000 + 1;
			console.error(`pintle: ${error.message}`);
		}
	}
}
