/*
 * Subscribed means subscribed. A session of the partition subscribes at its home, and a publish begins at the broker
 * ORIGIN, before or after SUBACK. Only what ORIGIN knows of the others' interest matters, so only links to it are drawn:
 * FIFO, with Enter (and with it the sender's interest as of that view, and its Ready), and interest between views.
 * Of the partition's log there is what it is needed for: a copy has the subscription or not, the message or not.
 */
/* instance members: -DORIGIN=0 -DIN_SYNC=6 -DJOINERS=0 -DREMOVABLE=3 -DCRASHABLE=2 -DMOVES=true */
/* instance join:    -DORIGIN=2 -DIN_SYNC=2 -DJOINERS=4 -DREMOVABLE=1 -DCRASHABLE=0 */
/* instance disk:    -DORIGIN=0 -DIN_SYNC=6 -DJOINERS=0 -DREMOVABLE=2 -DCRASHABLE=2 -DWAITS_FOR_DISK=true */
#define BROKERS 3
#ifndef VIEWS
#define VIEWS     3
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#define HOLDERS IN_SYNC
#define HOME    1
#define CALMS_DOWN true
#define VIEWS_IN_MESSAGES

/* rule LEASE breaks P1 in members: acknowledge, grant and confirm only under a lease */
/* rule LEASE_CHECKS_VIEW breaks P1 in members: a lease is won in the newest view only */
/* rule READY_FROM_ALL breaks P1 in members: act in a view when all its members have said Ready */
/* rule ENTER_FIRST breaks P1 in members: enter the view of an Enter before anything else of that link is read */
#ifndef ENTER_FIRST
#define ENTER_FIRST true
#endif
/* rule SUBACK_WAITS breaks P1 in members: SUBACK waits for every member's confirmation of the interest */
#ifndef SUBACK_WAITS
#define SUBACK_WAITS true
#endif
/* rule CONFIRMED_BY_NUMBER breaks P1 in members: and that has to be the confirmation of this very announcement */
#ifndef CONFIRMED_BY_NUMBER
#define CONFIRMED_BY_NUMBER true
#endif
/* rule SUBACK_AFTER_COMMIT breaks P1 in members: SUBACK waits for the subscription's record to be committed */
#ifndef SUBACK_AFTER_COMMIT
#define SUBACK_AFTER_COMMIT true
#endif
/* rule FENCE_SUBACK breaks P1 in members: SUBACK waits for the fence of a removed broker that did not confirm */
#ifndef FENCE_SUBACK
#define FENCE_SUBACK true
#endif
/* rule VIEW_IN_FRAME breaks P1 in members: a message that was sent in another view is refused */
#ifndef VIEW_IN_FRAME
#define VIEW_IN_FRAME true
#endif
/* rule MATCH_AGAIN breaks P1 in members: what is unfinished is matched again in a new view */
#ifndef MATCH_AGAIN
#define MATCH_AGAIN true
#endif
/* rule SNAPSHOT breaks P1 in join: a newcomer is told all interest before Ready, not only what changes */
#ifndef SNAPSHOT
#define SNAPSHOT true
#endif
/* rule INTEREST_KEPT breaks P1 in disk: the interest of a removed broker stays known until its partition has a primary */
#ifndef INTEREST_KEPT
#define INTEREST_KEPT true
#endif

#include "view.pml"

mtype = { ENTER, ANNOUNCE };
chan to_origin[BROKERS] = [3] of { mtype, byte, bool };  /* what, view, interest */
byte known;               /* ORIGIN: who has interest */
byte ready_of[BROKERS];   /* ORIGIN: the last view that each one has said Ready in */
byte confirmed;           /* whose interest ORIGIN has confirmed */
byte owed[BROKERS];       /* how many messages it will have read when it confirms; 0: nothing to confirm */
byte subscribed;          /* which copies have the subscription's record */
byte kept;                /* which copies have the message */
bool suback;
mtype = { IDLE, BEGUN, MATCHED, DONE };
mtype publish = IDLE;
bool begun_after_suback;
byte matched_in;          /* the view of the match */
byte targets;             /* who has not answered */
byte taken;               /* who has the message of this match */

#define interested(b)  (has(subscribed, b) && is_primary(b))

inline on_death(b) {
  subscribed = subscribed & ~set_of(b); kept = kept & ~set_of(b); confirmed = confirmed & ~set_of(b); owed[b] = 0
}
inline on_loss(b) { skip }

inline on_enter(b) {
  if
  :: (b) == ORIGIN ->
     ready_of[b] = entered[b];
     if
     :: view[entered[b]].primary == NOBODY && INTEREST_KEPT
     :: else -> known = known & view[entered[b]].members
     fi;
     if
     :: publish == MATCHED && MATCH_AGAIN -> publish = BEGUN; targets = 0; taken = 0; matched_in = 0
     :: publish == MATCHED && !MATCH_AGAIN -> targets = targets & view[entered[b]].members; matched_in = entered[b]
     :: else
     fi
  :: (b) != ORIGIN ->
     if
     :: !interested(b) -> confirmed = confirmed & ~set_of(b); owed[b] = 0
     :: else
     fi;
     if
     :: is_member(entered[b], ORIGIN) ->
        if
        :: interested(b) && !has(confirmed, b) && owed[b] == 0 -> owed[b] = len(to_origin[b]) + 1
        :: else
        fi;
        to_origin[b]!ENTER, entered[b], interested(b) && (SNAPSHOT || ready_of[ORIGIN] != 0)
     :: else
     fi
  fi
}

#include "cluster.pml"

