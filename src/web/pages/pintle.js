/*
 * The login page in place: one silent attempt to refresh, then the form. After
 * a login the same address is loaded again, fragment and all, unless the page is
 * the answer to an unsafe request: that is never sent again from here.
 */
(() => {
	"use strict";

	const page = document.getElementById("pintle").dataset;
	const byId = (id) => document.getElementById(id);
	const form = byId("login");
	const inPlace = page.inPlace !== "";
	const unsafe = page.unsafe !== "";

	const show = (id, text) => {
		const element = byId(id);
		if (text !== undefined)
			element.textContent = text;
		element.hidden = false;
	};

	/* At most one silent attempt per address and minute: a page that reloads must not loop. */
	const maySilently = () => {
		const key = "pintle:" + location.pathname + location.search;
		try {
			const last = Number(sessionStorage.getItem(key));
			if (Date.now() - last < 60000 && Date.now() >= last)
				return false;
			sessionStorage.setItem(key, String(Date.now()));
			return true;
		} catch {
			return false;	/* no storage: better to ask than to loop */
		}
	};

	/* Pages of the site that are open in other tabs hear of it, and of a sign-out that led here. */
	const tellTabs = () => {
		if (window.BroadcastChannel)
			new BroadcastChannel("pintle:" + page.mount).postMessage({ look: 1 });
	};

	const signedIn = () => {
		tellTabs();
		if (unsafe) {
			form.hidden = true;
			byId("open").href = location.pathname + location.search + location.hash;
			show("done");
			return;
		}
		if (inPlace)
			location.reload();
		else
			location.replace(page.return || page.mount + "/");
	};

	const post = (path, body) => fetch(page.mount + path, {
		method: "POST",
		credentials: "same-origin",
		headers: body ? { "Content-Type": "application/json", Accept: "application/json" } : { Accept: "application/json" },
		body: body ? JSON.stringify(body) : undefined,
	});

	const silently = async () => {
		form.hidden = true;
		show("status");
		let answer = null;
		try {
			answer = await post("/refresh");
			if (answer.ok) {
				signedIn();
				return;
			}
			const said = await answer.json();
			if (answer.status === 403 && said.error_description)
				show("message", said.error_description);
		} catch {
			/* no answer: the form is there all the same */
		} finally {
			byId("status").hidden = true;
		}
		form.hidden = false;
		byId("username").focus();
	};

	const refused = async (answer) => {
		let said = {};
		try {
			said = await answer.json();
		} catch {
			/* not our JSON: the status has to do */
		}
		if (answer.status === 503) {
			const wait = answer.headers.get("Retry-After");
			return (said.error_description || "The server is busy.") +
				" Please try again" + (wait ? " in " + wait + (wait === "1" ? " second." : " seconds.") : " in a moment.");
		}
		return said.error_description || "That did not work. Please try again.";
	};

	/* The password was right: the code is asked for beside it. */
	const askForCode = () => {
		form.otp.disabled = false;
		form.otp.required = true;
		form.otp.value = "";
		byId("second").hidden = false;
		form.otp.focus();
	};

	/* Whether the answer asks for something more than name and password, and for what. */
	const wantsMore = (error) => {
		if (error === "otp_required") {
			askForCode();
			return true;
		}
		if (error === "otp_enrolment_required") {
			/* A page of its own shows the QR code: this form, sent as one. */
			HTMLFormElement.prototype.submit.call(form);
			return true;
		}
		return false;
	};

	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		const button = form.querySelector("button");
		button.disabled = true;
		byId("message").hidden = true;
		try {
			const answer = await post("/login", {
				username: form.username.value,
				password: form.password.value,
				remember: form.remember.checked,
				otp: form.otp.disabled ? undefined : form.otp.value,
			});
			if (answer.ok) {
				form.password.value = "";
				signedIn();
				return;
			}
			const said = await answer.clone().json().catch(() => ({}));
			const again = !form.otp.disabled;
			if (wantsMore(said.error)) {
				if (again)
					show("message", await refused(answer));
				return;
			}
			show("message", await refused(answer));
			form.password.value = "";
			form.password.focus();
		} catch {
			show("message", "The server cannot be reached. Please try again.");
		} finally {
			button.disabled = false;
		}
	});

	tellTabs();
	if (page.silent !== "" && maySilently())
		silently();
	else
		(form.username.value ? byId("password") : byId("username")).focus();
})();
