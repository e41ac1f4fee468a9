/*
 * pintle.js: a page's side of pintle. The access token is kept in memory alone; it is refreshed before it ends, once
 * for all tabs, and all tabs learn of it and of a sign-out at once. What cannot be reached signs nobody out.
 *
 *	import pintle from "/auth/client.js";
 *	const answer = await pintle.fetch("/api/things");
 *
 * What became of a call is a value, never an exception: { state, error, reason, text }. README.md says more.
 */

/* Refusals of /refresh that mean that the session is over. Any other answer may pass. */
const OVER = ["unauthorized", "invalid_refresh_token", "session_expired", "session_revoked", "refresh_token_reused",
	"user_disabled"];
const MARGIN = 30;	/* seconds before its end at which a token is refreshed, or a third of its life */
const PATIENCE = 20000;	/* ms that an answer may take */
const here = new URL(".", import.meta.url).pathname.slice(0, -1);

export class Pintle extends EventTarget {
	#token; #began; #ticks; #life = 0; #used = false; #busy; #timer; #channel; #tries = 0;
	state = "unknown";	/* then "in" or "out" */
	user; session; reason; text;

	constructor({ mount = /\/client\.js$/.test(import.meta.url) ? here : "/auth", origins = [] } = {}) {
		super();
		this.mount = mount;
		this.origins = [location.origin, ...origins];
		this.#channel = new BroadcastChannel("pintle:" + mount);
		this.#channel.onmessage = ({ data }) => this.#hear(data);
		this.#tell({ ask: 1 });
		const look = () => document.hidden || this.state !== "in" || this.#plan();
		document.addEventListener("visibilitychange", look);
		addEventListener("pageshow", look);
		addEventListener("online", look);
	}

