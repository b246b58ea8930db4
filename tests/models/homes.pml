/*
 * One home. A client connects twice, at any brokers, and each connection has a will. The home registers connections,
 * takes over, and publishes wills; its copies follow. Of the partition's log there is what it says now: who is registered,
 * which wills are in the outbox. A primary writes one record at a time. (The outbox, which hands a will on exactly once, is
 * a configuration of its own. With wills the second connection is at broker 2, to have fewer states.)
 */
/* instance two:   -DIN_SYNC=3 -DFRONTENDS=5 -DCRASHABLE=5 -DREMOVABLE=5 -DHOLDERS=3 -DWILLS=false */
/* instance wills: -DIN_SYNC=3 -DFRONTENDS=5 -DCRASHABLE=1 -DREMOVABLE=5 -DHOLDERS=3 -DWILLS=true -DCALMS_DOWN=true */
/* instance lone:  -DIN_SYNC=1 -DFRONTENDS=6 -DCRASHABLE=1 -DREMOVABLE=3 -DHOLDERS=5 -DWILLS=false */
#define BROKERS   3
#ifndef VIEWS
#define VIEWS     3
#endif
#ifndef CRASHES
#define CRASHES   1
#endif

/* rule LEASE breaks P3 in two: grant, serve and acknowledge only under a lease */
/* rule READY_FROM_ALL breaks P3 in lone: act in a view when all its members have said Ready */
/* rule RECORD_OF_THIS_VIEW breaks P3 in two: a copy refuses records of a primary in another view */
#ifndef RECORD_OF_THIS_VIEW
#define RECORD_OF_THIS_VIEW true
#endif
/* rule GRANT_AFTER_COMMIT breaks P3 in two: a connection is granted when its registration is committed */
#ifndef GRANT_AFTER_COMMIT
#define GRANT_AFTER_COMMIT true
#endif
/* rule GRANT_OF_THIS_VIEW breaks P3 in lone: a grant of another view is ignored */
#ifndef GRANT_OF_THIS_VIEW
#define GRANT_OF_THIS_VIEW true
#endif
/* rule CLOSED_FIRST breaks P3 in two: the old connection has ended before the new one is registered */
#ifndef CLOSED_FIRST
#define CLOSED_FIRST true
#endif
/* rule FENCE_CONNECTION breaks P5 in wills: a connection at a removed broker ends with that one's fence */
#ifndef FENCE_CONNECTION
#define FENCE_CONNECTION true
#endif
/* rule FENCE_EMPTY_HOME breaks P3 in lone: a home without the records of the last one waits for the fences of all removed */
#ifndef FENCE_EMPTY_HOME
#define FENCE_EMPTY_HOME true
#endif
/* rule CLOSE_ON_HOME_CHANGE breaks P3 in lone: a frontend closes connections whose home has changed */
#ifndef CLOSE_ON_HOME_CHANGE
#define CLOSE_ON_HOME_CHANGE true
#endif
/* rule EPOCH_IN_REQUEST breaks P5 in wills: what a frontend asks for an older connection does not concern the present one */
#ifndef EPOCH_IN_REQUEST
#define EPOCH_IN_REQUEST true
#endif
/* rule END_REPEATED breaks P5 in wills: a frontend tells of a connection's end until a home confirms it */
#ifndef END_REPEATED
#define END_REPEATED true
#endif
/* rule END_AFTER_COMMIT breaks P5 in wills: which it does when the end is committed */
#ifndef END_AFTER_COMMIT
#define END_AFTER_COMMIT true
#endif
/* rule WILL_WITH_END breaks P5 in wills: the end and the will's place in the outbox are one record */
#ifndef WILL_WITH_END
#define WILL_WITH_END true
#endif

#include "view.pml"

mtype = { NONE, ASKING, OPEN, LOST, LEFT, OVER, DEAD };
mtype state[3] = NONE;   /* per connection, at its frontend; DEAD: died with it */
byte front[3];           /* the broker that it came to */
byte grant[3];           /* the view of the grant on its way */
byte was_open;           /* sets of connections */
byte closing;            /* the home wants it closed */
byte left;               /* ended by DISCONNECT */
byte let_go;             /* and the home has confirmed that */
byte published;          /* whose will is published */

byte registered[BROKERS];  /* per copy: the connection that is registered */
byte fired[BROKERS];       /* and whose wills are in the outbox */
byte unfired[BROKERS];     /* without WILL_WITH_END: ended, the will in no record yet */
byte sent[BROKERS];        /* wills that this home has published */
byte writing;              /* primaries whose record is not committed yet */
byte copies_lost;          /* of the first ones */
byte holds = IN_SYNC;      /* who has the records of all homes so far */

