/** What a CDK app imports. Loading it loads `aws-cdk-lib`, and neither the interpreter nor the local runner. */
export { Pipeline, type PipelineProps } from './pipeline.ts';
