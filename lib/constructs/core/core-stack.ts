/** What an environment has once: what keeps runs, starts them, records them and tells of them. */
import { bucketName, coreStackName, tableName } from '../../deployment/names.ts';
import { CfnOutput, CfnSsmParameter, type Construct, Stack } from '../cdk.ts';
import { putFiles } from '../code/assets.ts';
import { coreFiles } from '../code/function-files.ts';
import type { Setting } from '../environment.ts';
import { stackProps } from '../stack-props.ts';
import { accessPolicies } from './access.ts';
import { alarmsOf } from './alarms.ts';
import { apiOf, type Urls } from './api.ts';
import { coreFunctions } from './functions.ts';
import { bucketOf, deadLetters, logGroupsOf, tableOf } from './storage.ts';
import { busOf, topicsOf } from './told.ts';
import { endedRule, schedulesOfCore } from './wiring.ts';

export class CoreStack extends Stack {
  constructor(scope: Construct, setting: Setting) {
    const { place, notifiers, retention } = setting;
    const { environment } = place;
    super(scope, 'Core', {
      stackName: coreStackName(environment),
      description: `Core of ${environment}: keeps, starts and records the runs of its DAGs.`,
      ...stackProps(setting, 'core'),
    });
    tableOf(this, setting);
    bucketOf(this, setting);
    const logs = logGroupsOf(this, setting);
    const dead = deadLetters(this, setting);
    busOf(this, setting);
    const alerts = topicsOf(this, setting);
    const files = coreFiles({ environment, bucket: bucketName(place), notifiers, retention });
    const code = putFiles(this, files, `${environment} core`);
    const functions = coreFunctions(this, setting, code);
    for (const fn of Object.values(functions))
      for (const needed of [...logs, dead]) fn.addResourceDependency(needed);
    endedRule(this, setting, functions);
    schedulesOfCore(this, setting, functions);
    alarmsOf(this, setting, alerts.ref);
    accessPolicies(this, setting);
    this.#tell(environment, apiOf(this, setting, functions));
  }

  #tell(environment: string, urls: Urls): void {
    new CfnSsmParameter(this, 'Api', {
      name: `/tutti/${environment}/api`,
      type: 'String',
      value: this.toJsonString(urls),
      description: 'Where the status API of this environment is.',
    });
    const outputs = { ReadUrl: urls.readUrl, WriteUrl: urls.writeUrl, TableName: tableName(environment) };
    for (const [id, value] of Object.entries(outputs)) new CfnOutput(this, id, { value });
    if (urls.httpUrl !== undefined) new CfnOutput(this, 'HttpUrl', { value: urls.httpUrl });
  }
}
