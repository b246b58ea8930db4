/*
 * QoS 2 messages of persistent publishers: two of one client, both with Packet Identifier 1, the second after the first
 * is finished (-DCLIENTS=1), or one each of two clients, the first of whom may stay away for ever (-DCLIENTS=2). Their home
 * has two copies; broker 2 has the session that they go to, and survives. Of the home's log there is what it says now: the
 * outbox, the Packet Identifiers in use. The publisher talks to whoever is its home; what one connection loses, the next
 * one repeats.
 */
/* instance one: -DCLIENTS=1 */
/* instance two: -DCLIENTS=2 */
#define IN_SYNC   3
#define BROKERS   3
#ifndef VIEWS
#define VIEWS     3
#endif
#ifndef CRASHES
#define CRASHES   1
#endif
#define CALMS_DOWN true
#define CRASHABLE 3
#define REMOVABLE 3
#define HOLDERS   3
#define LEASED    0
#define TARGET    2

/* rule PUBREC_AFTER_COMMIT breaks P2 in one: PUBREC is sent when the message is committed in the outbox */
#ifndef PUBREC_AFTER_COMMIT
#define PUBREC_AFTER_COMMIT true
#endif
/* rule PUBCOMP_AFTER_COMMIT breaks P2 in one: PUBCOMP is sent when it is committed that the Packet Identifier is free */
#ifndef PUBCOMP_AFTER_COMMIT
#define PUBCOMP_AFTER_COMMIT true
#endif
/* rule IDS_IN_LOG breaks P7 in one: a PUBLISH is a repeated one if its Packet Identifier is in use in the log */
#ifndef IDS_IN_LOG
#define IDS_IN_LOG true
#endif
/* rule SEND_AFTER_COMMIT breaks P2 in two: the outbox sends what is committed */
#ifndef SEND_AFTER_COMMIT
#define SEND_AFTER_COMMIT true
#endif
/* rule SAME_NUMBERS breaks P7 in one: a successor sends again with the same numbers */
#ifndef SAME_NUMBERS
#define SAME_NUMBERS true
#endif
/* rule OUTBOX_IN_ORDER breaks P2 in one: and in their order, before anything new */
#ifndef OUTBOX_IN_ORDER
#define OUTBOX_IN_ORDER true
#endif
/* rule SENT_AGAIN breaks P2 in one: a new home sends what is not finished */
#ifndef SENT_AGAIN
#define SENT_AGAIN true
#endif

#include "view.pml"

/* A copy: which message each number of the outbox has, 0 none; and which message uses the Packet Identifier. */
typedef Copy {
  byte outbox[4];
  byte length;
  byte in_use;  /* by messages; a set */
};
Copy copy[2];
byte writing;      /* primaries whose record is not committed yet */
byte sent[2];      /* numbers that this home has sent in its view */
byte moved[2];     /* without SAME_NUMBERS: by how much a home's numbers are higher */

mtype = { PUBLISHING, RELEASING };
byte message = 1;        /* the publisher: which one it is at; 3: all are done */
mtype step = PUBLISHING;
byte received;           /* has had PUBREC for these */
byte talks_in;           /* the view of the home that it talked to last: it has one home at a time (homes.pml) */

byte mark;               /* TARGET: of the outbox's stream */
byte queue[3];           /* how often it has which message */

#define others_of(x)  (view[entered[x]].in_sync & ~set_of(x))
#define is_in_use(x)  (CLIENTS == 1 && copy[x].in_use != 0 || has(copy[x].in_use, message))
#define home_acts(x) \
  (is_alive(x) && is_primary(x) && acts(x) && !has(writing, x) && entered[x] >= talks_in)

inline wipe(b) {
  copy[b].outbox[1] = 0; copy[b].outbox[2] = 0; copy[b].outbox[3] = 0; copy[b].length = 0; copy[b].in_use = 0;
  sent[b] = 0; moved[b] = 0; writing = writing & ~set_of(b)
}

inline on_death(b) {
  if :: b < 2 -> wipe(b) :: else fi
}
inline on_loss(b) { skip }

