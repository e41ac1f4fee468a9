const FETCH_MS = 2000;	// as long a fetch may take
const WAIT_MS = 20;	// between two looks whether another request has fetched it

// The bytes of a stream, of which there may be so many.
async function bytesFrom(stream, longest) {
	const parts = [];
	let length = 0;
	const reader = stream.getReader();
	for (let part = await reader.read(); !part.done; part = await reader.read()) {
		length += part.value.length;
		parts.push(part.value);
		if (length <= longest) continue;
		reader.cancel().catch(() => {});
		throw new Error(`more than ${longest} bytes`);
	}
	const all = new Uint8Array(length);
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

// Asks the site. Nothing but 200 will do, redirected nowhere, no longer than this.
async function fetchText(url, type, longest) {
	const answer = await fetch(url, {
		headers: { Accept: type }, redirect: "manual", signal: AbortSignal.timeout(FETCH_MS),
	});
	if (answer.status !== 200 || !answer.body) throw new Error(`${url}: ${answer.status}`);
	return new TextDecoder().decode(await bytesFrom(answer.body, longest));
}

// What was fetched, and is used again while it is fresh. One request renews it, while the others go on with what
// is there until it is stale; then nobody gets it. No request waits for the promise of another, since in a Worker
// that one may be gone: where there is nothing to go on with, one fetches it and the others look now and then
// whether it is there. load() gives { value, fresh, stale }, the two in seconds; between two tries there are `pause`.
class Kept {
	constructor(load, pause) {
		Object.assign(this, {
			load, pause, value: null, fresh: 0, stale: 0, next: 0, renewing: 0, fetching: 0, failed: 0,
		});
	}

	isUsable(now) {
		return this.value !== null && now < this.stale;
	}

	// The value, renewed first if it is not fresh or not enough. Throws where there is none to be had.
	async get(isEnough) {
		const now = Date.now() / 1000;
		if (!this.isUsable(now)) await this.obtain();
		else if (now >= this.fresh ? now >= this.renewing : !isEnough(this.value) && now >= this.next) await this.renew(now);
		if (!this.isUsable(Date.now() / 1000)) throw new Error("the site does not answer");
		return this.value;
	}

	// As long as another may still be fetching it, that one is waited for; after a failure nobody tries for a second.
	async obtain() {
		for (let now = Date.now() / 1000; !this.isUsable(now) && now >= this.failed; now = Date.now() / 1000) {
			if (now >= this.fetching) return this.renew(now);
			await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
		}
	}

	async renew(now) {
		this.next = this.renewing = now + this.pause;
		this.fetching = now + FETCH_MS / 1000;
		try {
			const { value, fresh, stale } = await this.load();
			Object.assign(this, { value, fresh: now + fresh, stale: now + stale, renewing: 0, failed: 0 });
		} catch (error) {
			this.failed = Date.now() / 1000 + 1;
			console.error(`pintle: ${error.message}`);
		}
		this.fetching = 0;
	}
}
