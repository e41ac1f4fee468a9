/*
 * The sessions of one browser: logins that are delivered, lost, late and repeated, among requests
 * that refresh and uses of the gate cookie.
 *
 * As in model.pml every choice is explored and time goes in ticks. Only living sessions are kept,
 * in the order of their logins: a token of any other session belongs to DEAD. Serials and nonces
 * are counted for each session from the oldest that somebody has.
 *
 * tests/model/run.sh checks the configurations. tests/model/agree.c holds the decisions
 * below and src/core/settling.c together.
 */
#ifndef D
#define D 1		/* longest flight: of a request with its answer, or of a login's answer */
#endif
#ifndef K
#define K 2		/* requests that the browser has under way at once, logins among them */
#endif
#ifndef CAP
#define CAP 0		/* living sessions of the browser: 16 in the program; 0: any number */
#endif
#ifndef PACE
#define PACE 1		/* logins that are committed while an answer is under way, with a cap */
#endif
#ifndef GATE
#define GATE 1		/* whether there is a gate cookie */
#endif
#ifndef CRASHES
#define CRASHES 0	/* how often the store loses its last moves, but no answered login */
#endif
#ifndef LOST
#define LOST 2		/* how many it loses at most */
#endif
#ifndef THIEF
#define THIEF 0		/* the victim's refresh that has to shut the thief out; 0: there is none */
#endif
#ifndef LOOT
#define LOOT 0		/* the thief has a login's answer too: then only a later login counts */
#endif
#define SETTLING 0
#define AT_REFRESH 1	/* the older sessions end at the newer one's first refresh, or after Q */
#define OLD_ALONE 2	/* only the older ones are given no cookie while settling */
#define BY_ACCESS 3	/* even an access token of the newer one ends the older ones */
#define FROM_FIRST 4	/* while settling, a login does not restart the quiet period */
#define CARELESS 5	/* a login is not a use of the session whose token it carries */
#ifndef LOGIN_RULE
#define LOGIN_RULE SETTLING
#endif
#ifndef UNREACHED_LOGIN
#define UNREACHED_LOGIN 0	/* claimed to be never used: row S1 to S4; 5: the cap; 0: nothing */
#endif

#define WAYS 3		/* K at most */
#if CAP
#define SLOTS CAP
#elif THIEF
#define SLOTS (K + 3)
#else
#define SLOTS (K + 2)	/* a session whose tokens nobody has makes no difference, and is not kept */
#endif
#define SERIALS 8
#define NONCES 6
#define OWN 6		/* the nonce of the token that was handed to the thief */
#define DEAD 9		/* the session of a token whose session has ended */
#define NEVER (Q + 1)	/* the age of a stamp that says nothing */

#include "rule.pml"

#define REQUEST 1	/* a refresh, on its way to the server */
#define USE 2		/* of the gate cookie */
#define LOGIN 3		/* waits for its commit as long as it likes */
#define ANSWER 4	/* with a token, on its way to the browser */

typedef kept { byte serial; byte nonce; byte next; bit moved };
typedef session { byte serial; byte nonce; byte next; byte age; bit moved; byte used; kept disk };
typedef exchange { byte what; byte at; byte serial; byte nonce; byte age; bit counts; byte passed };

session s[SLOTS];	/* the first `live`; .used: order of last use; .disk: after a crash */
byte live = 1;
byte stamp = NEVER;	/* age of the last login that found others; one for all living sessions */
byte crashes, unsaved;	/* crashes so far; changes that a crash would lose */

byte jar_at;		/* the session of the browser's cookie */
token jar;
exchange x[WAYS];	/* what is under way: the first `count` of them */
byte count;
byte i;			/* the one that something happens to */

bool stolen, anew;	/* a login after the theft was delivered */
byte knows[SLOTS * SERIALS];	/* a bit for each nonce: what the thief can present */
byte completed;		/* the victim's refreshes since the theft, */
byte completed_at, completed_serial;	/* and what the last one brought */

#define BIT(nonce) (1 << (nonce))
#define KNOWS(at, n) knows[(at) * SERIALS + (n)]

hidden byte j, k, m, at, nonce, gone, first;
hidden int used, spare, known, floor;
hidden byte to[SERIALS];
hidden byte settling, ends_older, carried;

#define STAMPED (stamp <= Q)
#define CRASH_AHEAD (CRASHES > 0 && crashes < CRASHES)

/* What exists outlives a crash. */
inline save()
{
	for (j : 0 .. SLOTS - 1) {
		if
		:: CRASH_AHEAD && j < live ->
			s[j].disk.serial = s[j].serial; s[j].disk.nonce = s[j].nonce; s[j].disk.next = s[j].next; s[j].disk.moved = s[j].moved
		:: else
		fi
	}
	unsaved = 0
}

