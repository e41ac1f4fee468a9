// A verifier would have to obey these, or they name a key of the sender's own.
const UNWANTED = ["crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"];

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The bytes of base64url, or null. Bits left over after the last whole byte have
// to be zero, so that no two texts are the same token.
function bytesOf(text) {
	const bytes = new Uint8Array(Math.floor(text.length * 6 / 8));
	let bits = 0, have = 0, at = 0;
	for (let i = 0; i < text.length; i++) {
		const value = ALPHABET.indexOf(text.charAt(i));
		if (value < 0) return null;
		bits = bits << 6 | value;
		have += 6;
		if (have < 8) continue;
		have -= 8;
		bytes[at++] = bits >> have;
		bits &= (1 << have) - 1;
	}
	return have < 6 && bits === 0 ? bytes : null;
}
