import { describe, expect, test } from 'vitest';
import { dateOf } from '../store/build.ts';
import { asking, seeded } from './seed.ts';

const DAY = `/dags/sales/runs/${dateOf(10)}/tasks`;

describe('a task that waits for a person', async () => {
  const { world } = await seeded();
  const ask = asking(world, { actor: 'ann' });
  const waiting = async (query = '') =>
    (await (await ask(`/approvals${query}`)).json()) as { items: unknown[] };
  const problem = async (path: string, body: object) => {
    const response = await ask(path, { body });
    return [response.status, ((await response.json()) as { code: string }).code];
  };

  test('is listed with its choices, of its run, its DAG, or of all', async () => {
    expect(await waiting()).toEqual({
      items: [
        {
          dagId: 'sales',
          runId: dateOf(10),
          task: 'load',
          message: 'Load it?',
          choices: ['no', 'yes'],
          rejects: ['no'],
          askedAt: dateOf(11),
        },
      ],
    });
    expect((await waiting(`?dag=sales&run=${dateOf(10)}`)).items).toHaveLength(1);
    expect((await waiting('?dag=other')).items).toEqual([]);
  });

  test('takes only its own choices, and only while its run goes on', async () => {
    expect(await problem(`${DAY}/load:answer`, { choice: 'maybe' })).toEqual([422, 'invalid-choice']);
    expect(await problem(`${DAY}/laod:answer`, {})).toEqual([404, 'unknown-task']);
    expect(await problem(`${DAY}/extract:answer`, {})).toEqual([409, 'not-waiting']);
    expect(await problem(`/dags/sales/runs/${dateOf(9)}/tasks/load:answer`, {})).toEqual([409, 'run-ended']);
  });

  test('is answered once, by the first choice that does not reject, and that is in the audit', async () => {
    const answered = await (await ask(`${DAY}/load:answer`, { body: { comment: 'go' } })).json();
    expect(answered).toMatchObject({ task: 'load', answer: { choice: 'yes', by: 'ann', comment: 'go' } });
    expect(await problem(`${DAY}/load:answer`, {})).toEqual([409, 'not-waiting']);
    expect((await waiting()).items).toEqual([]);
    const { items } = await world.store.audit.list({ action: 'approve' });
    expect(items).toMatchObject([
      { actor: 'ann', runId: dateOf(10), details: { task: 'load', choice: 'yes' } },
    ]);
  });
});
