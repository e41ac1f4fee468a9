const FETCH_MS = 2000;	// as long a fetch may take
const WAIT_MS = 20;	// between two checks whether another request has fetched it

// The bytes of a stream, at most so many.
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

// Asks the site. Accepts only 200, follows no redirect, and waits no longer than this.
async function fetchText(url, type, longest) {
	const answer = await fetch(url, {
		headers: { Accept: type }, redirect: "manual", signal: AbortSignal.timeout(FETCH_MS),
	});
	if (answer.status !== 200 || !answer.body) throw new Error(`${url}: ${answer.status}`);
	return new TextDecoder().decode(await bytesFrom(answer.body, longest));
}

// A fetched value, which is reused while it is fresh. One request renews it, while the others go on with the old
// one until it is stale; then nobody gets it. No request waits for the promise of another, since in a Worker
// that one may be gone: if there is nothing to go on with, one fetches it and the others check now and then
// whether it has come. load() returns { value, fresh, stale }, the latter in seconds; `pause` is the time between tries.
class Kept {
	constructor(load, pause) {
		Object.assign(this, {
			load, pause, value: null, fresh: 0, stale: 0, next: 0, renewing: 0, fetching: 0, failed: 0,
		});
	}

	isUsable(now) {
		return this.value !== null && now < this.stale;
	}

	// The value, renewed first if it is not fresh or not enough. Throws if there is none.
	async get(isEnough) {
		const now = Date.now() / 1000;
		if (!this.isUsable(now)) await this.obtain();
		else if (now >= this.fresh ? now >= this.renewing : !isEnough(this.value) && now >= this.next) await this.renew(now);
		if (!this.isUsable(Date.now() / 1000)) throw new Error("the site does not answer");
		return this.value;
	}

	// While another request may still be fetching it, wait for that one; after a failure nobody tries for a second.
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