	#tell(what) {
		this.#channel.postMessage(what);
	}

	/* Other tabs, and pintle's own pages. */
	#hear({ ask, look, token, out, id }) {
		if (ask && this.#left() > 0)
			this.#tell({ token: { ...this.#token, expires_in: this.#left() } });
		else if (token)
			this.#take(token);
		else if (out && (id === this.session?.id || this.state !== "in"))
			this.#drop(out);
		else if (look && this.state !== "unknown")
			this.refresh();
	}

	/* Seconds that the token has left. One clock stands while the machine sleeps, the other may be set. */
	#left() {
		return this.#life - Math.max(Date.now() - this.#began, performance.now() - this.#ticks) / 1000;
	}

	/* Keeps whichever token lasts longer, of the newer session. Its life is counted from when it was asked for. */
	#take(token, began = Date.now(), ticks = performance.now()) {
		const old = this.session, left = this.#left(), next = token.session;
		const shorter = token.expires_in - (performance.now() - ticks) / 1000 <= left;
		if (left > 0 && (old.id === next.id ? shorter : next.created_at < old.created_at))
			return;
		this.#token = token;
		this.#life = token.expires_in;
		this.#began = began;
		this.#ticks = ticks;
		this.#tries = 0;
		this.#become("in", token);
		this.#plan();
	}

	#drop(why) {
		this.#token = undefined;
		this.#life = 0;
		clearTimeout(this.#timer);
		this.#become("out", why);
	}

	#become(state, { user, session, error, reason, text }) {
		const changed = this.state !== state || this.session?.id !== session?.id;
		Object.assign(this, { state, user, session, error, reason, text });
		if (changed)
			this.dispatchEvent(new Event("change"));
	}

	/* A tab that nobody looks at and nothing uses lets its token end. */
	#plan() {
		clearTimeout(this.#timer);
		const wait = this.#left() - Math.min(MARGIN, this.#life / 3);
		this.#timer = setTimeout(() => {
			if (document.hidden && !this.#used)
				return;
			this.#used = false;
			this.refresh().then(({ state }) => {
				if (state === "unreachable")
					this.#timer = setTimeout(() => this.#plan(), Math.min(60, 2 ** this.#tries++) * 1000);
			});
		}, Math.max(0, Math.min(wait * 1000, 2 ** 31 - 1)));
	}

	/* One answer of ours: { ok, status, error, reason, text, ...its JSON }; without a status there was none. */
	async #post(path, body) {
		try {
			const answer = await fetch(this.mount + path, {
				method: "POST",
				headers: { Accept: "application/json", Prefer: "quiet", ...body && { "Content-Type": "application/json" } },
				body: body && JSON.stringify(body),
				signal: AbortSignal.timeout(PATIENCE),
			});
			const said = await answer.json().catch(() => ({}));
			return { ...said, text: said.error_description, ok: answer.ok, status: answer.status,
				retryAfter: Number(answer.headers.get("Retry-After")) || undefined };
		} catch {
			return {};
		}
	}

	/* One at a time in all tabs, where the browser can tell. */
	#alone(what) {
		return navigator.locks ? navigator.locks.request("pintle:" + this.mount, what) : what();
	}

	#is() {
		const { state, user, session, error, reason, text } = this;
		return { state, user, session, error, reason, text };
	}

	/* A new access token by the refresh cookie, unless another tab has just had one. */
	refresh() {
		return this.#busy ??= this.#renew().finally(() => this.#busy = undefined);
	}

	async #renew() {
		const before = this.#token?.access_token;
		if (this.state === "unknown")
			await new Promise((done) => setTimeout(done, 50));	/* another tab may answer first */
		return this.#alone(async () => {
			await new Promise((done) => setTimeout(done));	/* what was told under the lock is heard */
			if (this.#token?.access_token !== before && this.#left() > 0)
				return this.#is();
			const began = Date.now(), ticks = performance.now();
			const said = await this.#post("/refresh");
			if (said.access_token) {
				this.#take(said, began, ticks);
				this.#tell({ token: { ...this.#token, expires_in: this.#left() } });
			} else if (said.status === 204 || OVER.includes(said.error)) {
				const why = { error: said.error, reason: said.reason, text: said.text };
				if (this.state === "in")
					this.#tell({ out: why, id: this.session.id });
				this.#drop(why);
			} else
				return { ...this.#is(), state: "unreachable", retryAfter: said.retryAfter };
			return this.#is();
		});
	}

	/*
	 * { username, password, remember, device, otp } to { state: "in", user, session }, "otp" (call proceed(code)),
	 * "enrol" (call proceed(): the browser goes to the page that sets it up), "refused" or "unreachable".
	 */
	async signIn(who) {
		const began = Date.now(), ticks = performance.now();
		const { access_token, ...said } = await this.#alone(async () => {
			const answer = await this.#post("/login", who);
			if (answer.access_token) {
				this.#take(answer, began, ticks);
				this.#tell({ token: this.#token });
			}
			return answer;
		});
		const { error, reason, text, retryAfter } = said;
		const no = { error, reason, text, retryAfter };
		if (access_token)
			return this.#is();
		if (error === "otp_required")
			return { ...no, state: "otp", proceed: (otp) => this.signIn({ ...who, otp }) };
		if (error === "otp_enrolment_required")
			return { ...no, state: "enrol", proceed: () => this.#enrol(who) };
		return { ...no, state: error && said.status < 500 ? "refused" : "unreachable" };
	}

	/* The page of the second factor comes of the login's form, and leads back here. */
	#enrol(who) {
		const form = Object.assign(document.createElement("form"), { method: "post", action: this.mount + "/login" });
		const back = location.pathname + location.search;
		for (const [name, value] of Object.entries({ ...who, return: back }))
			if (value !== undefined && value !== false)
				form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
		document.body.append(form);
		form.submit();
		form.remove();
	}

	/* Here and in all tabs. Refreshes under way come first; not reached, nobody is signed out. */
	signOut() {
		return this.#alone(async () => {
			const said = await this.#post("/logout");
			if (!said.ok)
				return { ...this.#is(), state: "unreachable" };
			const why = { reason: "logout" };
			this.#tell({ out: why, id: this.session?.id });
			this.#drop(why);
			return this.#is();
		});
	}

	/* An access token that is good for a while, for WebSockets say; null where nobody is signed in or it cannot be had. */
	async token() {
		this.#used = true;
		if (this.#left() < 5 && this.state !== "out" || this.state === "unknown")
			await this.refresh();
		return this.#left() > 0 ? this.#token.access_token : null;
	}

	/*
	 * fetch with the token, for this origin and those named; after a 401 of pintle's, or of a service about the token,
	 * once more with a new one, body and all, if it is the same user's.
	 */
	async fetch(input, init) {
		const request = new Request(input, init);
		if (!this.origins.includes(new URL(request.url).origin))
			return fetch(request);
		const send = (what, token) => {
			if (token)
				what.headers.set("Authorization", "Bearer " + token);
			return fetch(what);
		};
		const token = await this.token();
		const again = request.clone();
		const answer = await send(request, token);
		if (answer.status !== 401 || !token || !this.#ours(answer))
			return answer;
		const before = this.user.id;
		if (token === this.#token?.access_token)
			await this.refresh();
		const next = this.#left() > 0 && this.#token.access_token;
		return next && next !== token && this.user.id === before ? send(again, next) : answer;
	}

	#ours({ headers, url }) {
		return headers.get("X-Auth-Reason") === "signed_out" || new URL(url).pathname.startsWith(this.mount + "/") ||
			/^Bearer.*error="?invalid_token/.test(headers.get("WWW-Authenticate") ?? "");
	}
}

export default new Pintle();
