/** The app that a person would write with CDK's own constructs, for the same DAGs: what ours is measured beside. */
export const L2_APP = `import { App, CfnDeletionPolicy, Duration, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as Fn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke as Target } from 'aws-cdk-lib/aws-scheduler-targets';
import { CfnStateMachineVersion, Chain, DefinitionBody, Parallel, QueryLanguage, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';

const app = new App();
const env = { account: '111122223333', region: 'eu-central-1' };
const stacks = Array.from({ length: 8 }, (_, index) => new Stack(app, 'dags-' + index, { env }));

for (let index = 0; index < 250; index++) {
  const id = 'dag_' + index;
  const stack = stacks[index % stacks.length];
  const fn = new Fn(stack, id + '-fn', {
    functionName: 'l2-' + id,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: Code.fromAsset('code/' + id),
    memorySize: 512,
    timeout: Duration.minutes(15),
    environment: { TUTTI_ENV: 'prod', NODE_OPTIONS: '--enable-source-maps' },
  });
  const version = fn.currentVersion;
  const role = new Role(stack, id + '-role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
  role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:UpdateItem', 'dynamodb:GetItem'], resources: ['arn:aws:dynamodb:eu-central-1:111122223333:table/runs'] }));
  for (const part of ['machine', 'rerun']) {
    const layers = Array.from({ length: 5 }, (_, layer) => {
      const parallel = new Parallel(stack, [id, part, 'layer', layer].join('-'), { queryLanguage: QueryLanguage.JSONATA });
      for (let column = 0; column < 4; column++) {
        const invoke = LambdaInvoke.jsonata(stack, [id, part, layer, column].join('-'), {
          lambdaFunction: version,
          payload: { type: 1, value: { task: 't' + layer + '_' + column, execution: '{% $states.context.Execution.Input %}' } },
          retryOnServiceExceptions: true,
        });
        parallel.branch(invoke);
      }
      return parallel;
    });
    const machine = new StateMachine(stack, id + '-' + part, {
      stateMachineName: 'l2-' + id + '-' + part,
      role,
      queryLanguage: QueryLanguage.JSONATA,
      definitionBody: DefinitionBody.fromChainable(layers.reduce((chain, next) => chain.next(next), Chain.start(layers.shift()))),
      timeout: Duration.days(7),
    });
    const { node } = machine;
    const made = new CfnStateMachineVersion(stack, id + '-' + part + '-version', {
      stateMachineArn: machine.stateMachineArn,
      stateMachineRevisionId: node.defaultChild.attrStateMachineRevisionId,
    });
    made.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
  }
  new Schedule(stack, id + '-schedule', {
    schedule: ScheduleExpression.expression('cron(0 0 * * ? *)'),
    target: new Target(fn, {}),
  });
}
app.synth();
`;
