/** Athena at the edge of the process: its JSON protocol over a {@link JobService}. */
import { awsClients } from '../../../lib/aws/signed/clients.ts';
import type { AwsClient } from '../../../lib/aws/signed/command.ts';
import { isObject, type JsonObject } from '../../../lib/base/json.ts';
import { type Answer, JobService, NOBODY, type ServedJob, serve, submitted } from './job-service.ts';

export interface AthenaResult {
  /** `[name, type]` */
  readonly columns?: readonly (readonly [string, string])[];
  readonly rows?: readonly (readonly (string | null)[])[];
  readonly updateCount?: number;
}

export class AthenaService {
  readonly service = new JobService();
  readonly requests: { readonly call: string; readonly input: JsonObject }[] = [];
  /** What a query gives, by its text. */
  result: (text: string) => AthenaResult = () => ({});
  /** What a query fails with as it is started, by its text. */
  refuse: (text: string) => string | undefined = () => undefined;
  url = '';
  stop: () => Promise<void> = async () => undefined;

  async start(): Promise<this> {
    const { url, stop } = await serve(async ({ headers }, body) => {
      const call = String(headers['x-amz-target']).replace('AmazonAthena.', '');
      const input: unknown = JSON.parse(body);
      return this.#answer(call, isObject(input) ? input : {});
    });
    this.url = url;
    this.stop = stop;
    return this;
  }

  client(): Promise<AwsClient> {
    const access = { region: 'eu-central-1', credentials: () => NOBODY, endpoint: () => this.url };
    return awsClients(access).athena();
  }

  get texts(): readonly string[] {
    return this.service.jobs.map(({ text }) => text);
  }

  async #answer(call: string, input: JsonObject): Promise<Answer | undefined> {
    this.requests.push({ call, input });
    const id = String(input['QueryExecutionId']);
    if (call === 'StartQueryExecution') return this.#started(input);
    if (call === 'StopQueryExecution') {
      this.service.cancel(id);
      return json({});
    }
    const { faults } = this.service;
    if (call === 'GetQueryExecution' && faults.throttledPolls > 0) {
      faults.throttledPolls -= 1;
      return refusal('TooManyRequestsException', 'Rate exceeded');
    }
    const job = this.service.look(id);
    if (job === undefined) return refusal('InvalidRequestException', `QueryExecution ${id} was not found`);
    if (call === 'GetQueryExecution') return json({ QueryExecution: execution(job) });
    if (call === 'GetQueryRuntimeStatistics') {
      const OutputRows = this.result(job.text).rows?.length ?? 0;
      return json({ QueryRuntimeStatistics: { Rows: { OutputRows } } });
    }
    return json(results(this.result(job.text), input));
  }

  async #started(input: JsonObject): Promise<Answer | undefined> {
    const text = String(input['QueryString']);
    const reason = this.refuse(text);
    if (reason !== undefined) return refusal('InvalidRequestException', reason);
    const done = await submitted(this.service, String(input['ClientRequestToken']), text);
    if (done === 'throttled') return refusal('TooManyRequestsException', 'Rate exceeded');
    return done.isLost ? undefined : json({ QueryExecutionId: done.job.id });
  }
}

function execution({ id, state, text }: ServedJob): JsonObject {
  const names = { running: 'RUNNING', done: 'SUCCEEDED', failed: 'FAILED', cancelled: 'CANCELLED' };
  return {
    QueryExecutionId: id,
    StatementType: /^(select|insert|with)/i.test(text) ? 'DML' : 'DDL',
    Status: { State: names[state], ...(state === 'failed' ? { StateChangeReason: 'TABLE_NOT_FOUND' } : {}) },
    Statistics: { DataScannedInBytes: 10 },
    ResultConfiguration: { OutputLocation: `s3://results/${id}.csv` },
  };
}

/** Pages as Athena gives them: the header is the first row of the first one. */
function results({ columns = [], rows = [], updateCount = 0 }: AthenaResult, input: JsonObject): JsonObject {
  const all = [columns.map(([name]) => name), ...rows];
  const from = Number(input['NextToken'] ?? 0);
  const to = from + Number(input['MaxResults'] ?? 1000);
  return {
    UpdateCount: updateCount,
    ...(to < all.length ? { NextToken: String(to) } : {}),
    ResultSet: {
      Rows: all.slice(from, to).map((row) => ({
        Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
      })),
      ResultSetMetadata: { ColumnInfo: columns.map(([Name, Type]) => ({ Name, Type })) },
    },
  };
}

function json(body: JsonObject): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify(body),
  };
}

function refusal(type: string, message: string): Answer {
  return {
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ __type: type, message }),
  };
}
