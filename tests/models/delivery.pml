/*
 * A persistent subscriber's messages: two, QoS 2, in the log of its session's partition, with a home and a second copy. The
 * subscriber talks to whoever is its home; it remembers Packet Identifiers between PUBREC and PUBREL, as MQTT demands. Where
 * the messages come from survives, and sends again what is not committed; each may come before or after the other.
 */
/* instance two: -DIN_SYNC=3 */
#define BROKERS   3
#ifndef VIEWS
#define VIEWS     3
#endif
#ifndef CRASHES
#define CRASHES   1
#endif
#define CRASHABLE 3
#define REMOVABLE 3
#define HOLDERS   3
#define LEASED    0
#define CALMS_DOWN true

/* rule DELIVER_COMMITTED breaks P7 in two: a message is sent to the subscriber when its record is committed */
#ifndef DELIVER_COMMITTED
#define DELIVER_COMMITTED true
#endif
/* rule IDS_FROM_NUMBERS breaks P7 in two: a message's Packet Identifier follows from its number in the log */
#ifndef IDS_FROM_NUMBERS
#define IDS_FROM_NUMBERS true
#endif
/* rule PUBREL_AFTER_COMMIT breaks P7 in two: PUBREL is sent when the PUBREC is committed */
#ifndef PUBREL_AFTER_COMMIT
#define PUBREL_AFTER_COMMIT true
#endif
/* rule RESUMED breaks P2 in two: a home sends again what the log has as unfinished */
#ifndef RESUMED
#define RESUMED true
#endif

#include "view.pml"

/* A copy: which message each number has, and how far it is. */
typedef Copy {
  byte at[3];
  byte length;
  byte released;   /* numbers whose PUBREC is in the log */
  byte finished;   /* and whose PUBCOMP: lazily, as no answer waits for it */
};
Copy copy[2];
byte writing;      /* primaries whose record is not committed yet */
byte sent[2];      /* numbers that this home has sent in its view */
byte id[6];        /* the Packet Identifier that a home uses for a number: at 3 * home + number */

byte pending;      /* the subscriber: Packet Identifiers that it has sent PUBREC for */
byte delivered[3]; /* how often its application has had which message */
byte talks_in;     /* the view of the home that it talked to last: it has one home at a time (homes.pml) */

#define others_of(x)  (view[entered[x]].in_sync & ~set_of(x))
#define is_home(x)    (is_alive(x) && is_primary(x) && acts(x) && entered[x] >= talks_in)
#define may_write(x)  (is_home(x) && !has(writing, x))
#define in_log(x, m)  (copy[x].at[1] == (m) || copy[x].at[2] == (m))
#define id_of(x, n)   id[3 * (x) + (n)]

inline wipe(b) {
  copy[b].at[1] = 0; copy[b].at[2] = 0; copy[b].length = 0; copy[b].released = 0; copy[b].finished = 0;
  sent[b] = 0; writing = writing & ~set_of(b); id_of(b, 1) = 0; id_of(b, 2) = 0
}

inline on_death(b) {
  if :: b < 2 -> wipe(b) :: else fi
}
inline on_loss(b) { skip }

inline on_enter(b) {
  if
  :: b < 2 ->
     sent[b] = 0; writing = writing & ~set_of(b); id_of(b, 1) = 0; id_of(b, 2) = 0;
     if
     :: is_primary(b) && others_of(b) != 0 -> writing = writing | set_of(b)
     :: else
     fi;
     if
     :: is_primary(b) && !RESUMED -> copy[b].finished = set_of(copy[b].length + 1) - 1
     :: else
     fi
  :: else
  fi
}

#include "cluster.pml"

inline write(x) {
  if
  :: others_of(x) != 0 -> writing = writing | set_of(x)
  :: else
  fi
}

inline name(x, n) {
  if
  :: IDS_FROM_NUMBERS -> id_of(x, n) = n
  :: !IDS_FROM_NUMBERS && id_of(x, n) == 0 -> id_of(x, n) = (id_of(x, 3 - n) == 1 -> 2 : 1)
  :: else
  fi
}

inline deliver(x, n) {
  name(x, n);
  sent[x] = sent[x] | set_of(n); talks_in = entered[x];
  printf("home %d sends number %d, message %d, Packet Identifier %d\n", x, n, copy[x].at[n], id_of(x, n));
  if
  :: has(pending, id_of(x, n)) -> printf("the subscriber has that Packet Identifier already\n")
  :: else ->
     pending = pending | set_of(id_of(x, n)); delivered[copy[x].at[n]]++;
     promise(P7, delivered[copy[x].at[n]] == 1)
  fi
}

inline release(x, n) {
  name(x, n);
  talks_in = entered[x];
  pending = pending & ~set_of(id_of(x, n));
  printf("home %d sends PUBREL for number %d\n", x, n)
}

inline finish(x, n) {
  copy[x].finished = copy[x].finished | set_of(n);
  printf("number %d of home %d is finished\n", n, x);
  promise(P7, delivered[copy[x].at[n]] == 1)
}

proctype number(byte me; byte n) {
end:
  do
  /* A message comes, here called by its number as well; it comes again until it is committed somewhere. */
  :: atomic { may_write(me) && copy[me].length < 2 && !in_log(me, n) ->
       copy[me].length++; copy[me].at[copy[me].length] = n;
       printf("home %d appends message %d as number %d\n", me, n, copy[me].length); write(me) }

  :: atomic { is_home(me) && (!has(writing, me) || !DELIVER_COMMITTED) && copy[me].at[n] != 0 && !has(sent[me], n) &&
              !has(copy[me].released | copy[me].finished, n) -> deliver(me, n) }

  /* PUBREC comes. */
  :: atomic { may_write(me) && has(sent[me], n) && !has(copy[me].released, n) && has(pending, id_of(me, n)) ->
       copy[me].released = copy[me].released | set_of(n);
       printf("home %d records PUBREC of number %d\n", me, n); write(me);
       if :: !PUBREL_AFTER_COMMIT -> release(me, n) :: else fi }

  /* PUBREL, and PUBCOMP comes. */
  :: atomic { may_write(me) && has(copy[me].released, n) && !has(copy[me].finished, n) -> release(me, n); finish(me, n) }
  od
}

proctype other(byte me; byte x) {
end:
  do
  :: atomic { has(writing, x) && is_alive(x) && is_primary(x) && is_alive(me) && same_view(x, me) ->
       copy[me].at[1] = copy[x].at[1]; copy[me].at[2] = copy[x].at[2]; copy[me].length = copy[x].length;
       copy[me].released = copy[x].released; copy[me].finished = copy[x].finished;
       writing = writing & ~set_of(x); printf("broker %d has the record of home %d\n", me, x) }
  od
}

active proctype watch() {
  atomic { timeout ->
    promise(P2, (view[newest].members & ~alive) != 0 || view[newest].primary == NOBODY ||
                (delivered[1] > 0 && delivered[2] > 0)) }
}

init {
  atomic {
    begin(0, IN_SYNC);
    run number(0, 1); run number(0, 2); run number(1, 1); run number(1, 2); run other(0, 1); run other(1, 0)
  }
}
