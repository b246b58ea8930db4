/*
 * The text that all configurations share: the view in ZooKeeper, leases, and how brokers enter a view.
 *
 * A configuration defines, before it includes this file:
 *   BROKERS          how many there are, numbered from 0; a broker is one incarnation (a process start)
 *   VIEWS            the number of the last view: with it the instance ends
 *   CRASHES          how many of CRASHABLE (a set) may die
 *   REMOVABLE        the set of those that the controller may take out, dead or alive
 *   HOLDERS          the set of those that may hold copies of the partition
 * and may define JOINERS (who is not a member at first), LEASED (whose lease matters: all), MOVES (the primary may be moved
 * without need), WAITS_FOR_DISK (a partition may be without primary for a while), CALMS_DOWN
 * (at any moment the faults may end) and RECRUITS (learners are taken in).
 *
 * Sets are bit masks. Each step is atomic: it is what a broker does in one turn of its event loop. A broker that takes no
 * step for long while others go on is a paused process, and one that is removed meanwhile is a zombie.
 */

#define set_of(b)    (1 << (b))
#define has(set, b)  (((set) >> (b)) & 1)
#define size(set)    (has(set, 0) + has(set, 1) + has(set, 2) + has(set, 3))
#define ALL          ((1 << BROKERS) - 1)

#ifndef JOINERS
#define JOINERS 0
#endif
#ifndef LEASED
#define LEASED ALL
#endif
#ifndef MOVES
#define MOVES false
#endif
#ifndef WAITS_FOR_DISK
#define WAITS_FOR_DISK false
#endif
#ifndef CALMS_DOWN
#define CALMS_DOWN false
#endif
#ifndef RECRUITS
#define RECRUITS false
#define complete(b) false
#endif

/* Promises. A configuration checks those that concern it; `progress` is that nobody waits for ever. */
bool P1_kept, P2_kept, P3_kept, P5_kept, P6_kept, P7_kept, progress_kept;
#define promise(name, condition)  name##_kept = (condition); assert(name##_kept); name##_kept = false

/* The znode /view: all of its values so far. Only compare-and-set changes it, so it has one history. */
typedef View {
  byte members;
  byte primary;   /* of the one partition that is looked at; NOBODY: it has none */
  byte in_sync;   /* those who hold all of its log, the primary among them */
  byte learners;  /* those who are about to */
};
#define NOBODY 7

View view[VIEWS + 1];
byte newest = 1;

byte alive = ALL;
byte crashes_left = CRASHES;
bool calm;                      /* no faults from here on */
byte entered[BROKERS];          /* the view a broker is in; 0: none yet */
byte home_before;               /* within a step: the primary of the view that a broker leaves */
byte said_ready[VIEWS + 1];     /* who has entered each view: Ready is sent at once, and once for ever */
byte leased = ALL & ~(JOINERS); /* whose last lease has not ended */

#define is_alive(b)       has(alive, b)
#define is_member(v, b)   has(view[v].members, b)
#define copies(v)         (view[v].in_sync | view[v].learners)
#define is_primary(b)     (entered[b] > 0 && view[entered[b]].primary == (b))
#define same_view(a, b)   (entered[a] == entered[b])

/* What a removed broker did is over: what the others wait for when they wait for its fence. */
#define is_over(b)        (!has(leased, b))

/* progress READY_FROM_ALL is a rule of those configurations where it matters: there it stands before this file. */
#ifndef READY_FROM_ALL
#define READY_FROM_ALL true
#endif
#ifndef LEASE
#define LEASE true
#endif
#ifndef LEASE_CHECKS_VIEW
#define LEASE_CHECKS_VIEW true
#endif
#ifndef IN_SYNC_ONLY
#define IN_SYNC_ONLY true
#endif

#define ready_by_all(v)   ((said_ready[v] & view[v].members) == view[v].members)

/* May do what promises depend on. Not a word of the newest view: a broker cannot know it. */
#define acts(b)                                                        \
  (is_alive(b) && entered[b] > 0 && (has(leased, b) || !LEASE) &&      \
   (ready_by_all(entered[b]) || !READY_FROM_ALL))