#define others_of(x)  (view[entered[x]].in_sync & ~set_of(x))
#define served(e)     (state[e] == OPEN && is_alive(front[e]) && (has(leased, front[e]) || !LEASE))

inline commit(x) {
  writing = writing & ~set_of(x);
  if
  :: registered[x] != 0 && state[registered[x]] == ASKING && same_view(x, front[registered[x]]) ->
     grant[registered[x]] = entered[x]
  :: else
  fi
}

inline write(x) {
  writing = writing | set_of(x);
  if
  :: others_of(x) == 0 -> commit(x)
  :: others_of(x) != 0 && !GRANT_AFTER_COMMIT -> commit(x); writing = writing | set_of(x)
  :: else
  fi
}

inline on_death(b) {
  if :: state[1] != NONE && state[1] != OVER && front[1] == b -> state[1] = DEAD; grant[1] = 0 :: else fi;
  if :: state[2] != NONE && state[2] != OVER && front[2] == b -> state[2] = DEAD; grant[2] = 0 :: else fi;
  registered[b] = 0; fired[b] = 0; unfired[b] = 0; sent[b] = 0;
  writing = writing & ~set_of(b); holds = holds & ~set_of(b)
}
inline on_loss(b) { copies_lost = copies_lost + has(IN_SYNC, b) }

/* home_before is the primary of the view that the broker leaves. */
inline enter_with(b, e) {
  if
  :: state[e] == OPEN && front[e] == b && CLOSE_ON_HOME_CHANGE && home_before != view[entered[b]].primary -> state[e] = LOST
  :: state[e] == LOST && front[e] == b && !END_REPEATED -> state[e] = OVER
  :: else
  fi
}

inline on_enter(b) {
  enter_with(b, 1); enter_with(b, 2);
  grant[1] = (front[1] == b && GRANT_OF_THIS_VIEW -> 0 : grant[1]);
  grant[2] = (front[2] == b && GRANT_OF_THIS_VIEW -> 0 : grant[2]);
  sent[b] = 0; unfired[b] = 0; writing = writing & ~set_of(b);
  if
  :: is_primary(b) && others_of(b) != 0 -> writing = writing | set_of(b)
  :: else
  fi
}

#include "cluster.pml"

#define removed(x)     (~view[entered[x]].members & ALL)
#define may_begin(x)   (has(holds, x) || !FENCE_EMPTY_HOME || (removed(x) & leased) == 0)
#define home_acts(x)   (is_primary(x) && acts(x) && !has(writing, x) && may_begin(x))
#define hears(x, e)    (is_alive(front[e]) && same_view(x, front[e]))
#define has_departed(x, e) \
  (!is_member(entered[x], front[e]) && (is_over(front[e]) || !FENCE_CONNECTION))

/* The registered connection has ended: its will goes to the outbox. */
inline end_with_will(x) {
  printf("home %d ends connection %d\n", x, registered[x]);
  promise(P5, !WILLS || !served(registered[x]));
  if
  :: !WILLS
  :: WILLS && WILL_WITH_END -> fired[x] = fired[x] | set_of(registered[x])
  :: WILLS && !WILL_WITH_END -> unfired[x] = unfired[x] | set_of(registered[x])
  fi;
  registered[x] = 0;
  write(x)
}

inline register(x, e) {
  printf("home %d registers connection %d\n", x, e);
  holds = holds | set_of(x);
  if
  :: registered[x] != 0 && WILLS -> fired[x] = fired[x] | set_of(registered[x])
  :: else
  fi;
  registered[x] = e;
  write(x)
}