#define has_read(b)  (!is_member(entered[ORIGIN], b) || ready_of[b] >= entered[ORIGIN] || !READY_FROM_ALL)
#define origin_acts \
  (acts(ORIGIN) && has_read(0) && has_read(1) && has_read(2))

inline learn(b, interest) {
  known = (interest -> known | set_of(b) : known & ~set_of(b));
  printf("broker %d reads the interest of broker %d: %d\n", ORIGIN, b, interest)
}

inline read_from(b) {
  if
  :: to_origin[b]?ENTER, number, interest ->
     if
     :: number > entered[ORIGIN] && ENTER_FIRST && is_member(number, ORIGIN) -> enter(ORIGIN, number)
     :: else
     fi;
     ready_of[b] = number
  :: to_origin[b]?ANNOUNCE, number, interest
  fi;
  if
  :: is_member(entered[ORIGIN], b) ->
     if
     :: owed[b] == 1 || (owed[b] > 1 && interest && !CONFIRMED_BY_NUMBER) -> confirmed = confirmed | set_of(b); owed[b] = 0
     :: owed[b] > 1 && (CONFIRMED_BY_NUMBER || !interest) -> owed[b]--
     :: else
     fi;
     learn(b, interest)
  :: else  /* the links of a removed broker are closed */
  fi;
  number = 0; interest = false
}

/* A primary's record is committed when all in-sync copies have it in this view. */
#define missing(set, x)      (view[entered[x]].in_sync & ~(set))
#define others_here(x)       (((HOME) != (x) && entered[HOME] == entered[x]) || (2 != (x) && entered[2] == entered[x]))
#define committed(set, x)    (missing(set, x) == 0 && (view[entered[x]].in_sync == set_of(x) || others_here(x)))

#define answers(x) \
  (has(targets, x) && has(taken, x) && is_alive(x) && (matched_in == entered[x] || !VIEW_IN_FRAME) && \
   (!interested(x) || committed(kept, x)))
#define comes_to(x) \
  (publish == MATCHED && is_alive(x) && has(targets, x) && !has(taken, x) && (matched_in == entered[x] || !VIEW_IN_FRAME))

proctype origin() {
  byte number;
  bool interest;
end:
  do
  :: atomic { is_alive(ORIGIN) && nempty(to_origin[0]) -> read_from(0) }
  :: atomic { is_alive(ORIGIN) && nempty(to_origin[1]) -> read_from(1) }
  :: atomic { is_alive(ORIGIN) && nempty(to_origin[2]) -> read_from(2) }

  :: atomic { publish == IDLE && is_alive(ORIGIN) ->
       publish = BEGUN; begun_after_suback = suback; printf("a publish begins, after SUBACK: %d\n", suback) }

  :: atomic { publish == BEGUN && origin_acts ->
       publish = MATCHED; matched_in = entered[ORIGIN]; targets = known;
       printf("it is matched in view %d, targets %x\n", matched_in, targets) }

  /* An answer comes. */
  :: atomic { publish == MATCHED && answers(HOME) -> targets = targets & ~set_of(HOME) }
  :: atomic { publish == MATCHED && answers(2) -> targets = targets & ~set_of(2) }

  :: atomic { publish == MATCHED && targets == 0 && matched_in == entered[ORIGIN] && origin_acts ->
       publish = DONE; printf("it is acknowledged\n");
       promise(P1, !begun_after_suback || (view[newest].in_sync & alive & ~kept) == 0) }
  od
}

proctype copy(byte me; byte other) {
end:
  do
  :: atomic { is_alive(me) && is_primary(me) && !has(subscribed, me) && acts(me) ->
       subscribed = subscribed | set_of(me); printf("broker %d records the subscription\n", me);
       if
       :: is_member(entered[me], ORIGIN) -> owed[me] = len(to_origin[me]) + 1; to_origin[me]!ANNOUNCE, 0, true
       :: else
       fi }

  :: atomic { !suback && interested(me) && acts(me) && (committed(subscribed, me) || !SUBACK_AFTER_COMMIT) &&
              (has(confirmed, me) || !SUBACK_WAITS ||
               (!is_member(entered[me], ORIGIN) && (is_over(ORIGIN) || !FENCE_SUBACK))) ->
       suback = true; printf("broker %d sends SUBACK\n", me) }

  :: atomic { comes_to(me) ->
       taken = taken | set_of(me);
       if
       :: interested(me) -> kept = kept | set_of(me)
       :: else
       fi;
       printf("broker %d takes the message, a session here wants it: %d\n", me, has(kept, me)) }

  /* The secondary takes what the primary has. */
  :: atomic { is_alive(me) && is_alive(other) && is_primary(other) && same_view(me, other) &&
              has(view[entered[me]].in_sync, me) &&
              (has(subscribed, me) != has(subscribed, other) || has(kept, me) != has(kept, other)) ->
       subscribed = (has(subscribed, other) -> subscribed | set_of(me) : subscribed & ~set_of(me));
       kept = (has(kept, other) -> kept | set_of(me) : kept & ~set_of(me));
       printf("broker %d has what primary %d has\n", me, other) }
  od
}

active proctype watch_progress() {
  atomic { timeout -> promise(progress, (view[newest].members & ~alive) != 0 || view[newest].primary == NOBODY ||
                                        !is_member(newest, ORIGIN) || (publish == DONE && suback)) }
}

init {
  atomic {
    ready_of[0] = (ORIGIN != 2); ready_of[1] = ready_of[0]; ready_of[2] = ready_of[0];
    begin(HOME, IN_SYNC);
    run origin(); run copy(HOME, 2);
    if :: has(HOLDERS, 2) -> run copy(2, HOME) :: else fi
  }
}
