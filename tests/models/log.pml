/*
 * The log of one partition: a primary, in-sync secondaries, a learner. Brokers 0 to 2 hold copies; broker 3 is where
 * messages begin, and survives. Two messages: from two streams (-DSTREAMS=2), or one after the other in one stream
 * (-DSTREAMS=1).
 */
/* instance three:    -DIN_SYNC=7 -DVIEWS=3 -DSTREAMS=1 */
/* instance three2:   -DIN_SYNC=7 -DVIEWS=3 -DSTREAMS=2 */
/* instance learner:  -DIN_SYNC=3 -DVIEWS=4 -DSTREAMS=1 */
/* instance learner2: -DIN_SYNC=3 -DVIEWS=3 -DSTREAMS=2 */
#define BROKERS   4
#define ORIGIN    3
#ifndef CRASHES
#define CRASHES   1
#endif
#define CRASHABLE 7
#define REMOVABLE 7
#define HOLDERS   7
#define RECRUITS  (IN_SYNC == 3)
#define LEASED    0

/* rule COMMIT_BEFORE_ANSWER breaks P2 in three: the origin is answered when all copies in the view have the record */
#ifndef COMMIT_BEFORE_ANSWER
#define COMMIT_BEFORE_ANSWER true
#endif
/* rule NO_HOLES breaks P2 in three: a secondary refuses record n without n-1 */
#ifndef NO_HOLES
#define NO_HOLES true
#endif
/* rule REPLACE_ON_CONFLICT breaks P7 in three2: a secondary's record that differs from the primary's goes, with all behind it */
#ifndef REPLACE_ON_CONFLICT
#define REPLACE_ON_CONFLICT true
#endif
/* rule KEEP_UNTIL_CONFLICT breaks P2 in learner: and none goes before that, be it known to be committed or not */
#ifndef KEEP_UNTIL_CONFLICT
#define KEEP_UNTIL_CONFLICT true
#endif
/* rule COMMIT_LOG_FIRST breaks P2 in three: a primary answers nothing before all it has is committed in its view */
#ifndef COMMIT_LOG_FIRST
#define COMMIT_LOG_FIRST true
#endif
/* rule INCARNATION breaks P2 in three: a process that starts again is a new member */
#ifndef INCARNATION
#define INCARNATION true
#endif
/* rule MARK breaks P7 in three: what the log has of a stream up to a number is not appended again */
#ifndef MARK
#define MARK true
#endif
/* rule MARK_FROM_LOG breaks P2 in three: the mark is what the log says, and goes back with it */
#ifndef MARK_FROM_LOG
#define MARK_FROM_LOG true
#endif
/* rule MIN_REPLICAS breaks P2 in learner: a partition with fewer than two copies acknowledges nothing */
#ifndef MIN_REPLICAS
#define MIN_REPLICAS true
#endif
/* rule LEARNER_WAITED breaks P2 in learner: a commit waits for learners too */
#ifndef LEARNER_WAITED
#define LEARNER_WAITED true
#endif
/* rule LEARNER_GETS_RESENT breaks P2 in learner: what is sent again goes to learners that lack it, in its turn */
#ifndef LEARNER_GETS_RESENT
#define LEARNER_GETS_RESENT true
#endif
/* rule LEARNER_STARTS_ANEW breaks P7 in learner2: a learner whose primary has changed forgets what it had */
#ifndef LEARNER_STARTS_ANEW
#define LEARNER_STARTS_ANEW true
#endif
/* rule LEARNER_COMPLETE breaks P2 in learner: a learner is counted in sync when its snapshot is complete */
#ifndef LEARNER_COMPLETE
#define LEARNER_COMPLETE true
#endif
/* rule SEND_AGAIN breaks P2 in three: in a new view all that is unfinished is sent again */
#ifndef SEND_AGAIN
#define SEND_AGAIN true
#endif
/* rule IN_ORDER breaks P2 in three: and in its order, before anything new */
#ifndef IN_ORDER
#define IN_ORDER true
#endif
/* rule IN_SYNC_ONLY breaks P2 in learner: while there is an in-sync copy, only such a one becomes primary */
/* rule LEARNER_BEFORE_EMPTY breaks P2 in learner: without any a learner does, with what it has, before an empty one */
#ifndef LEARNER_BEFORE_EMPTY
#define LEARNER_BEFORE_EMPTY true
#endif