inline load()
{
	cur.serial = s[at].serial; cur.nonce = s[at].nonce; next = s[at].next; age = s[at].age
}

inline store()
{
	s[at].serial = cur.serial; s[at].nonce = cur.nonce; s[at].next = next; s[at].age = age
}

/* s[at] is the one that was used last. */
inline use()
{
	if
	:: CAP > 0 ->
		for (j : 0 .. SLOTS - 1) { s[j].used = s[j].used - (j < live && s[j].used > s[at].used) }
		s[at].used = live - 1
	:: else
	fi
}

#define REFER(ref) ref = (ref == gone -> DEAD : (ref != DEAD && ref > gone -> ref - 1 : ref))

/* Session s[gone] ends. */
inline end()
{
	for (j : 0 .. SLOTS - 1) { s[j].used = s[j].used - (j < live && s[j].used > s[gone].used) }
	for (j : 0 .. SLOTS - 2) {
		if
		:: j >= gone ->
			s[j].serial = s[j + 1].serial; s[j].nonce = s[j + 1].nonce; s[j].next = s[j + 1].next;
			s[j].age = s[j + 1].age; s[j].moved = s[j + 1].moved; s[j].used = s[j + 1].used;
			s[j].disk.serial = s[j + 1].disk.serial; s[j].disk.nonce = s[j + 1].disk.nonce; s[j].disk.next = s[j + 1].disk.next;
			s[j].disk.moved = s[j + 1].disk.moved;
			for (k : 0 .. SERIALS - 1) { KNOWS(j, k) = KNOWS(j + 1, k) }
		:: else
		fi
	}
	live--;
	s[live].serial = 0; s[live].nonce = 0; s[live].next = 0; s[live].age = 0; s[live].moved = 0; s[live].used = 0;
	s[live].disk.serial = 0; s[live].disk.nonce = 0; s[live].disk.next = 0; s[live].disk.moved = 0;
	for (k : 0 .. SERIALS - 1) { KNOWS(live, k) = 0 }
	REFER(jar_at); REFER(completed_at);
	jar.serial = (jar_at == DEAD -> 0 : jar.serial); jar.nonce = (jar_at == DEAD -> 0 : jar.nonce);
	for (j : 0 .. WAYS - 1) {
		if
		:: j < count ->
			REFER(x[j].at);
			x[j].serial = (x[j].at == DEAD -> 0 : x[j].serial); x[j].nonce = (x[j].at == DEAD -> 0 : x[j].nonce)
		:: else
		fi
	}
}

/* Ends every session that is older than s[at], which becomes s[0]. */
inline end_older()
{
	do
	:: at > 0 -> gone = 0; end(); at--
	:: else -> break
	od
}

/* The result for a presented token of s[at], with S1 to S3 above the rule. */
inline present_at()
{
	load();
	decide();
	settling = row != 6 && STAMPED && LOGIN_RULE != AT_REFRESH && (LOGIN_RULE != OLD_ALONE || at < live - 1);
	ends_older = MOVES && !settling && !s[at].moved;
	printf("settled %d %d %d %d %d %d %d %d %d %d %d %d %d", A, Q, stamp, s[at].moved, cur.serial, cur.nonce, next, age,
	    shown.serial, shown.nonce, row, settling, ends_older);
	if
	:: settling -> assert(!(UNREACHED_LOGIN == 1))
	:: row == 6 -> assert(!(UNREACHED_LOGIN == 2))
	:: else -> change()
	fi;
	ended = false;
	printf(" %d %d %d %d\n", cur.serial, cur.nonce, next, age);
	store();
	if
	:: row != 6 && (ends_older || (LOGIN_RULE == BY_ACCESS && !s[at].moved)) ->
		assert(!(ends_older && at > 0 && UNREACHED_LOGIN == 3));
		end_older()
	:: else
	fi;
	if
	:: MOVES && !settling -> s[at].moved = 1; unsaved = unsaved + CRASH_AHEAD; use()
	:: else
	fi
}

/* A nonce that nobody else holds with the newest serial of s[at]. */
inline choose_nonce()
{
	used = KNOWS(at, s[at].next);
	if
	:: jar_at == at && jar.serial == s[at].next -> used = used | BIT(jar.nonce)
	:: else
	fi;
	for (j : 0 .. WAYS - 1) {
		if
		:: j < count && x[j].at == at && x[j].serial == s[at].next -> used = used | BIT(x[j].nonce)
		:: else
		fi
	}
	nonce = 0;
	do
	:: used & BIT(nonce) -> nonce++
	:: else -> break
	od;
	assert(nonce < NONCES)
}

