/** What all functions of an environment have. */
import { logGroupName } from '../deployment/names.ts';
import type { Setting } from './environment.ts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export function functionConfiguration({ place, aws, architecture }: Setting) {
  return {
    runtime: 'nodejs24.x',
    architectures: [architecture],
    loggingConfig: { logGroup: logGroupName(place.environment), logFormat: 'JSON' },
    environment: {
      variables: { TUTTI_ENV: place.environment, NODE_OPTIONS: '--enable-source-maps' },
    },
    ...(aws.tracing === true ? { tracingConfig: { mode: 'Active' } } : {}),
    ...(aws.encryptionKey === undefined ? {} : { kmsKeyArn: aws.encryptionKey }),
  };
}
