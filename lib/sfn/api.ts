/** All calls of the API over one world. */
import { TaskTokens } from '../interpreter/tokens.ts';
import { aliasCalls } from './aliases.ts';
import type { Asker } from './ask.ts';
import { executionCalls } from './execution-calls.ts';
import { Executions, type Retention } from './executions.ts';
import { Machines, machineCalls } from './machines.ts';
import { checkTestCase } from './resources/mocks.ts';
import { type Endpoints, router } from './resources/router.ts';
import { tagCalls } from './tags.ts';
import { testState } from './test-state.ts';
import { tokenCalls } from './token-calls.ts';
import { validate } from './validate.ts';
import { versionCalls } from './versions.ts';
import type { Calls, World } from './world.ts';

interface Setup {
  readonly world: World;
  readonly endpoints: Endpoints;
  readonly asker: Asker;
  readonly retention: Retention;
}

interface StepFunctions {
  readonly calls: Calls;
  /** Ends every execution that runs. */
  readonly stop: () => void;
}

/** A Step Functions of its own: machines, executions and tokens of nobody else. */
export function stepFunctions({ world, endpoints, asker, retention }: Setup): StepFunctions {
  const tokens = new TaskTokens();
  const machines = new Machines(world);
  const tasks = router(endpoints, {
    asker,
    region: world.region,
    account: world.account,
    tokens,
    calls: () => calls,
    executions: () => executions,
  });
  const executions = new Executions(world, machines, {
    tokens,
    resources: tasks.of,
    checkTestCase: (machine, testCase) => checkTestCase(endpoints.mocks, machine, testCase),
    retention,
  });
  const calls: Calls = {
    ...machineCalls(world, machines),
    ...versionCalls(world, machines),
    ...aliasCalls(world, machines),
    ...tagCalls(machines.all),
    ...executionCalls(machines, executions),
    ...tokenCalls(tokens),
    ValidateStateMachineDefinition: validate,
    TestState: (input) => testState(world, tasks.answer, input),
  };
  return { calls, stop: () => executions.stopAll() };
}
