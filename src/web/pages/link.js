/*
 * The page that a one-time link opens: the token stands in the fragment, which
 * the browser sends to nobody. It goes into the form, and out of the address,
 * so that it stays in no history. Without script the person pastes it.
 */
(() => {
	"use strict";

	const form = document.getElementById("link");
	if (!form)
		return;
	if (location.hash.length > 1) {
		form.token.value = location.hash.slice(1);
		history.replaceState(null, "", location.pathname);
	}
	if (form.token.value) {
		document.getElementById("pasted").hidden = true;
		form.new.focus();
	} else
		form.token.focus();
	form.addEventListener("submit", () => {
		/* Of a link that was pasted whole the token alone is sent. */
		form.token.value = form.token.value.slice(form.token.value.lastIndexOf("#") + 1).trim();
	});
})();
