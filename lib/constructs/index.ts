/** What a CDK app imports. Loading it loads `aws-cdk-lib`, and neither the interpreter nor the local runner. */
export { type TuttiAppOptions, tuttiApp } from './app.ts';
export type { DagSource } from './code/bundle.ts';
export type { DeployedEnvironment } from './environment.ts';
export type { Limits } from './guards/made.ts';
export { Tutti, type TuttiProps } from './tutti.ts';