#define MOVE(e, f) e.what = f.what; e.at = f.at; e.serial = f.serial; e.nonce = f.nonce; e.age = f.age; e.counts = f.counts; e.passed = f.passed
#define CLEAR(e) e.what = 0; e.at = 0; e.serial = 0; e.nonce = 0; e.age = 0; e.counts = 0; e.passed = 0

/* Takes x[i] off the line. */
inline drop()
{
	count--;
	MOVE(x[i], x[count]);
	CLEAR(x[count])
}

inline send(kind)
{
	x[count].what = kind; x[count].at = jar_at; x[count].serial = jar.serial; x[count].nonce = jar.nonce;
	x[count].age = 0; x[count].counts = (LOOT -> anew : stolen) && kind == REQUEST;
	count++;
	printf("sent %d of %d %d:%d\n", kind, jar_at, jar.serial, jar.nonce)
}

/*
 * The server gets x[i]. Anyone who is alone with their sessions is never refused. Because of the
 * cap a request may belong to a session that the browser has replaced by now; the cap never ends
 * the session that the browser holds.
 */
#define FORGIVEN (THIEF || CAP)

inline serve_request()
{
	at = x[i].at;
	assert(at != DEAD || FORGIVEN);
	if
	:: at == DEAD -> noticed = THIEF; drop()
	:: else ->
		shown.serial = x[i].serial; shown.nonce = x[i].nonce;
		present_at();
		assert(row != 6 || THIEF);
		if
		:: row == 6 -> noticed = true; drop()
		:: !settling && GIVES_TOKEN ->
			x[i].at = DEAD;
			choose_nonce();
			x[i].what = ANSWER; x[i].at = at; x[i].serial = s[at].next; x[i].nonce = nonce; x[i].passed = (CAP > 0)
		:: else -> drop()
		fi
	fi
}

/*
 * S4. A use that is not written, because one was written a moment ago, is like one that was lost.
 */
inline serve_use()
{
	at = x[i].at;
	assert(at != DEAD || FORGIVEN);
	drop();
	if
	:: at != DEAD ->
		printf("used %d %d %d\n", Q, stamp, !STAMPED);
		if
		:: !STAMPED ->
			assert(!(at > 0 && UNREACHED_LOGIN == 4));
			end_older()
		:: else
		fi;
		use()
	:: else
	fi
}

/* The session that has to go when the browser has too many. */
inline make_room()
{
	if
	:: CAP > 0 && live == CAP ->
		assert(!(UNREACHED_LOGIN == 5));
		gone = 0;
		for (m : 0 .. SLOTS - 1) { gone = (s[m].used < s[gone].used -> m : gone) }
		end()
	:: else
	fi;
	assert(live < SLOTS)
}

inline serve_login()
{
	at = x[i].at;
	carried = false;
	if
	:: at != DEAD ->
		load();
		shown.serial = x[i].serial; shown.nonce = x[i].nonce;
		decide();
		carried = row != 6
	:: else
	fi;
	if
	:: carried && LOGIN_RULE != CARELESS -> use()
	:: else
	fi;
	make_room();
	if
	:: live > 0 && (LOGIN_RULE != FROM_FIRST || !STAMPED) -> stamp = 0
	:: else
	fi;
	for (j : 0 .. WAYS - 1) {
		x[j].passed = x[j].passed + (CAP > 0 && j < count && x[j].what == ANSWER && x[j].passed > 0)
	}
	s[live].age = LONG_AGO; s[live].used = (CAP > 0 -> live : 0);
	x[i].what = ANSWER; x[i].at = live; x[i].serial = 0; x[i].nonce = 0; x[i].age = 0; x[i].counts = 0;
	x[i].passed = (CAP > 0);
	live++;
	save();
	printf("logged in: %d live\n", live)
}

/* What counts as a refresh that the victim completed, as in model.pml; a login is none. */
#define COUNTS (x[i].counts && completed < 2 && \
	(jar_at != completed_at || jar.serial > completed_serial || completed == 0))

/*
 * Nothing under way outlives the machine; of the living sessions only what the browser holds
 * matters from here on.
 */
inline crash()
{
	for (j : 0 .. SLOTS - 1) {
		if
		:: j < live ->
			s[j].serial = s[j].disk.serial; s[j].nonce = s[j].disk.nonce; s[j].next = s[j].disk.next; s[j].moved = s[j].disk.moved;
			s[j].age = age
		:: else
		fi
	}
	do
	:: count > 0 -> i = 0; drop()
	:: else -> break
	od;
	crashes++; unsaved = 0;
	printf("crashed, age %d, stamp %d\n", age, stamp)
}

