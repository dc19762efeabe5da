/** TestState over every state of the machines of versions, against the interpreter here. */
import type { StateTest } from '../../aws/operate/state-tests.ts';
import { simulatedInput } from '../../local/simulated-input.ts';
import type { Deployment } from '../../model/dag-version.ts';
import { startSfn } from '../../sfn/index.ts';
import type { Terminal } from '../terminal.ts';
import { count } from '../words.ts';
import { loadClients, loadStateTests } from './operate.ts';

export interface DeployedMachine {
  readonly dag: string;
  /** `main`, `rerun`, `part 1`, `rerun part 1`. */
  readonly machine: string;
  /** Of its version. */
  readonly arn: string;
}

export interface MachineTest extends DeployedMachine {
  /** Number of states that were tested. */
  readonly tested: number;
  readonly differences: readonly StateTest[];
}

/** All machines of a version of a DAG. */
export function machinesOf(dag: string, deployment: Deployment): readonly DeployedMachine[] {
  const { machine, rerun, parts = {}, rerunParts = {} } = deployment;
  return [
    { dag, machine: 'main', arn: machine },
    ...Object.entries(parts).map(([part, arn]) => ({ dag, machine: `part ${part}`, arn })),
    { dag, machine: 'rerun', arn: rerun },
    ...Object.entries(rerunParts).map(([part, arn]) => ({ dag, machine: `rerun part ${part}`, arn })),
  ];
}

/** Tests them one after the other; what differs is printed. */
export async function testMachines(
  terminal: Pick<Terminal, 'print'>,
  region: string,
  machines: readonly DeployedMachine[],
): Promise<readonly MachineTest[]> {
  const { clientHere, clientThere } = await loadClients();
  const { definitionOf, testStates } = await loadStateTests();
  const server = await startSfn({});
  const [here, there] = [clientHere(server.endpoint), clientThere(region, isEmulated())];
  const found: MachineTest[] = [];
  try {
    for (const machine of machines) {
      const definition = await definitionOf(there, machine.arn);
      const tests = await testStates(definition, { here, there, input: INPUT });
      const differences = tests.filter(({ isSame }) => !isSame);
      found.push({ ...machine, tested: tests.length, differences });
      terminal.print(
        `${differences.length === 0 ? '✓' : '✕'} ${machine.dag} ${machine.machine}: ${count(tests.length, 'state')} tested`,
      );
      for (const test of differences) terminal.print(`    ${differenceText(test)}`);
    }
  } finally {
    here.destroy();
    there.destroy();
    await server.close();
  }
  return found;
}

/** Whether another host than AWS's is named for Step Functions. */
export function isEmulated(): boolean {
  return (process.env['AWS_ENDPOINT_URL_SFN'] ?? process.env['AWS_ENDPOINT_URL']) !== undefined;
}

function differenceText({ state, here, there }: StateTest): string {
  const text = ({ status, error }: StateTest['here']) =>
    error === undefined ? status : `${status} ${error}`;
  return `${state}: here ${text(here)}, there ${text(there)}`;
}

/** Facts about a run, as expressions of states read them. */
const INPUT = simulatedInput({ dagId: 'smoke', params: {} }, []);
