/** An environment as its stacks are made of it: what was left out is filled in. */
import { toSeconds } from '../base/duration.ts';
import { type AwsPlace, partitionOf } from '../deployment/names.ts';
import {
  type AwsConfig,
  type ConnectionConfig,
  DEFAULT_RETENTION,
  type EnvironmentConfig,
  type NotifierConfig,
  type RetentionConfig,
} from '../model/environment.ts';
import type { Architecture } from './code/native.ts';

/** An environment of `tutti.config.ts` with its name. */
export interface DeployedEnvironment extends EnvironmentConfig {
  /** `prod`: 1 to 12 of a-z and 0-9. */
  readonly name: string;
  readonly aws: AwsConfig;
}

export interface Setting {
  readonly place: AwsPlace;
  readonly aws: AwsConfig;
  readonly connections: Readonly<Record<string, ConnectionConfig>>;
  readonly notifiers: Readonly<Record<string, NotifierConfig>>;
  readonly retention: RetentionConfig;
  readonly keepData: boolean;
  readonly architecture: Architecture;
  /** Minutes between two sweeps. */
  readonly sweepMinutes: number;
}

/** The setting of an environment that was found sound. */
export function settingOf({ name, aws, ...config }: DeployedEnvironment): Setting {
  const isProd = name === 'prod';
  return {
    place: {
      environment: name,
      account: aws.account,
      region: aws.region,
      partition: partitionOf(aws.region),
    },
    aws,
    connections: Object.fromEntries(
      Object.entries(config.connections ?? {}).flatMap(
        ([key, setting]): readonly (readonly [string, ConnectionConfig])[] => {
          if (setting.kind === 'sql') return [[key, setting]];
          const { baseUrl, ...rest } = setting;
          return typeof baseUrl === 'string' ? [[key, { ...rest, baseUrl }]] : [];
        },
      ),
    ),
    notifiers: config.notifiers ?? {},
    retention: config.retention ?? DEFAULT_RETENTION,
    keepData: aws.keepData ?? isProd,
    architecture: aws.architecture ?? 'arm64',
    sweepMinutes: Math.round((toSeconds(aws.sweepEvery) ?? (isProd ? 300 : 900)) / 60),
  };
}