/* Serial 0 of a session that has not moved was handed out by its login. */
#define LOGIN_ANSWER(j) (x[j].what == ANSWER && x[j].at != DEAD && x[j].serial == 0 && !s[x[j].at].moved)

inline deliver()
{
	jar_at = x[i].at; jar.serial = x[i].serial; jar.nonce = x[i].nonce;
	printf("delivered %d %d:%d\n", jar_at, jar.serial, jar.nonce);
	if
	:: COUNTS -> completed++; completed_at = jar_at; completed_serial = jar.serial
	:: LOOT && stolen && LOGIN_ANSWER(i) -> anew = true; completed = 0; completed_at = 0; completed_serial = 0
	:: else
	fi;
	drop()
}

inline tick()
{
	for (j : 0 .. WAYS - 1) { x[j].age = x[j].age + (j < count && x[j].what != LOGIN && x[j].age <= D) }
	for (j : 0 .. SLOTS - 1) { s[j].age = s[j].age + (j < live && s[j].age < LONG_AGO) }
	stamp = stamp + (stamp < NEVER);
	if
	:: LOGIN_RULE == AT_REFRESH && !STAMPED ->
		/* Superseded sessions end by themselves. */
		at = (live > 0 -> live - 1 : 0);
		end_older()
	:: else
	fi;
	printf("a tick\n")
}

/* The jar, and what is on the line; answers to logins only with LOOT. */
inline steal()
{
	stolen = true;
	if
	:: jar_at != DEAD ->
		KNOWS(jar_at, jar.serial) = KNOWS(jar_at, jar.serial) | BIT(jar.nonce);
		KNOWS(jar_at, s[jar_at].serial) = KNOWS(jar_at, s[jar_at].serial) | BIT(s[jar_at].nonce);
		KNOWS(jar_at, s[jar_at].next) = KNOWS(jar_at, s[jar_at].next) |
		    (s[jar_at].next != s[jar_at].serial -> BIT(OWN) : 0);
		completed_at = jar_at; completed_serial = s[jar_at].next
	:: else
	fi;
	for (j : 0 .. WAYS - 1) {
		if
		:: j < count && x[j].at != DEAD && (LOOT || !LOGIN_ANSWER(j)) ->
			KNOWS(x[j].at, x[j].serial) = KNOWS(x[j].at, x[j].serial) | BIT(x[j].nonce)
		:: else
		fi
	}
	printf("stolen\n")
}

/* A refusal shuts the thief out too; what is not refused must come before the victim's refresh. */
inline thief_presents()
{
	present_at();
	assert(row == 6 || completed < THIEF);
	if
	:: row == 6 -> gone = at; end()
	:: !settling && GIVES_TOKEN -> KNOWS(at, s[at].next) = KNOWS(at, s[at].next) | BIT(OWN)
	:: else
	fi
}

/* ---- one state for all that differ only in names ---- */

#define KEY(e) ((((((e.what * 16 + e.at) * 16 + e.serial) * 8 + e.nonce) * 16 + e.age) * 2 + e.counts) * 8 + e.passed)
#define SWAP(field) spare = x[j].field; x[j].field = x[j + 1].field; x[j + 1].field = spare

inline sort()
{
	for (k : 0 .. WAYS - 2) {
		for (j : 0 .. WAYS - 2) {
			if
			:: KEY(x[j]) < KEY(x[j + 1]) -> SWAP(what); SWAP(at); SWAP(serial); SWAP(nonce); SWAP(age); SWAP(counts); SWAP(passed)
			:: else
			fi
		}
	}
}

#define MARK(n) used = used | BIT(n)

