/*
 * The quiet rule among browsers, networks, crashes and thieves.
 *
 * One session, seen by a clairvoyant scheduler: SPIN explores every choice below. Time goes in
 * ticks; everything older than the rule can distinguish has one age. Serials are counted from the
 * oldest that still matters (tidy), so that a session of any length is a finite number of states.
 *
 * tests/model/run.sh checks the configurations. tests/model/agree.c compares the rule in rule.pml
 * with src/core/rotate.c.
 */
#ifndef D
#define D 1		/* longest flight: of a request and its answer together, or of a ghost */
#endif
#ifndef K
#define K 2		/* requests that the browser has under way at once */
#endif
#ifndef GHOSTS
#define GHOSTS 0	/* requests that it gave up on, still under way; the others have no limit */
#endif
#ifndef CRASHES
#define CRASHES 0	/* how often the store loses its last moves */
#endif
#ifndef LOST
#define LOST 3		/* how many it loses at most */
#endif
#ifndef THIEF
#define THIEF 0		/* the victim's refresh that has to shut the thief out; 0: there is none */
#endif

#define WAYS 4		/* K + GHOSTS at most */
#define SERIALS 16
#define NONCES 6	/* a browser holds one in its jar and WAYS under way, and gets one more */
#define OWN 6		/* the nonce of the token that was handed to the thief */

#include "rule.pml"

#ifdef TABLE
/* ---- the rule alone, over a small domain and both sides of the limit ahead ---- */

hidden int s, gap, ahead;
hidden byte n, m, a;

init {
	d_step {
		for (s : 0 .. 2) { for (gap : 0 .. 3) { for (n : 0 .. 1) { for (m : 0 .. 1) { for (a : 0 .. LONG_AGO) {
			for (ahead : 0 .. s + gap + 4) {
				cur.serial = s; cur.nonce = n; next = s + gap; age = a;
				shown.serial = (ahead <= s + gap + 2 -> ahead : next + AHEAD + ahead - (s + gap + 3)); shown.nonce = m;
				present()
			}
		} } } } }
	}
}
#else
/* ---- the browser and the network ---- */

#define REQUEST 1	/* on its way to the server */
#define GHOST 2		/* a request that the browser gave up on: nobody reads its answer */
#define ANSWER 3	/* with a token, on its way to the browser */

typedef exchange { byte what; byte serial; byte nonce; byte age; bit after_theft };

token jar;			/* the browser's cookie */
exchange x[WAYS];		/* what is under way: the first `count` of them */
byte count, ghosts;
byte i;				/* the one that something happens to */

#define LIMITED(what) (GHOSTS == 0 || what == GHOST)

/* ---- the store that loses commits; the thief ---- */

token saved_cur;		/* what a crash would leave */
byte saved_next;
byte crashes;

bool stolen;
byte knows[SERIALS];		/* a bit for each nonce: what the thief can present */
byte completed;			/* the victim's refreshes since the theft */
byte completed_serial;		/* the serial that the last of them brought */

#define BIT(nonce) (1 << (nonce))
#define CRASH_AHEAD (CRASHES > 0 && crashes < CRASHES)

hidden byte j, k, nonce;
hidden int used, floor, spare, known;
hidden byte to[SERIALS], held[SERIALS];

/*
 * A nonce that nobody else holds with serial next; the lowest, since it only matters that it
 * differs.
 */
inline choose_nonce()
{
	used = knows[next];
	if
	:: jar.serial == next -> used = used | BIT(jar.nonce)
	:: else
	fi;
	for (j : 0 .. WAYS - 1) {
		if
		:: j < count && x[j].serial == next -> used = used | BIT(x[j].nonce)
		:: else
		fi
	}
	nonce = 0;
	do
	:: RULE != SUCCESSOR && (used & BIT(nonce)) -> nonce++
	:: else -> break
	od;
	assert(nonce < NONCES)
}

/* Takes x[i] off the line. */
inline drop()
{
	ghosts = ghosts - (x[i].what == GHOST);
	count--;
	x[i].what = x[count].what; x[i].serial = x[count].serial; x[i].nonce = x[count].nonce;
	x[i].age = x[count].age; x[i].after_theft = x[count].after_theft;
	x[count].what = 0; x[count].serial = 0; x[count].nonce = 0; x[count].age = 0; x[count].after_theft = 0
}

