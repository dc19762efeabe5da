/** What states stand for, in words: a sentence for each role, and for each trigger rule a gate asks. */
import type { TriggerRule } from '../model/trigger-rule.ts';

/** By role. What follows a blank and a task's id in a role (`tell report`) is left out here. */
export const SENTENCES: Readonly<Record<string, string>> = {
  task: 'What fails after its retries is caught here, so that nothing beside it is stopped.',
  gate: 'Decides whether what follows runs.',
  cut: 'After a short circuit: where its condition did not hold, what is below it is skipped.',
  parallel: 'Runs strands that do not depend on each other at the same time, and ends with the last of them.',
  end: 'Ends a strand on ways that cannot end by themselves.',
  verdict: 'Decides the run: its leaves, or under any-failed every task, must not have failed.',
  signal: 'Sets a latch: what stands before it is final, whoever waits for it elsewhere may go on.',
  wake: 'Sends the token of each waiter that sleeps on what was just set; one that is gone is let go.',
  send: 'Sends the token of one waiter that sleeps.',
  gone: 'The waiter is gone: it has found the latch set by itself.',
  'release latches':
    'What is inside is passed over: every latch in it is set, so that nobody waits for ever.',
  'wait for a latch':
    'Sleeps until a task of another strand is final; registers again after an hour, two, four …, so that no wake-up can be lost.',
  'read latches': 'Looks whether the latches are set, and takes over what is known of the tasks behind them.',
  'fetch outputs': 'Reads outputs that were recorded in another strand: the machine itself needs them next.',
  'record outputs': 'Writes down what the tasks of a module gave, for readers in other strands.',
  tell: 'Tells a task with an early rule how one of its upstream ended; the last one decides what is left to decide.',
  decide: 'Writes down what an early rule decided: only the first to do so counts.',
  'wait for its rule': 'Sleeps until the early rule holds, at once when it does, or can no longer hold.',
  'read the verdict': 'The early rule was decided before anybody waited: reads what was decided.',
  'wait for all upstream': 'The task is left out: it is skipped when its last direct upstream is final.',
  'left out': 'Notes that a task was left out by a brancher, a short circuit or a setup above it.',
  map: 'One instance for every item of the list: all run to their end, more than tolerated failures fail the whole.',
  'enter an instance': 'Begins an instance: its item, its place in the list and its name.',
  enter: 'Begins a group that may run several times: its counter is part of every key inside.',
  body: 'The group, once: one try of a group retry, or one iteration of a loop.',
  'verdict of a body':
    'Decides whether the group runs again: while a leaf failed and tries are left, or until its condition holds.',
  'wait before the next try':
    'Waits between two tries of a group: delay, times backoff for each try, at most maxDelay.',
  'another try':
    'A try failed that a rule may try again: goes on to the wait before the next one while the rule has any left.',
  'wait before a try':
    'Waits before another try of a task that Step Functions runs itself: delay, times backoff for each, at most maxDelay.',
  'loop limit': 'The condition did not hold after maxIterations: the loop failed with Dag.LoopLimit.',
  'check the instant':
    'Waits until an instant: one that is none fails the task, one that is over lets it go on at once.',
  acquire: 'Asks for places of the pool and sleeps until they are free.',
  'release places':
    'Gives the places back, on every way out of the task; a lease ends by itself where it cannot.',
  mask: 'In a rerun: a task that does not run again gives its recorded outcome and outputs.',
  nested: 'Runs a part of the DAG in a machine of its own and waits for it, as if its states stood here.',
  'begin a part': 'Takes over the state data and variables of the machine that started this part.',
  'enter a part': 'Goes on at the state at which the part was entered.',
  'way out of a part': 'Hands back the state data and variables, and says where the run goes on.',
  'way behind a part': 'Goes on where the part said.',
};

/** When a task of that rule runs, and what it becomes where it does not. */
export const RULES: Readonly<Record<TriggerRule, string>> = {
  all_success: 'runs when all upstream succeeded; any failed: upstream_failed, else any skipped: skipped',
  all_failed: 'runs when all upstream failed; else skipped',
  all_done: 'runs when all upstream is done, however it ended',
  all_done_min_one_success:
    'runs when all upstream is done, none skipped, one succeeded; any skipped: skipped, else upstream_failed',
  all_skipped: 'runs when all upstream was skipped; else skipped',
  one_failed: 'runs as soon as one upstream failed; none did: skipped',
  one_success: 'runs as soon as one upstream succeeded; all skipped: skipped, else upstream_failed',
  one_done: 'runs as soon as one upstream succeeded or failed; none did: skipped',
  none_failed: 'runs when all upstream succeeded or was skipped; else upstream_failed',
  none_failed_min_one_success:
    'runs when none of the upstream failed and one succeeded; any failed: upstream_failed, all skipped: skipped',
  none_skipped: 'runs when none of the upstream was skipped; else skipped',
  always: 'runs at once, whatever the upstream does',
  all_done_setup_success:
    'is a teardown: runs when its work is done and a setup of it succeeded; all skipped: skipped, else upstream_failed',
};
