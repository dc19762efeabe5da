/** Rules of others about what is deployed (cdk-nag), and every star in every policy, each with its reason. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { App, CfnQueue, Stack, Validations } from '../../lib/constructs/cdk.ts';
import { type DeployedEnvironment, Tutti } from '../../lib/constructs/index.ts';
import { type Loaded, loadPipelines } from '../../lib/project/load.ts';
import { AWS as PLACE } from './deployed.ts';

// DuckDB's native code is installed for this machine.
const AWS = { ...PLACE, architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64' } as const;

const CONNECTIONS = {
  warehouse: { kind: 'sql' },
  shop: { kind: 'http', baseUrl: 'https://shop.example.com', secret: 'shop' },
} as const;

/** With everything that may be there. */
const FULL: DeployedEnvironment = {
  name: 'full',
  connections: CONNECTIONS,
  notifiers: { oncall: { kind: 'sns', email: ['oncall@example.com'] } },
  aws: {
    ...AWS,
    keepData: true,
    vpc: { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-0123456789abcdef0'] },
    api: { jwt: { issuer: 'https://login.example.com', audience: ['tutti'] } },
  },
};
const PLAIN: DeployedEnvironment = { name: 'dev', connections: CONNECTIONS, aws: AWS };

/** What a star may be for: the action or resource, and why nothing narrower would do. */
const STARS: readonly (readonly [star: RegExp, reason: string])[] = [
  [/^states:SendTask(Success|Failure) on \*$/, 'a task token belongs to no resource'],
  [/^iam:ListRoles on \*$/, 'an account’s roles are listed as a whole'],
  [/^(lambda:ListFunctions|states:ListStateMachines) on \*$/, 'what an account has is listed as a whole'],
  [
    /^cloudformation:DescribeStack(s|Events) on .*:stack\/(CDKToolkit|tutti-dev-\*)\/\*$/,
    'ids that CloudFormation gives to stacks of the environment',
  ],
  [
    /^states:(TestState|ValidateStateMachineDefinition) on \*$/,
    'a definition that is only looked at is no resource',
  ],
  [/^logs:\w+ on .*:log-group:\/tutti\/dev:\*$/, 'streams of the one log group'],
  [/^lambda:InvokeFunction on .*:function:tutti-dev-[a-z_]+-0:\*$/, 'versions of the DAG’s own function'],
  [
    /^lambda:InvokeFunction on .*:function:tutti-dev-\*$/,
    'cancel ends jobs by the functions of whatever DAGs there are',
  ],
  [/^lambda:(DeleteFunction|ListVersionsByFunction) on .*:function:tutti-dev-\*(:\*)?$/, 'gc: old versions'],
  [/^states:\w+ on .*:(stateMachine|execution|mapRun):tutti-dev-\*$/, 'machines of the environment'],
  [/^iam:\w+ on .*:(role|policy)\/tutti\/dev\/\*\/\*$/, 'gc: roles of old versions, by path'],
  [/^s3:\w+ on arn:aws:s3:::tutti-dev-[\d\w-]+\/(files|values\/[a-z_]+)\/\*$/, 'objects below a folder'],
  [
    /^s3:GetObject on arn:aws:s3:::cdk-hnb659fds-assets-[\d\w-]+\/tutti\/dev\/\*$/,
    'manifests named by content',
  ],
];

/** The rule packs are loaded, and each looks at every resource. */
const SLOW = 240_000;

let project: Loaded;
let folder: string;

beforeAll(async () => {
  project = await loadPipelines({ root: resolve('.') });
  folder = mkdtempSync(join(tmpdir(), 'tutti-rules-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('cdk-nag', () => {
  test.each([PLAIN, FULL])(
    'finds nothing in $name that is not acknowledged',
    (environment) => {
      const outdir = join(folder, environment.name);
      const before = process.env['CDK_VALIDATION'];
      process.env['CDK_VALIDATION'] = 'true';
      const app = new App({ autoSynth: false, outdir });
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
      new Tutti(app, environment.name, { dags: project.dags, environment });
      // A report names only rules that found something: that this is found shows that they looked.
      new CfnQueue(new Stack(app, 'Naked'), 'Queue');
      expect(() => app.synth()).toThrow('Naked/Queue');
      process.env['CDK_VALIDATION'] = before;
      const report: Report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
      expect(report.pluginReports.map(({ pluginName }) => pluginName)).toEqual([
        'AwsSolutions',
        'Serverless',
      ]);
      const found = report.pluginReports.flatMap(({ violations }) =>
        violations.flatMap(({ ruleName, violatingConstructs }) =>
          violatingConstructs.map(({ constructPath }) => `${ruleName} ${constructPath}`),
        ),
      );
      expect(found.filter((one) => !one.endsWith(' Naked/Queue'))).toEqual([]);
    },
    SLOW,
  );
});

describe('policies', () => {
  test('have no star without a reason', () => {
    const found = [...new Set(stars(PLAIN))];
    expect(found.length).toBeGreaterThan(40);
    expect(found.filter((star) => !STARS.some(([pattern]) => pattern.test(star)))).toEqual([]);
    // No reason is left of what is not there any more.
    expect(STARS.filter(([pattern]) => !found.some((star) => pattern.test(star)))).toEqual([]);
  });

  test('let no DAG at another’s items', () => {
    for (const statement of statements(PLAIN).filter(({ dag }) => dag !== undefined)) {
      const { dag, Action, Condition } = statement;
      if (!list(Action).some((action) => action.startsWith('dynamodb:'))) continue;
      const keys = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? [];
      expect(keys.length).toBeGreaterThan(0);
      for (const key of keys) expect([`RUN#${dag}#*`, `STATE#${dag}`, 'WAIT#*']).toContain(key);
    }
  });
});

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly dag?: string;
}

function stars(environment: DeployedEnvironment): readonly string[] {
  return statements(environment).flatMap(({ Action, Resource }) =>
    list(Action).flatMap((action) =>
      list(Resource)
        .filter((resource) => action.includes('*') || resource.includes('*'))
        .map((resource) => `${action} on ${resource}`),
    ),
  );
}

/** Of every role and managed policy; `dag`: of a DAG's own. */
function statements(environment: DeployedEnvironment): readonly Statement[] {
  const app = new App({ autoSynth: false, outdir: mkdtempSync(join(folder, 'stars-')) });
  new Tutti(app, environment.name, { dags: project.dags, environment });
  const assembly = app.synth().getNestedAssembly(`assembly-${environment.name}`);
  return assembly.stacksRecursively.flatMap(({ template }) =>
    Object.values<PolicyHolder>(template.Resources).flatMap(({ Properties = {} }) => {
      const documents = [
        ...(Properties.Policies ?? []).map(({ PolicyDocument }) => PolicyDocument),
        ...(Properties.PolicyDocument === undefined ? [] : [Properties.PolicyDocument]),
      ];
      const dag = /^\/tutti\/\w+\/([^/]+)\//.exec(Properties.Path ?? '')?.[1];
      const own = dag === undefined ? {} : { dag };
      return documents.flatMap(({ Statement }) =>
        Statement.filter(({ Effect }) => Effect === 'Allow').map((each) => ({ ...each, ...own })),
      );
    }),
  );
}

interface PolicyHolder {
  readonly Properties?: {
    readonly Path?: string;
    readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
    readonly PolicyDocument?: { readonly Statement: readonly Statement[] };
  };
}

function list(texts: unknown): readonly string[] {
  return (Array.isArray(texts) ? texts : [texts]).filter((text) => typeof text === 'string');
}