#include "view.pml"

typedef Log {
  byte length;
  byte at[2];  /* numbers of messages; 0: a hole, in a learner's log only */
};
Log log[3];
byte got[3];        /* how many records a secondary has confirmed to the primary of its view */
byte committed[3];  /* how many of its records a primary knows to be committed in its view */
byte base[3];       /* how many a primary had when it entered its view */
byte resent[3];     /* messages that a primary had already when they came to it in its view */
byte followed[3];   /* whose learner a broker was, plus 1 */
byte seen[3];       /* without MARK_FROM_LOG: what a broker ever had */
byte heard;         /* the messages that a primary got in the view the origin is in */
byte acknowledged;  /* to the publisher */
byte losses[3];     /* per message: brokers lost since it was acknowledged, or restored */

#define in_log(b, m)   (log[b].at[0] == (m) || log[b].at[1] == (m))
#if STREAMS == 1
#define proves(r, m)   ((r) >= (m))
#define turn_of(m)     (!IN_ORDER || (m) == 1 || has(heard, 1) || has(acknowledged, 1))
#else
#define proves(r, m)   ((r) == (m))
#define turn_of(m)     true
#endif
#define known(b, m)                                                                              \
  (proves(log[b].at[0], m) || proves(log[b].at[1], m) || (!MARK_FROM_LOG && has(seen[b], m)))
#define known_committed(b, m)                                                                    \
  ((committed[b] > 0 && proves(log[b].at[0], m)) || (committed[b] > 1 && proves(log[b].at[1], m)) || \
   (!MARK_FROM_LOG && has(seen[b], m)))
#define settled(b)     (committed[b] >= base[b])

#define waited_for(v)  (LEARNER_WAITED -> copies(v) : view[v].in_sync)
#define has_record(x, s, n) \
  ((s) == (x) || !has(waited_for(entered[x]), s) || (same_view(s, x) && got[s] > (n)))
#define all_have(x, n) (has_record(x, 0, n) && has_record(x, 1, n) && has_record(x, 2, n))

#define lost_from(v)   (copies(v) & ~(alive & view[newest].members))

inline advance(x) {
  do
  :: committed[x] < log[x].length && all_have(x, committed[x]) -> committed[x]++
  :: else -> break
  od;
  if
  :: entered[x] == newest && settled(x) && size(view[newest].in_sync) > 1 && lost_from(newest) == 0 ->
     losses[1] = 0; losses[2] = 0
  :: else
  fi
}

inline on_loss(b) {
  if
  :: (b) != ORIGIN -> losses[1] = (losses[1] < 2 -> losses[1] + 1 : 2); losses[2] = (losses[2] < 2 -> losses[2] + 1 : 2)
  :: else
  fi
}

#define wipe(b) \
  log[b].length = 0; log[b].at[0] = 0; log[b].at[1] = 0; got[b] = 0; committed[b] = 0; base[b] = 0; seen[b] = 0; \
  followed[b] = 0; resent[b] = 0

/* A learner that has to be the primary goes on with what it has. */
inline close_up(b) {
  if
  :: log[b].length > 0 && log[b].at[0] == 0 -> log[b].at[0] = log[b].at[1]; log[b].at[1] = 0; log[b].length--
  :: else
  fi;
  if
  :: log[b].length > 0 && log[b].at[log[b].length - 1] == 0 -> log[b].length--
  :: else
  fi
}

inline on_death(b) { wipe(b) }

inline on_enter(b) {
  if
  :: (b) == ORIGIN && SEND_AGAIN -> heard = 0
  :: (b) == ORIGIN && !SEND_AGAIN
  :: (b) != ORIGIN ->
     got[b] = 0;
     committed[b] = 0;
     base[b] = 0;
     resent[b] = 0;
     if
     :: is_primary(b) ->
        if
        :: !LEARNER_BEFORE_EMPTY && followed[b] != 0 -> wipe(b)
        :: else
        fi;
        close_up(b);
        base[b] = log[b].length;
        if :: !COMMIT_LOG_FIRST -> committed[b] = log[b].length :: else fi;
        advance(b)
     :: !is_primary(b) && !KEEP_UNTIL_CONFLICT -> log[b].length = 0; log[b].at[0] = 0; log[b].at[1] = 0
     :: has(view[entered[b]].learners, b) && KEEP_UNTIL_CONFLICT ->
        if
        :: followed[b] != 0 && followed[b] != view[entered[b]].primary + 1 && LEARNER_STARTS_ANEW -> wipe(b)
        :: else
        fi;
        followed[b] = view[entered[b]].primary + 1
     :: else -> followed[b] = 0
     fi
  fi
}