/* Takes out the serials of s[at] that nobody has. */
inline tidy_serials()
{
	used = BIT(s[at].serial) | BIT(s[at].next);
	used = used | (jar_at == at -> BIT(jar.serial) : 0);
	used = used | (THIEF && completed_at == at -> BIT(completed_serial) : 0);
	used = used | (CRASH_AHEAD -> BIT(s[at].disk.serial) | BIT(s[at].disk.next) : 0);
	floor = (CRASH_AHEAD && s[at].disk.next < s[at].next -> s[at].disk.next : s[at].next);
	for (j : 0 .. WAYS - 1) { used = used | (j < count && x[j].at == at -> BIT(x[j].serial) : 0) }
	k = 0;
	for (j : 0 .. SERIALS - 1) {
		to[j] = k;
		if
		:: THIEF ->
			known = KNOWS(at, j);
			KNOWS(at, j) = 0;
			KNOWS(at, k) = ((used >> j) & 1 -> known : KNOWS(at, k))
		:: else
		fi;
		k = k + (((used >> j) & 1) || (CRASHES && j >= floor))
	}
	if
	:: CRASH_AHEAD -> s[at].disk.serial = to[s[at].disk.serial]; s[at].disk.next = to[s[at].disk.next]
	:: else -> s[at].disk.serial = 0; s[at].disk.nonce = 0; s[at].disk.next = 0; s[at].disk.moved = 0
	fi;
	s[at].serial = to[s[at].serial]; s[at].next = to[s[at].next];
	jar.serial = (jar_at == at -> to[jar.serial] : jar.serial);
	completed_serial = (THIEF && completed_at == at -> to[completed_serial] : completed_serial);
	for (j : 0 .. WAYS - 1) { x[j].serial = (j < count && x[j].at == at -> to[x[j].serial] : x[j].serial) }
}

/* Sessions that live in nobody's hands. They do not end, because nobody can tell. */
inline tidy_sessions()
{
	m = live;
	do
	:: m > 0 ->
		m--;
		used = jar_at == m;
		for (j : 0 .. WAYS - 1) { used = used || (j < count && x[j].at == m) }
		for (j : 0 .. SERIALS - 1) { used = used || KNOWS(m, j) }
		if
		:: !used -> gone = m; end()
		:: else
		fi
	:: else -> break
	od
}

inline tidy()
{
	for (at : 0 .. SLOTS - 1) {
		if
		:: at < live -> tidy_serials()
		:: else
		fi
	}
	if
	:: CAP == 0 -> tidy_sessions()
	:: else -> assert(jar_at != DEAD)
	fi;
	sort();
	cur.serial = 0; cur.nonce = 0; next = 0; age = 0; i = 0
}

/* ---- everything that can happen ---- */

bool noticed;		/* the victim was refused, and knows */

#define DUE(j) (j < count && x[j].age >= D && x[j].what != LOGIN)
#define PASSED(j) (x[j].passed > PACE)
#define TIME_MAY_PASS (!DUE(0) && !DUE(1) && !DUE(2))

active proctype world()
{
	d_step { s[0].age = LONG_AGO; age = 0 }
	do
	:: atomic { !noticed ->
		if
		:: count < K -> d_step { send(REQUEST) }
		:: count < K && GATE -> d_step { send(USE) }
		:: count < K -> d_step { send(LOGIN) }
		:: count > 0 ->
			if
			:: i = 0
			:: count > 1 -> i = 1
			:: count > 2 -> i = 2
			fi;
			if
			:: x[i].what == REQUEST && (!CRASH_AHEAD || unsaved < LOST) -> d_step { serve_request() }
			:: x[i].what == USE -> d_step { serve_use() }
			:: x[i].what == LOGIN && !PASSED(0) && !PASSED(1) && !PASSED(2) -> d_step { serve_login() }
			:: x[i].what == ANSWER -> d_step { deliver() }
			:: d_step { printf("lost %d of %d %d:%d\n", x[i].what, x[i].at, x[i].serial, x[i].nonce); drop() }
			fi
		:: TIME_MAY_PASS -> d_step { tick() }
		:: CRASH_AHEAD && unsaved > 0 -> d_step { save(); printf("saved\n") }
		:: CRASH_AHEAD ->
			age = 0;
			do		/* whatever the clock does to the old stamps */
			:: age < LONG_AGO -> age++
			:: break
			od;
			if
			:: skip
			:: stamp = NEVER
			:: stamp = Q
			fi;
			d_step { crash() }
		:: THIEF && !stolen -> d_step { steal() }
		:: stolen && live > 0 ->
			if
			:: i = 0
			:: live > 1 -> i = 1
			:: live > 2 -> i = 2
			fi;
			/* Any other token that it knows is used up: row 6, which shuts it out as well. */
			if
			:: KNOWS(i, s[i].serial) & BIT(s[i].nonce) ->
				d_step { at = i; shown.serial = s[at].serial; shown.nonce = s[at].nonce; thief_presents() }
			:: s[i].next != s[i].serial && KNOWS(i, s[i].next) ->
				d_step {
					at = i; shown.serial = s[at].next; shown.nonce = OWN;
					do
					:: KNOWS(at, shown.serial) & BIT(shown.nonce) -> break
					:: else -> shown.nonce--
					od;
					thief_presents()
				}
			:: else -> skip
			fi
		fi;
		d_step { tidy() }
	}
	:: noticed -> break
	od
}
