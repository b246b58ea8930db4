/*
 * A Shared Subscription with two members: a persistent session, whose partition has copies at brokers 2 (its home at first)
 * and 1, and a clean session at broker 1. Two QoS 2 messages of one stream begin at broker 0, which survives and chooses.
 */
/* instance two: -DIN_SYNC=6 */
#define BROKERS   3
#ifndef VIEWS
#define VIEWS     3
#endif
#ifndef CRASHES
#define CRASHES   1
#endif
#define CRASHABLE 6
#define REMOVABLE 6
#define HOLDERS   6
#define LEASED    0
#define MOVES     true
#define CALMS_DOWN true
#define ORIGIN    0
#define CLEAN_AT  1

/* rule CHOICE_KEPT breaks P7 in two: a choice that fell on a partition stays, whoever is its home */
#ifndef CHOICE_KEPT
#define CHOICE_KEPT true
#endif
/* rule CHOSEN_AGAIN breaks progress in two: a choice that fell on a removed broker's clean session is made again */
#ifndef CHOSEN_AGAIN
#define CHOSEN_AGAIN true
#endif
/* rule LATE_TAKES_NEW_NUMBER breaks P2 in two: and the message goes there under a new number */
#ifndef LATE_TAKES_NEW_NUMBER
#define LATE_TAKES_NEW_NUMBER true
#endif

#include "view.pml"

mtype = { NOBODYS, CLEAN, PARTITION, DONE };
mtype choice[3] = NOBODYS;  /* per message */
byte number[3];             /* its number in the stream */
byte last_number;
byte arrived;               /* messages that came to their target in the origin's view */

typedef Copy {
  byte mark;
  byte messages;            /* a set */
};
Copy copy[3];               /* of the partition; 0 has none */
byte clean_mark;
byte clean_messages;        /* what the clean session has taken */
byte kept;                  /* answered for the partition */

inline on_death(b) {
  copy[b].mark = 0; copy[b].messages = 0;
  if
  :: b == CLEAN_AT -> clean_mark = 0; clean_messages = 0
  :: else
  fi
}
inline on_loss(b) { skip }

inline look_again(m) {
  if
  :: choice[m] == CLEAN && !is_member(entered[ORIGIN], CLEAN_AT) && CHOSEN_AGAIN -> choice[m] = NOBODYS
  :: choice[m] == PARTITION && !CHOICE_KEPT -> choice[m] = NOBODYS
  :: else
  fi
}

inline on_enter(b) {
  if
  :: b == ORIGIN -> arrived = 0; look_again(1); look_again(2)
  :: else
  fi
}

#include "cluster.pml"

inline choose_for(m) {
  if
  :: number[m] == 0 || LATE_TAKES_NEW_NUMBER -> last_number++; number[m] = last_number
  :: else
  fi;
  if
  :: is_member(entered[ORIGIN], CLEAN_AT) -> choice[m] = CLEAN
  :: choice[m] = PARTITION
  fi;
  printf("message %d gets number %d and goes to %e\n", m, number[m], choice[m])
}

/* Links are FIFO: a lower number to the same target comes first. */
#define comes(m, target) \
  (choice[m] == target && !has(arrived, m) && \
   (choice[3 - (m)] != target || has(arrived, 3 - (m)) || number[3 - (m)] > number[m]))

inline take(m, x) {
  arrived = arrived | set_of(m);
  if
  :: number[m] > copy[x].mark ->
     promise(P7, !has(copy[x].messages, m));
     copy[x].mark = number[m]; copy[x].messages = copy[x].messages | set_of(m);
     printf("home %d appends message %d\n", x, m)
  :: else -> printf("home %d knows message %d already\n", x, m)
  fi
}

#define others_of(x)  (view[entered[x]].in_sync & ~set_of(x))
#define follows(s, x) (!has(others_of(x), s) || (same_view(s, x) && copy[s].mark == copy[x].mark))
#define committed(x)  (follows(1, x) && follows(2, x))

proctype message(byte m) {
end:
  do
  :: atomic { choice[m] == NOBODYS && acts(ORIGIN) && (m == 1 || number[1] != 0) -> choose_for(m) }

  :: atomic { comes(m, PARTITION) && is_alive(1) && same_view(1, ORIGIN) && is_primary(1) -> take(m, 1) }
  :: atomic { comes(m, PARTITION) && is_alive(2) && same_view(2, ORIGIN) && is_primary(2) -> take(m, 2) }
  :: atomic { comes(m, CLEAN) && is_alive(CLEAN_AT) && same_view(CLEAN_AT, ORIGIN) ->
       arrived = arrived | set_of(m);
       if
       :: number[m] > clean_mark ->
          clean_mark = number[m]; clean_messages = clean_messages | set_of(m);
          printf("the clean session takes message %d\n", m)
       :: else
       fi }

  :: atomic { choice[m] == PARTITION && has(arrived, m) && acts(ORIGIN) && is_alive(view[entered[ORIGIN]].primary) &&
              same_view(view[entered[ORIGIN]].primary, ORIGIN) && committed(view[entered[ORIGIN]].primary) ->
       choice[m] = DONE; kept = kept | set_of(m); printf("the partition has message %d\n", m) }
  :: atomic { choice[m] == CLEAN && has(arrived, m) && acts(ORIGIN) && is_alive(CLEAN_AT) && same_view(CLEAN_AT, ORIGIN) ->
       choice[m] = DONE; printf("message %d is done\n", m) }
  od
}

proctype follower(byte me; byte x) {
end:
  do
  :: atomic { is_alive(me) && is_alive(x) && same_view(me, x) && is_primary(x) && has(others_of(x), me) &&
              (copy[me].mark != copy[x].mark || copy[me].messages != copy[x].messages) ->
       copy[me].mark = copy[x].mark; copy[me].messages = copy[x].messages;
       printf("broker %d has what home %d has\n", me, x) }
  od
}

#define head  view[newest].primary
#define taken_by_clean  (is_member(newest, CLEAN_AT) -> clean_messages : 0)
active proctype watch() {
  atomic { timeout ->
    if
    :: (view[newest].members & ~alive) == 0 && head != NOBODY ->
       promise(progress, choice[1] == DONE && choice[2] == DONE);
       promise(P2, (kept & ~copy[head].messages) == 0);
       promise(P7, (copy[head].messages & taken_by_clean) == 0)
    :: else
    fi }
}

init {
  atomic {
    begin(2, IN_SYNC);
    run message(1); run message(2); run follower(1, 2); run follower(2, 1)
  }
}
