import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/compiler/compile.ts';
import { Pipeline } from '../../lib/constructs/index.ts';
import { dag, fn } from '../../lib/index.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { dailySales } from '../../pipelines/daily-sales.ts';
import { etlExample } from '../../pipelines/etl-example.ts';
import { flights } from '../../pipelines/flights.ts';
import { lateFile } from '../../pipelines/late-file.ts';
import { userDataPipeline } from '../../pipelines/user-data-pipeline.ts';
import { mappedGroup, nGraph, series } from '../features.ts';

const SAMPLES = [dailySales, etlExample, flights, lateFile, userDataPipeline];
const FUNCTION = 'arn:aws:lambda:eu-central-1:111122223333:function:sales';
const TABLE = 'arn:aws:dynamodb:eu-central-1:111122223333:table/runs';

describe('Pipeline', () => {
  test.each(SAMPLES)('deploys the very bytes that run here: $id', (sample) => {
    templateOf(sample).hasResourceProperties('AWS::StepFunctions::StateMachine', {
      DefinitionString: JSON.stringify(compile(sample).definition),
      StateMachineType: 'STANDARD',
    });
  });

  test('lets a machine call its function, any version of it, and nothing else', () => {
    templateOf(series).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          { Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: [FUNCTION, `${FUNCTION}:*`] },
        ],
      },
    });
  });

  test('lets a machine with latches use the table and answer tokens', () => {
    templateOf(nGraph).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'dynamodb:ConditionCheckItem', Resource: TABLE }),
          Match.objectLike({ Action: 'dynamodb:UpdateItem', Resource: TABLE }),
          Match.objectLike({ Action: 'states:SendTaskSuccess', Resource: '*' }),
        ]),
      },
    });
  });

  test('deploys the machine of reruns beside it', () => {
    const [plain, rerun] = definitionsIn(templateOf(nGraph));
    expect(plain).toBe(JSON.stringify(compile(nGraph).definition));
    expect(rerun).toBe(JSON.stringify(compile(nGraph, { rerun: true }).definition));
  });

  test('lets a machine whose map may be long start executions of itself', () => {
    const template = templateOf(mappedGroup);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Action: 'states:StartExecution' }),
          Match.objectLike({ Action: ['states:DescribeExecution', 'states:StopExecution'] }),
        ],
      },
    });
  });

  test('deploys the parts of a DAG that is divided, and lets them start one another', () => {
    const wide = dag('wide', {}, ({ task }) => {
      for (let index = 0; index < 500; index++)
        task(
          `t${index}`,
          fn(() => undefined),
        );
    });
    const template = templateOf(wide);
    const { definition, parts = {} } = compile(wide);
    expect(Object.keys(parts).length).toBeGreaterThan(0);
    expect(definitionsIn(template)).toEqual(
      expect.arrayContaining([definition, ...Object.values(parts)].map((machine) => JSON.stringify(machine))),
    );
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['events:PutRule']) })]),
      },
    });
  });

  test('makes the policy before the machine that needs it', () => {
    templateOf(series).hasResource('AWS::StepFunctions::StateMachine', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('DefaultPolicy')]),
    });
  });

  test('refuses a DAG that cannot be compiled', () => {
    expect(() => templateOf(dag('empty', {}, () => undefined))).toThrow('dag "empty"');
  });
});

describe('the CDK app', () => {
  test('synthesises the machines of every sample, with the same bytes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tutti-cdk-'));
    await promisify(execFile)(process.execPath, ['bin/app.ts'], {
      env: { CDK_OUTDIR: folder, CDK_VALIDATION: 'false' },
    });
    const template = JSON.parse(await readFile(join(folder, 'tutti-dev-dags-0.template.json'), 'utf8'));
    await rm(folder, { recursive: true });
    const machines = SAMPLES.flatMap((dag) => [compile(dag), compile(dag, { rerun: true })]);
    expect(new Set(definitionsIn(Template.fromJSON(template)))).toEqual(
      new Set(machines.map(({ definition }) => JSON.stringify(definition))),
    );
  }, 60_000);
});

function definitionsIn(template: Template): readonly string[] {
  const machines = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
  return machines.map((machine) => machine['Properties'].DefinitionString);
}

function templateOf(node: DagNode): Template {
  const stack = new Stack(new App(), 'Test');
  new Pipeline(stack, node.id, { dag: node, functionArn: FUNCTION, tableArn: TABLE });
  return Template.fromStack(stack);
}
