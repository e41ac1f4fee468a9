/*
 * The quiet rule: what a presented token is worth to one session, and how its state changes.
 * model.pml plays it alone, logins.pml among the sessions of one browser.
 */
#ifndef A
#define A 1		/* hand-out */
#endif
#ifndef Q
#define Q 2		/* quiet */
#endif
#ifndef UNREACHED
#define UNREACHED 0	/* the row that is claimed to be never used; 0: none */
#endif
#define QUIET 0
#define STRICT 1	/* RFC 9700, 4.14.2: a token is good once */
#define SUCCESSOR 2	/* the former token gets the one successor again, for A */
#define PARENT 3	/* the former token gets another successor until one of them was used */
#ifndef RULE
#define RULE QUIET
#endif

#define LONG_AGO (A + Q + 1)
#define AHEAD 1000	/* row 1 holds up to this many above */

/* ---- the rule ---- */

#ifdef TABLE
#define number int
#else
#define number byte	/* counted from the oldest that matters, it stays small */
#endif

typedef token { number serial; byte nonce };

token cur;		/* what its client is known to hold, because it presented it */
number next;		/* the newest serial handed out; cur's if there is none */
byte age = LONG_AGO;	/* since next last changed */
bool ended;

hidden token shown;	/* the token that is presented */
hidden byte row;

#define HANDED_OUT (next != cur.serial)
#define IS_CUR (shown.serial == cur.serial && shown.nonce == cur.nonce)
#define IS_NEXT ((HANDED_OUT && shown.serial == next) || (!HANDED_OUT && IS_CUR))

/* Which row of the table in doc/rotation.md the shown token falls into. */
inline decide()
{
	if
#if RULE == QUIET
	:: shown.serial > next && shown.serial <= next + AHEAD -> row = 1
	:: (IS_CUR || IS_NEXT) && HANDED_OUT && age <= A -> row = 2
	:: (IS_CUR || IS_NEXT) && HANDED_OUT && A < age && age <= A + Q -> row = 3
	:: IS_NEXT && (!HANDED_OUT || age > A + Q) -> row = 4
	:: IS_CUR && HANDED_OUT && age > A + Q -> row = 5
#elif RULE == STRICT
	:: IS_NEXT -> row = 4
#elif RULE == SUCCESSOR
	:: IS_CUR && HANDED_OUT && age <= A -> row = 2
	:: IS_NEXT -> row = 4
#elif RULE == PARENT
	:: IS_CUR && HANDED_OUT -> row = 2
	:: IS_NEXT -> row = 4
#endif
	:: else -> row = 6
	fi
}

#define MOVES (row == 1 || row == 4 || row == 5)
#define GIVES_TOKEN (MOVES || row == 2)		/* of serial next, after the change */

/* How the state changes. */
inline change()
{
	if
	:: row == 1 -> cur.serial = shown.serial; cur.nonce = shown.nonce; next = shown.serial + 1; age = 0
	:: row == 4 -> cur.serial = shown.serial; cur.nonce = shown.nonce; next = next + 1; age = 0
	:: row == 5 -> next = next + 1; age = 0
	:: row == 2 || row == 3 -> skip
	:: row == 6 -> ended = true
	fi
}

inline present()
{
	printf("decided %d %d %d %d %d %d %d %d", A, Q, cur.serial, cur.nonce, next, age, shown.serial, shown.nonce);
	decide();
	change();
	printf(" %d %d %d %d %d\n", row, cur.serial, cur.nonce, next, age);
	assert(row != UNREACHED)
}
