import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Policy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { StateMachine } from '../asl/states.ts';
import { type Compiled, compile } from '../compiler/compile.ts';
import type { DagNode } from '../model/dag.ts';
import { type Startable, startStatements, startsExecutions, statements } from './grants.ts';

export interface PipelineProps {
  readonly dag: DagNode;
  /** Name of the state machine, at most 80 characters with those of its parts (`…-rerun-part12`). @default CloudFormation's choice */
  readonly stateMachineName?: string;
  /** The function that runs the DAG's tasks; any version of it may be called. */
  readonly functionArn: string;
  /** The function that lends places of pools. @default none: the DAG uses no pool */
  readonly poolFunctionArn?: string;
  /** The table of latches and recorded outputs. Only machines that use it are allowed to. */
  readonly tableArn: string;
}

/**
 * One DAG as Step Functions state machines with the least rights they need: its own, the one for reruns of some of
 * its tasks, and the parts of both where it is too large for one.
 *
 * Definitions are the compiler's, byte for byte: the machine that ran on the laptop is the one deployed. Table,
 * function version and parts arrive in the execution's input.
 */
export class Pipeline extends Construct {
  readonly compiled: Compiled;
  readonly role: Role;
  readonly stateMachine: CfnStateMachine;
  /** Runs some tasks of a run again. */
  readonly rerunMachine: CfnStateMachine;
  /** ARNs of the parts, for `run.machines` of the input of each; empty where it is one machine. */
  readonly parts: Readonly<Record<string, string>>;
  readonly rerunParts: Readonly<Record<string, string>>;

  /** @throws {DefinitionError} when the DAG cannot be compiled */
  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    this.compiled = compile(props.dag);
    const rerun = compile(props.dag, { rerun: true });
    const definitions = [this.compiled, rerun].flatMap(definitionsOf);
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    for (const statement of statements(definitions, props)) this.role.addToPolicy(statement);
    const plain = this.#machines('', this.compiled, props);
    const again = this.#machines('rerun', rerun, props);
    this.stateMachine = plain.main;
    this.rerunMachine = again.main;
    this.parts = arnsOf(plain.parts);
    this.rerunParts = arnsOf(again.parts);
    if (definitions.some(startsExecutions)) {
      this.#mayStart([plain, again].flatMap(({ main, parts }) => [main, ...parts.values()]));
    }
  }

  #machines(prefix: string, compiled: Compiled, props: PipelineProps): Machines {
    const named = (part: string) => [prefix, part].filter((text) => text !== '').join('-');
    const main = this.#machine(named(''), compiled.definition, props);
    const parts = Object.entries(compiled.parts ?? {});
    return {
      main,
      parts: new Map(
        parts.map(([part, definition]) => [part, this.#machine(named(part), definition, props)]),
      ),
    };
  }

  #machine(
    suffix: string,
    definition: StateMachine,
    { stateMachineName: name }: PipelineProps,
  ): CfnStateMachine {
    const machine = new CfnStateMachine(this, suffix === '' ? 'StateMachine' : suffix, {
      ...(name === undefined ? {} : { stateMachineName: suffix === '' ? name : `${name}-${suffix}` }),
      stateMachineType: 'STANDARD',
      definitionString: JSON.stringify(definition),
      roleArn: this.role.roleArn,
    });
    // The role's policy is a resource of its own; a machine made before it could start without rights.
    machine.node.addDependency(this.role);
    return machine;
  }

  /** A policy of its own: it names the machines, which are made after the role's. */
  #mayStart(machines: readonly CfnStateMachine[]): void {
    const stack = Stack.of(this);
    const startable = machines.map((machine): Startable => {
      const executionsArn = stack.formatArn({
        service: 'states',
        resource: 'execution',
        resourceName: machine.attrName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
      return { arn: machine.attrArn, executionsArn };
    });
    const rule = 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule';
    const ruleArn = stack.formatArn({ service: 'events', resource: rule });
    const isDivided = Object.keys(this.parts).length + Object.keys(this.rerunParts).length > 0;
    new Policy(this, 'Start', {
      roles: [this.role],
      statements: [...startStatements(startable, { isDivided, ruleArn })],
    });
  }
}

interface Machines {
  readonly main: CfnStateMachine;
  readonly parts: ReadonlyMap<string, CfnStateMachine>;
}

function arnsOf(parts: Machines['parts']): Readonly<Record<string, string>> {
  return Object.fromEntries([...parts].map(([part, machine]) => [part, machine.attrArn]));
}

function definitionsOf({ definition, parts = {} }: Compiled): readonly StateMachine[] {
  return [definition, ...Object.values(parts)];
}
