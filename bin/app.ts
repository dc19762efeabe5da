/** The CDK app: the state machines of the sample pipelines, one environment. */
import { App, ArnFormat, Stack } from 'aws-cdk-lib';
import { Pipeline } from '../lib/constructs/index.ts';
import { dailySales } from '../pipelines/daily-sales.ts';
import { etlExample } from '../pipelines/etl-example.ts';
import { flights } from '../pipelines/flights.ts';
import { lateFile } from '../pipelines/late-file.ts';
import { userDataPipeline } from '../pipelines/user-data-pipeline.ts';

const environment = 'dev';
const app = new App();
const stack = new Stack(app, `tutti-${environment}-dags-0`, {
  description: 'Data pipelines, compiled by Tutti.',
});

for (const dag of [dailySales, etlExample, flights, lateFile, userDataPipeline]) {
  const name = `tutti-${environment}-${dag.id}`;
  new Pipeline(stack, dag.id, {
    dag,
    stateMachineName: name,
    functionArn: stack.formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
    tableArn: stack.formatArn({
      service: 'dynamodb',
      resource: 'table',
      resourceName: `tutti-${environment}`,
    }),
  });
}
