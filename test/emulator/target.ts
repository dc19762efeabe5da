/** One Step Functions to be driven: its machines, executions and table, by the official client alone. */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { StateMachine } from '../../lib/asl/states.ts';
import type { Json, JsonObject } from '../../lib/base/json.ts';

/** Of the table that compiled machines keep their latches in. */
export const TABLE = 'tutti';

const ROLE = 'arn:aws:iam::000000000000:role/nobody';

export class Target {
  readonly name: string;
  readonly client: SFNClient;
  readonly #machines = new Map<StateMachine, Promise<string>>();

  /** `endpoint` is a URL on this machine. */
  constructor(name: string, endpoint: string) {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    this.name = name;
    this.client = new SFNClient({ endpoint, region: 'us-east-1', credentials });
  }

  /** Starts an execution of a machine; resolves with its ARN. */
  async start(machine: StateMachine, name: string, input: JsonObject): Promise<string> {
    const stateMachineArn = await this.#machine(machine);
    const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
    const { executionArn = '' } = await this.client.send(command);
    return executionArn;
  }

  /** The ARNs of machines, by the same names. */
  async machines(parts: Readonly<Record<string, StateMachine>>): Promise<Readonly<Record<string, string>>> {
    const entries = Object.entries(parts).map(async ([part, machine]) => [
      part,
      await this.#machine(machine),
    ]);
    return Object.fromEntries(await Promise.all(entries));
  }

  /** How an execution ended. */
  async ended(executionArn: string): Promise<DescribeExecutionCommandOutput> {
    for (;;) {
      const described = await this.client.send(new DescribeExecutionCommand({ executionArn }));
      if (described.status !== 'RUNNING') return described;
      await sleep(20);
    }
  }

  /** Calls one of AWS's services the way a machine does, e.g. `dynamodb:putItem`. @throws {Error} when it fails */
  async call(resource: string, args: Json): Promise<void> {
    const executionArn = await this.start(caller(resource), `call-${crypto.randomUUID()}`, { args });
    const { status, error, cause } = await this.ended(executionArn);
    if (status !== 'SUCCEEDED') throw new Error(`${this.name}: ${resource}: ${error}: ${cause}`);
  }

  /** Makes the table of latches. */
  createTable(): Promise<void> {
    return this.call('dynamodb:createTable', {
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    });
  }

  /** Created where this target has not seen it. */
  #machine(machine: StateMachine): Promise<string> {
    const known = this.#machines.get(machine) ?? this.#create(machine, `machine-${this.#machines.size}`);
    this.#machines.set(machine, known);
    return known;
  }

  async #create(machine: StateMachine, name: string): Promise<string> {
    const definition = JSON.stringify(machine);
    const command = new CreateStateMachineCommand({ name, definition, roleArn: ROLE });
    const { stateMachineArn = '' } = await this.client.send(command);
    return stateMachineArn;
  }
}

const callers = new Map<string, StateMachine>();

/** A machine of one Task. */
function caller(resource: string): StateMachine {
  const machine: StateMachine = callers.get(resource) ?? {
    QueryLanguage: 'JSONata',
    StartAt: 'call',
    States: {
      call: {
        Type: 'Task',
        Resource: `arn:aws:states:::aws-sdk:${resource}`,
        Arguments: '{% $states.input.args %}',
        End: true,
      },
    },
  };
  callers.set(resource, machine);
  return machine;
}