inline send()
{
	x[count].what = REQUEST; x[count].serial = jar.serial; x[count].nonce = jar.nonce;
	x[count].age = 0; x[count].after_theft = stolen;
	count++;
	printf("sent %d:%d\n", jar.serial, jar.nonce)
}

/* The server gets x[i]. Anyone who is alone with their session is never refused. */
inline serve()
{
	shown.serial = x[i].serial; shown.nonce = x[i].nonce;
	present();
	assert(!ended || THIEF);
	if
	:: GIVES_TOKEN && x[i].what == REQUEST ->
		choose_nonce();
		x[i].what = ANSWER; x[i].serial = next; x[i].nonce = nonce
	:: else -> drop()
	fi
}

/*
 * What counts as a refresh that the victim completed: one that it began after the theft and that
 * brought it a new serial. If a browser has several requests under way, an older answer may
 * overwrite a newer one, so then only serials that were handed out after the theft count.
 */
#define COUNTS (x[i].after_theft && completed < 2 && \
	(jar.serial > completed_serial || (K == 1 && completed == 0)))

inline deliver()
{
	jar.serial = x[i].serial; jar.nonce = x[i].nonce;
	printf("delivered %d:%d\n", jar.serial, jar.nonce);
	if
	:: COUNTS ->
		completed++;
		completed_serial = jar.serial
	:: else
	fi;
	drop()
}

inline tick()
{
	for (j : 0 .. WAYS - 1) {
		if
		:: j < count && x[j].age < D + 1 -> x[j].age++
		:: else
		fi
	}
	age = (age < LONG_AGO -> age + 1 : age);
	printf("a tick\n")
}

/* Requests and answers that were under way do not outlive the machine. */
inline crash()
{
	cur.serial = saved_cur.serial; cur.nonce = saved_cur.nonce; next = saved_next;
	do
	:: count > 0 -> i = 0; drop()
	:: else -> break
	od;
	crashes++;
	printf("crashed back to %d:%d, %d, age %d\n", cur.serial, cur.nonce, next, age)
}

/* Everything that was ever handed out: held, under way, known to the server, or lost. */
inline steal()
{
	stolen = true;
	completed_serial = next;
	printf("stolen\n");
	knows[cur.serial] = knows[cur.serial] | BIT(cur.nonce);
	knows[jar.serial] = knows[jar.serial] | BIT(jar.nonce);
	for (j : 0 .. WAYS - 1) {
		if
		:: j < count -> knows[x[j].serial] = knows[x[j].serial] | BIT(x[j].nonce)
		:: else
		fi
	}
	if
	:: HANDED_OUT && RULE != SUCCESSOR -> knows[next] = knows[next] | BIT(OWN)
	:: else
	fi
}

inline thief_presents()
{
	present();
	assert(row == 6 || completed < THIEF);
	if
	:: GIVES_TOKEN -> knows[next] = knows[next] | BIT((RULE == SUCCESSOR -> 0 : OWN))
	:: else
	fi
}

/* ---- one state for all that differ only in names ---- */

#define USE(s) used = used | BIT(s)

#define KEY(e) ((((e.what * 16 + e.serial) * 8 + e.nonce) * 16 + e.age) * 2 + e.after_theft)

#define SWAP(field) spare = x[j].field; x[j].field = x[j + 1].field; x[j + 1].field = spare

inline sort()
{
	for (k : 0 .. WAYS - 1) {
		for (j : 0 .. WAYS - 2) {
			if
			:: KEY(x[j]) < KEY(x[j + 1]) ->
				SWAP(what); SWAP(serial); SWAP(nonce); SWAP(age); SWAP(after_theft)
			:: else
			fi
		}
	}
}

/*
 * A token that only the thief holds by now, with a serial in use, is like one that was handed to
 * it.
 */
inline tidy_knowledge()
{
	for (j : 0 .. SERIALS - 1) { held[j] = 0 }
	held[cur.serial] = BIT(cur.nonce);
	held[jar.serial] = held[jar.serial] | BIT(jar.nonce);
	for (j : 0 .. WAYS - 1) {
		if
		:: j < count -> held[x[j].serial] = held[x[j].serial] | BIT(x[j].nonce)
		:: else
		fi
	}
	for (j : 0 .. SERIALS - 1) {
		known = knows[j];
		known = (known & ~held[j] -> (known & held[j]) | BIT((RULE == SUCCESSOR -> 0 : OWN)) : known);
		knows[j] = 0;
		knows[to[j]] = ((used >> j) & 1 -> known : knows[to[j]])
	}
}

