const ISSUER = {{issuer}};
const AUDIENCE = {{audience}};
const KEYS_URL = {{keys_url}};
const KEYS_FRESH = {{>keys_fresh}};	// seconds that the key set is used without asking again: what the site says
const STATUS_URL = {{status_url}};
const CHECK_STATUS = true;	// false: no status list is fetched, and a logout counts once the token has ended
const STATUS_MAY_FAIL = false;	// true: where the list is not to be had, tokens pass as if there were none