proctype home(byte me; byte e) {
end:
  do
  :: atomic { state[e] == ASKING && home_acts(me) && hears(me, e) && registered[me] == 0 -> register(me, e) }
  :: atomic { state[e] == ASKING && home_acts(me) && hears(me, e) && registered[me] == e && grant[e] != entered[me] ->
       grant[e] = entered[me] }
  :: atomic { state[e] == ASKING && home_acts(me) && hears(me, e) && registered[me] == 3 - e && !CLOSED_FIRST ->
       register(me, e) }
  :: atomic { state[e] == ASKING && home_acts(me) && hears(me, e) && registered[me] == 3 - e &&
              is_member(entered[me], front[3 - e]) && !has(closing, 3 - e) ->
       closing = closing | set_of(3 - e); printf("home %d wants connection %d closed\n", me, 3 - e) }

  /* The frontend says that it is over. */
  :: atomic { state[e] == LOST && home_acts(me) && hears(me, e) && registered[me] == e ->
       if :: !END_AFTER_COMMIT -> state[e] = OVER :: else fi;
       end_with_will(me) }
  :: atomic { state[e] == LEFT && home_acts(me) && hears(me, e) && registered[me] == e ->
       registered[me] = 0; printf("home %d records the DISCONNECT of connection %d\n", me, e); write(me) }
  :: atomic { (state[e] == LOST || state[e] == LEFT) && home_acts(me) && hears(me, e) && registered[me] != e ->
       let_go = (state[e] == LEFT -> let_go | set_of(e) : let_go);
       state[e] = OVER; printf("home %d confirms the end of connection %d\n", me, e) }
  :: atomic { !EPOCH_IN_REQUEST && state[e] == OVER && home_acts(me) && hears(me, e) && registered[me] == 3 - e ->
       printf("home %d hears again of the end of connection %d\n", me, e); end_with_will(me) }

  /* Its broker was removed. */
  :: atomic { home_acts(me) && registered[me] == e && has_departed(me, e) -> end_with_will(me) }

  :: atomic { home_acts(me) && has(unfired[me], e) ->
       unfired[me] = unfired[me] & ~set_of(e); fired[me] = fired[me] | set_of(e); write(me) }
  :: atomic { home_acts(me) && has(fired[me], e) && !has(sent[me], e) ->
       sent[me] = sent[me] | set_of(e); published = published | set_of(e);
       printf("home %d publishes the will of connection %d\n", me, e);
       promise(P5, !has(let_go, e)) }
  od
}

#define record_comes(x, s) \
  ((x) != (s) && is_alive(x) && is_alive(s) && is_primary(x) && has(others_of(x), s) && \
   (same_view(x, s) || !RECORD_OF_THIS_VIEW) && has(writing, x))

inline take_record(x, s) {
  registered[s] = registered[x]; fired[s] = fired[x];
  printf("broker %d has the record of home %d\n", s, x);
  commit(x)
}

proctype copy(byte me) {
end:
  do
  :: atomic { record_comes(0, me) -> take_record(0, me) }
  :: atomic { record_comes(1, me) -> take_record(1, me) }
  :: atomic { record_comes(2, me) -> take_record(2, me) }
  od
}

#define here(e)  is_alive(front[e])

proctype connection(byte e) {
end:
  do
  :: atomic { state[e] == NONE && (e == 1 || state[1] != NONE) ->
       if
       :: has(FRONTENDS & alive, 0) && (e == 1 || !WILLS) -> front[e] = 0
       :: has(FRONTENDS & alive, 1) -> front[e] = 1
       :: has(FRONTENDS & alive, 2) -> front[e] = 2
       fi;
       state[e] = ASKING; printf("connection %d: CONNECT at broker %d\n", e, front[e]) }
  :: atomic { state[e] == ASKING && here(e) && acts(front[e]) && grant[e] != 0 &&
              (grant[e] == entered[front[e]] || !GRANT_OF_THIS_VIEW) ->
       state[e] = OPEN; grant[e] = 0; was_open = was_open | set_of(e);
       printf("connection %d: CONNACK\n", e);
       promise(P3, !served(3 - e)) }
  :: atomic { WILLS && e == 1 && state[e] == OPEN && here(e) -> state[e] = LOST; printf("connection %d is lost\n", e) }
  :: atomic { WILLS && e == 1 && state[e] == OPEN && here(e) -> state[e] = LEFT; left = left | set_of(e);
       printf("connection %d: DISCONNECT\n", e) }
  :: atomic { (state[e] == ASKING || state[e] == OPEN) && here(e) && has(closing, e) ->
       state[e] = LOST; grant[e] = 0; closing = closing & ~set_of(e);
       printf("connection %d is closed\n", e) }
  od
}

#define settled \
  ((view[newest].members & ~alive) == 0 && WILLS && copies_lost < size(IN_SYNC))
#define has_its_will(e) \
  (!has(was_open, e) || has(left, e) || \
   (has(published, e) == !(state[e] == OPEN && is_member(newest, front[e]))))
active proctype watch_wills() {
  atomic { timeout -> promise(P5, !settled || (has_its_will(1) && has_its_will(2))) }
}

init {
  atomic {
    begin(0, IN_SYNC);
    run home(0, 1); run home(0, 2); run home(1, 1); run home(1, 2); run home(2, 1); run home(2, 2);
    run copy(0); run copy(1); run copy(2);
    run connection(1); run connection(2)
  }
}
