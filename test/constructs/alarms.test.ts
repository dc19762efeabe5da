import { expect, test } from 'vitest';
import { deployed, ofType, pipeline } from './deployed.ts';

test('alarms hear of tick, record and sweep, and cost nothing: ten metrics are free', async () => {
  const { Core = {} } = (await deployed({ 'a.ts': pipeline('a') })).stacks;
  const alarms = ofType(Core, 'AWS::CloudWatch::Alarm').map(
    ({ Properties = {} }) => Properties as unknown as Alarm,
  );
  const metricsOf = ({ Metrics, ...alone }: Alarm): readonly Metric[] =>
    Metrics?.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat.Metric])) ?? [alone];
  const functionsOf = (alarm: string, metric: string) =>
    alarms
      .filter(({ AlarmName }) => AlarmName === `tutti-dev-${alarm}`)
      .flatMap(metricsOf)
      .filter(({ MetricName }) => MetricName === metric)
      .map(({ Dimensions = [] }) => Dimensions.map(({ Value }) => Value).join());
  expect(functionsOf('Errors', 'Errors')).toEqual(['tutti-dev-tick', 'tutti-dev-record', 'tutti-dev-sweep']);
  expect(functionsOf('Throttles', 'Throttles')).toEqual(['tutti-dev-tick', 'tutti-dev-record']);
  expect(functionsOf('SweepSilent', 'Invocations')).toEqual(['tutti-dev-sweep']);
  expect(alarms.length).toBeLessThanOrEqual(8);
  expect(alarms.flatMap(metricsOf)).toHaveLength(10);
  for (const { Metrics = [], AlarmActions } of alarms) {
    expect(AlarmActions).toHaveLength(1);
    if (Metrics.length > 0)
      expect(
        Metrics.filter(({ ReturnData }) => ReturnData === true).map(({ Expression }) => Expression),
      ).toEqual(['SUM(FILL(METRICS(), 0))']);
  }
  // What a sweep could not do the next one tries: nobody has to send it again.
  const invoked = ofType(Core, 'AWS::Lambda::EventInvokeConfig').map(({ Properties = {} }) => Properties);
  const [sweep, ...others] = [
    ...invoked.filter(({ DestinationConfig }) => DestinationConfig === undefined),
    ...invoked.filter(({ DestinationConfig }) => DestinationConfig !== undefined),
  ];
  expect(sweep).toMatchObject({ FunctionName: { Ref: 'Sweep' }, MaximumRetryAttempts: 0 });
  expect(others.map(({ MaximumRetryAttempts }) => MaximumRetryAttempts)).toEqual([2, 2, 2, 2, 2]);
});

interface Metric {
  readonly MetricName?: string;
  readonly Dimensions?: readonly { readonly Value: string }[];
}

interface Alarm extends Metric {
  readonly AlarmName: string;
  readonly AlarmActions: readonly unknown[];
  readonly Metrics?: readonly {
    readonly Expression?: string;
    readonly MetricStat?: { readonly Metric: Metric };
    readonly ReturnData: boolean;
  }[];
}