/* A snapshot fills the holes below what a learner took as it came. */
#define complete(b) \
  (is_alive(b) && entered[b] == newest && is_alive(view[newest].primary) && \
   same_view(view[newest].primary, b) && got[b] >= base[view[newest].primary] && \
   (!LEARNER_COMPLETE || log[b].length == 0 || (log[b].at[0] && (log[b].at[1] || log[b].length < 2))))

#include "cluster.pml"

inline remember(b, m) {
  if :: !MARK_FROM_LOG && (m) > 0 -> seen[b] = seen[b] | set_of(m) :: else fi
}

/* The primary takes a message from the origin. */
#define message_comes(x, m) \
  (is_alive(x) && !has(heard, m) && !has(acknowledged, m) && turn_of(m) && \
   same_view(x, ORIGIN) && is_primary(x))

inline take_message(x, m) {
  heard = heard | set_of(m);
  if
  :: known(x, m) && MARK ->
     printf("primary %d has message %d already\n", x, m);
     promise(P2, in_log(x, m) || !MARK_FROM_LOG);
     resent[x] = resent[x] | set_of(m)
  :: else ->
     promise(P7, !in_log(x, m));
     promise(P6, STREAMS == 2 || !in_log(x, 2));
     log[x].at[log[x].length] = m;
     log[x].length++;
     remember(x, m);
     printf("primary %d appends message %d as record %d\n", x, m, log[x].length);
     advance(x)
  fi
}

/* Two copies have the record itself: a learner lacks what is older than its recruitment, until it has come. */
#define keeps(s, v, m)  (has(view[v].learners, s) && entered[s] == (v) && in_log(s, m))
#define kept_twice(x, m) \
  (size(view[entered[x]].in_sync) > 1 || keeps(0, entered[x], m) || keeps(1, entered[x], m) || keeps(2, entered[x], m))

/* The origin takes the answer and acknowledges the publisher. */
#define answered(x, m) \
  (has(heard, m) && same_view(x, ORIGIN) && is_primary(x) && is_alive(x) && known(x, m) && \
   (!COMMIT_BEFORE_ANSWER || (known_committed(x, m) && settled(x))) && \
   (!MIN_REPLICAS || kept_twice(x, m)))

inline acknowledge(m) {
  acknowledged = acknowledged | set_of(m);
  losses[m] = size(lost_from(entered[ORIGIN]));
  printf("message %d is acknowledged\n", m)
}

/* What is sent again goes to a learner on the same link as the records, in its turn. */
#define is_learner_here(s)  has(view[entered[s]].learners, s)
#define head_of(s)  view[entered[s]].primary
#define lacks_resent(s, n) \
  (is_alive(s) && is_learner_here(s) && is_alive(head_of(s)) && same_view(head_of(s), s) && \
   got[s] > (n) && log[s].at[n] == 0 && has(resent[head_of(s)], log[head_of(s)].at[n]))

#define behind_resent(s)  (LEARNER_GETS_RESENT && (lacks_resent(s, 0) || lacks_resent(s, 1)))

/* A secondary or learner takes the next record of what a primary sent. */
#define record_comes(x, s) \
  ((x) != (s) && is_alive(x) && is_alive(s) && is_primary(x) && has(copies(entered[x]), s) && \
   same_view(x, s) && got[s] < log[x].length && \
   !behind_resent(s))

