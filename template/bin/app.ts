/** The CDK app: one state machine per DAG. */
import { App, ArnFormat, Stack } from 'aws-cdk-lib';
import { Pipeline } from 'tutti/constructs';
import { orders } from '../pipelines/orders.ts';
import { weeklyReport } from '../pipelines/weekly-report.ts';

const project = 'my-pipelines';
const stack = new Stack(new App(), project, { description: 'Data pipelines, compiled by Tutti.' });

for (const dag of [orders, weeklyReport]) {
  const name = `${project}-${dag.id}`;
  new Pipeline(stack, dag.id, {
    dag,
    stateMachineName: name,
    functionArn: stack.formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
    tableArn: stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: project }),
  });
}