inline on_enter(b) {
  if
  :: b < 2 ->
     sent[b] = (SENT_AGAIN -> 0 : set_of(copy[b].length + 1) - 1);
     writing = writing & ~set_of(b);
     moved[b] = (!SAME_NUMBERS && is_primary(b) && home_before != b -> mark : moved[b]);
     if
     :: is_primary(b) && others_of(b) != 0 -> writing = writing | set_of(b)
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

inline pubrec(x) {
  printf("PUBREC for message %d\n", message);
  step = RELEASING; received = received | set_of(message); talks_in = entered[x]
}
inline pubcomp(x) {
  printf("PUBCOMP for message %d\n", message);
  message++; step = PUBLISHING; talks_in = entered[x]
}

inline take(x, number) {
  printf("home %d sends number %d, message %d\n", x, number + moved[x], copy[x].outbox[number]);
  sent[x] = sent[x] | set_of(number);
  if
  :: number + moved[x] > mark ->
     mark = number + moved[x];
     promise(P6, copy[x].outbox[number] == 2 || queue[2] == 0 || queue[1] > 0);
     queue[copy[x].outbox[number]]++;
     promise(P7, queue[1] < 2 && queue[2] < 2)
  :: else
  fi
}

#define may_send(x, number) \
  (is_alive(x) && is_primary(x) && acts(x) && (!has(writing, x) || !SEND_AFTER_COMMIT) && copy[x].length >= (number) && \
   !has(sent[x], number) && same_view(x, TARGET) && (number == 1 || !OUTBOX_IN_ORDER || has(sent[x], (number) - 1)))

proctype home(byte me) {
end:
  do
  /* PUBLISH comes, perhaps again. Which message it is only its Packet Identifier says. */
  :: atomic { message < 3 && step == PUBLISHING && home_acts(me) && (!is_in_use(me) || !IDS_IN_LOG) &&
              copy[me].length < 3 ->
       copy[me].length++; copy[me].outbox[copy[me].length] = message; copy[me].in_use = copy[me].in_use | set_of(message);
       printf("home %d puts message %d into its outbox as number %d\n", me, message, copy[me].length);
       talks_in = entered[me]; write(me);
       if :: !PUBREC_AFTER_COMMIT -> pubrec(me) :: else fi }
  :: atomic { message < 3 && step == PUBLISHING && home_acts(me) && is_in_use(me) -> pubrec(me) }

  /* PUBREL comes, perhaps again. */
  :: atomic { message < 3 && step == RELEASING && home_acts(me) && is_in_use(me) ->
       copy[me].in_use = (CLIENTS == 1 -> 0 : copy[me].in_use & ~set_of(message));
       printf("home %d frees the Packet Identifier of message %d\n", me, message);
       talks_in = entered[me]; write(me);
       if :: !PUBCOMP_AFTER_COMMIT -> pubcomp(me) :: else fi }
  :: atomic { message < 3 && step == RELEASING && home_acts(me) && !is_in_use(me) -> pubcomp(me) }

  :: atomic { CLIENTS == 2 && message == 1 && step == PUBLISHING -> message = 2; printf("client 1 stays away\n") }

  :: atomic { may_send(me, 1) -> take(me, 1) }
  :: atomic { may_send(me, 2) -> take(me, 2) }
  :: atomic { may_send(me, 3) -> take(me, 3) }

  /* The other copy takes the record. */
  :: atomic { has(writing, me) && is_alive(me) && is_primary(me) && is_alive(1 - me) && same_view(me, 1 - me) ->
       copy[1 - me].outbox[1] = copy[me].outbox[1]; copy[1 - me].outbox[2] = copy[me].outbox[2];
       copy[1 - me].outbox[3] = copy[me].outbox[3];
       copy[1 - me].length = copy[me].length; copy[1 - me].in_use = copy[me].in_use;
       writing = writing & ~set_of(me); printf("broker %d has the record of home %d\n", 1 - me, me) }
  od
}

#define head  view[newest].primary
active proctype watch() {
  atomic { timeout ->
    if
    :: (view[newest].members & ~alive) == 0 && head != NOBODY ->
       promise(P2, (!has(received, 1) || queue[1] > 0) && (!has(received, 2) || queue[2] > 0));
       promise(progress, message == 3)
    :: else
    fi }
}

init {
  atomic { begin(0, IN_SYNC); run home(0); run home(1) }
}
