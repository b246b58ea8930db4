/*
 * What everybody does: enter views, hold leases, die; and what the controller writes. view.pml has the words.
 *
 * A configuration defines, before it includes this file:
 *   on_enter(b)   what a broker does besides when it enters a view
 *   on_death(b)   what dies with it: variables that nobody reads any more are set to 0, so that fewer states differ
 *   on_loss(b)    what the promises' bookkeeping has to know of a broker's death or removal
 *   complete(b)   a learner has all there is (with RECRUITS only)
 */

/* A view that nobody is in any more has no effect on anything: it is wiped, so that fewer states differ. (Unless a message
   on its way may name it.) */
inline forget_old_views() {
  byte old;
#ifndef VIEWS_IN_MESSAGES
  for (old : 1 .. newest - 1) {
    if
    :: !(entered[0] == old || entered[1] == old || entered[2] == old || entered[BROKERS - 1] == old) ->
       view[old].members = 0; view[old].primary = 0; view[old].in_sync = 0; view[old].learners = 0; said_ready[old] = 0
    :: else
    fi
  }
  old = 0;
#endif
  skip
}

inline enter(b, v) {
  home_before = view[entered[b]].primary;
  entered[b] = v;
  forget_old_views();
  said_ready[v] = said_ready[v] | set_of(b);
  printf("broker %d enters view %d\n", b, v);
  on_enter(b);
  home_before = 0
}

/* One of a set, by chance. Blocks on the empty set. */
inline choose(set, result) {
  if
  :: has(set, 0) -> result = 0
  :: has(set, 1) -> result = 1
  :: has(set, 2) -> result = 2
  :: has(set, 3) -> result = 3
  fi
}

/* A broker's process as far as everybody's is the same. */
proctype member(byte me) {
end:
  do
  /* A watch fires or somebody's Enter comes, sooner or later. */
  :: atomic { is_alive(me) && newest > entered[me] && is_member(newest, me) -> enter(me, newest) }

  /* A heartbeat: multi{check(view), set(lease)}. */
  :: atomic { is_alive(me) && !has(leased, me) && entered[me] > 0 &&
              (entered[me] == newest || !LEASE_CHECKS_VIEW) ->
       leased = leased | set_of(me); printf("broker %d wins a lease in view %d\n", me, entered[me]) }

  /* Time passes. The lease of a broker that keeps up may lapse as well; then it does nothing for a while, which is a
     pause, and a pause needs no step. */
  :: atomic { has(LEASED & leased, me) && (!is_alive(me) || entered[me] != newest) ->
       leased = leased & ~set_of(me); printf("the lease of broker %d ends\n", me) }

  :: atomic { crashes_left > 0 && !calm && is_alive(me) && has(CRASHABLE, me) ->
       crashes_left--; alive = alive & ~set_of(me); printf("broker %d dies\n", me);
       entered[me] = 0; on_death(me); forget_old_views();
       if :: is_member(newest, me) -> on_loss(me) :: else fi }
  od
}

inline next_view() {
  view[newest + 1].members = view[newest].members;
  view[newest + 1].primary = view[newest].primary;
  view[newest + 1].in_sync = view[newest].in_sync;
  view[newest + 1].learners = view[newest].learners
}

inline publish_view() {
  newest++;
  printf("view %d: members %x, primary %d, in sync %x, learners %x\n", newest, view[newest].members,
         view[newest].primary, view[newest].in_sync, view[newest].learners)
}

/* Who may become primary: an in-sync copy; without any, whoever has something; then anybody. */
inline promote() {
  byte candidates = view[newest + 1].in_sync;
  if
  :: !IN_SYNC_ONLY -> candidates = view[newest + 1].members & HOLDERS
  :: else
  fi;
  if
  :: candidates == 0 -> candidates = view[newest + 1].learners
  :: else
  fi;
  if
  :: candidates == 0 -> candidates = view[newest + 1].members & HOLDERS
  :: else
  fi;
  if
  :: candidates == 0 || WAITS_FOR_DISK -> view[newest + 1].primary = NOBODY
  :: else ->
     choose(candidates, view[newest + 1].primary);
     view[newest + 1].in_sync = view[newest + 1].in_sync | set_of(view[newest + 1].primary);
     view[newest + 1].learners = view[newest + 1].learners & ~set_of(view[newest + 1].primary)
  fi;
  candidates = 0
}

#define recruitable(b)                                                                                       \
  (RECRUITS && has(HOLDERS, b) && is_alive(b) && is_member(newest, b) && !has(copies(newest), b))

/* What the controller, whoever it is, may write about one broker. Any report that a broker is unreachable may be wrong. */
proctype decisions(byte about) {
end:
  do
  /* Taken out, dead or alive; but alive not if it holds the only whole copy. */
  :: atomic { newest < VIEWS && has(REMOVABLE, about) && is_member(newest, about) &&
              (!is_alive(about) || (!calm && view[newest].in_sync != set_of(about))) ->
       next_view();
       view[newest + 1].members = view[newest].members & ~set_of(about);
       view[newest + 1].in_sync = view[newest].in_sync & ~set_of(about);
       view[newest + 1].learners = view[newest].learners & ~set_of(about);
       if
       :: view[newest].primary == about -> promote()
       :: else
       fi;
       if :: is_alive(about) -> on_loss(about) :: else fi;
       publish_view() }

  :: atomic { newest < VIEWS && has(JOINERS, about) && entered[about] == 0 && is_alive(about) &&
              !is_member(newest, about) ->
       next_view();
       view[newest + 1].members = view[newest].members | set_of(about);
       publish_view() }

  :: atomic { newest < VIEWS && recruitable(about) ->
       next_view();
       view[newest + 1].learners = view[newest].learners | set_of(about);
       publish_view() }

  :: atomic { newest < VIEWS && has(view[newest].learners, about) && complete(about) ->
       next_view();
       view[newest + 1].learners = view[newest].learners & ~set_of(about);
       view[newest + 1].in_sync = view[newest].in_sync | set_of(about);
       publish_view() }

  :: atomic { WAITS_FOR_DISK && newest < VIEWS && view[newest].primary == NOBODY && has(view[newest].in_sync, about) ->
       next_view();
       view[newest + 1].primary = about;
       publish_view() }

  :: atomic { MOVES && !calm && newest < VIEWS && has(view[newest].in_sync, about) && view[newest].primary != about &&
              is_alive(about) ->
       next_view();
       view[newest + 1].primary = about;
       publish_view() }
  od
}

proctype faults_end() {
end:
  atomic { !calm -> calm = true }
}

/* The first view, and all members in it. */
inline begin(first_primary, first_in_sync) {
  byte each;
  view[1].members = ALL & ~(JOINERS);
  view[1].primary = first_primary;
  view[1].in_sync = first_in_sync;
  said_ready[1] = view[1].members;
  for (each : 0 .. BROKERS - 1) {
    if :: is_member(1, each) -> entered[each] = 1 :: else fi;
    run member(each);
    if :: has(REMOVABLE | HOLDERS | JOINERS, each) -> run decisions(each) :: else fi
  }
  each = 0;
  if :: CALMS_DOWN -> run faults_end() :: else fi
}