inline take_record(x, s) {
  byte n = got[s];
  byte r = log[x].at[n];
  if
  :: is_learner_here(s) && n < base[x] && (log[s].length <= n || log[s].at[n] == 0) ->
     if :: log[s].length <= n -> log[s].length = n + 1 :: else fi  /* the snapshot will have it */
  :: else ->
     if
     :: log[s].length > n && log[s].at[n] != r && log[s].at[n] != 0 && REPLACE_ON_CONFLICT ->
        log[s].at[0] = (n == 0 -> 0 : log[s].at[0]); log[s].at[1] = 0; log[s].length = n
     :: else
     fi;
     if
     :: log[s].length <= n || log[s].at[n] == 0 ->
        log[s].at[n] = r; log[s].length = (log[s].length <= n -> n + 1 : log[s].length); remember(s, r)
     :: else
     fi;
     printf("broker %d has record %d of primary %d: message %d\n", s, n + 1, x, log[s].at[n]);
     promise(P7, log[s].at[0] != log[s].at[1] || log[s].at[0] == 0)
  fi;
  got[s]++;
  advance(x);
  n = 0; r = 0
}

inline take_resent(s, n) {
  log[s].at[n] = log[head_of(s)].at[n];
  remember(s, log[s].at[n]);
  printf("learner %d has record %d: message %d, which was sent again\n", s, n + 1, log[s].at[n])
}

proctype copy(byte me) {
  byte other;
end:
  do
  :: atomic { message_comes(me, 1) -> take_message(me, 1) }
  :: atomic { message_comes(me, 2) -> take_message(me, 2) }

  :: atomic { record_comes(0, me) -> take_record(0, me) }
  :: atomic { record_comes(1, me) -> take_record(1, me) }
  :: atomic { record_comes(2, me) -> take_record(2, me) }

  /* The link broke: a record was lost, and the next one comes. */
  :: atomic { !NO_HOLES && got[me] == 0 && record_comes(view[entered[me]].primary, me) &&
              log[view[entered[me]].primary].length == 2 && log[me].length < 2 ->
       other = view[entered[me]].primary; log[me].at[1] = log[other].at[1]; log[me].length = 2; got[me] = 2;
       printf("broker %d has record 2 of primary %d without record 1\n", me, other); advance(other); other = 0 }

  /* What was sent again comes to a learner that lacks it. */
  :: atomic { LEARNER_GETS_RESENT && lacks_resent(me, 0) -> take_resent(me, 0) }
  :: atomic { LEARNER_GETS_RESENT && lacks_resent(me, 1) && !lacks_resent(me, 0) -> take_resent(me, 1) }

  /* The snapshot arrives. */
  :: atomic { is_alive(me) && is_learner_here(me) && is_alive(view[entered[me]].primary) &&
              same_view(view[entered[me]].primary, me) && got[me] >= base[view[entered[me]].primary] &&
              ((log[me].length > 0 && log[me].at[0] == 0 && log[view[entered[me]].primary].at[0]) ||
               (log[me].length > 1 && log[me].at[1] == 0 && log[view[entered[me]].primary].at[1])) ->
       other = view[entered[me]].primary;
       log[me].at[0] = log[other].at[0];
       log[me].at[1] = (log[me].length > 1 -> log[other].at[1] : 0);
       remember(me, log[me].at[0]); remember(me, log[me].at[1]);
       printf("broker %d has the snapshot of primary %d\n", me, other); other = 0 }

  /* The process starts again, with nothing, and takes its old place. */
  :: atomic { !INCARNATION && !is_alive(me) && is_member(newest, me) ->
       alive = alive | set_of(me); entered[me] = newest;
       printf("broker %d starts again under its old name\n", me) }
  od
}

proctype origin() {
end:
  do
  :: atomic { !has(acknowledged, 1) && acts(ORIGIN) && (answered(0, 1) || answered(1, 1) || answered(2, 1)) ->
       acknowledge(1) }
  :: atomic { !has(acknowledged, 2) && acts(ORIGIN) && (answered(0, 2) || answered(1, 2) || answered(2, 2)) ->
       acknowledge(2) }
  od
}

#define head  view[newest].primary
#define lost(m) \
  (has(acknowledged, m) && losses[m] < 2 && head != NOBODY && is_alive(head) && entered[head] == newest && \
   settled(head) && !in_log(head, m))
active proctype watch_kept() {
end:
  atomic { lost(1) || lost(2) -> promise(P2, false) }
}

#define no_need_to_wait \
  ((view[newest].members & ~alive) == 0 && head != NOBODY && size(copies(newest)) > 1)
active proctype watch_progress() {
  atomic { timeout -> promise(progress, !no_need_to_wait || acknowledged == 6) }
}

init {
  atomic {
    begin(0, IN_SYNC);
    run copy(0); run copy(1); run copy(2); run origin()
  }
}