/*
 * Takes out serials that nothing has, as far as the server can no longer hand them out: up to next,
 * or to what next would be after a crash.
 */
inline tidy()
{
	used = 0;
	USE(cur.serial); USE(next); USE(jar.serial);
	for (j : 0 .. WAYS - 1) {
		if
		:: j < count -> USE(x[j].serial)
		:: else
		fi
	}
	if
	:: stolen && completed < 2 -> USE(completed_serial)
	:: else -> completed_serial = 0
	fi;
	floor = next;
	if
	:: CRASH_AHEAD -> USE(saved_cur.serial); USE(saved_next); floor = saved_next
	:: else -> saved_cur.serial = 0; saved_cur.nonce = 0; saved_next = 0
	fi;
	k = 0;
	for (j : 0 .. SERIALS - 1) {
		to[j] = k;
		k = k + (((used >> j) & 1) || j >= floor)
	}
	if
	:: stolen -> tidy_knowledge()
	:: else
	fi;
	cur.serial = to[cur.serial]; next = to[next]; jar.serial = to[jar.serial];
	saved_cur.serial = to[saved_cur.serial]; saved_next = to[saved_next];
	completed_serial = to[completed_serial];
	for (j : 0 .. WAYS - 1) {
		x[j].serial = (j < count -> to[x[j].serial] : 0)
	}
	sort()
}

/* ---- everything that can happen ---- */

/* Nothing is under way for longer than D. */
#define DUE(j) (j < count && x[j].age >= D && LIMITED(x[j].what))
#define TIME_MAY_PASS (!DUE(0) && !DUE(1) && !DUE(2) && !DUE(3))
/* What a crash would lose may not grow forever: the disk keeps something in the end. */
#define MAY_SERVE (!CRASH_AHEAD || next - saved_next < LOST)
#define UNSAVED (saved_next != next || saved_cur.serial != cur.serial || saved_cur.nonce != cur.nonce)

active proctype world()
{
	do
	:: atomic { !ended ->
		if
		:: count - ghosts < K -> d_step { send() }
		:: count > 0 ->
			if
			:: i = 0
			:: count > 1 -> i = 1
			:: count > 2 -> i = 2
			:: count > 3 -> i = 3
			fi;
			if
			:: x[i].what != ANSWER && MAY_SERVE -> d_step { serve() }
			:: x[i].what == ANSWER -> d_step { deliver() }
			:: x[i].what == REQUEST && ghosts < GHOSTS && x[i].age <= D ->
				d_step { x[i].what = GHOST; ghosts++; printf("gave up %d:%d\n", x[i].serial, x[i].nonce) }
			:: d_step { printf("lost %d:%d\n", x[i].serial, x[i].nonce); drop() }	/* on either way */
			fi
		:: TIME_MAY_PASS -> d_step { tick() }
		:: CRASH_AHEAD && UNSAVED ->
			d_step { saved_cur.serial = cur.serial; saved_cur.nonce = cur.nonce; saved_next = next }
		:: CRASH_AHEAD ->
			age = 0;
			do		/* whatever the clock does to the old stamp */
			:: age < LONG_AGO -> age++
			:: break
			od;
			i = 0;
			d_step { crash() }
		:: THIEF && !stolen -> d_step { steal() }
		/* Any other token that it knows is used up: row 6, which shuts it out as well. */
		:: stolen && (knows[cur.serial] & BIT(cur.nonce)) ->
			d_step { shown.serial = cur.serial; shown.nonce = cur.nonce; thief_presents() }
		:: stolen && HANDED_OUT && knows[next] ->
			if
			:: knows[next] & BIT(0) -> shown.nonce = 0
			:: knows[next] & BIT(1) -> shown.nonce = 1
			:: knows[next] & BIT(2) -> shown.nonce = 2
			:: knows[next] & BIT(3) -> shown.nonce = 3
			:: knows[next] & BIT(4) -> shown.nonce = 4
			:: knows[next] & BIT(5) -> shown.nonce = 5
			:: knows[next] & BIT(OWN) -> shown.nonce = OWN
			fi;
			d_step { shown.serial = next; thief_presents() }
		fi;
		d_step { tidy(); i = 0 }
	}
	:: ended -> break
	od
}
#endif
