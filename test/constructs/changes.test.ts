/** What a deployment changes: as little as can be. */
import { describe, expect, test, vi } from 'vitest';
import { byStack, stackOf } from '../../lib/deployment/stacks.ts';
import type { DagVersion } from '../../lib/model/dag-version.ts';
import {
  AWS,
  changed,
  type Deployed,
  deployed,
  folder,
  ofType,
  pipeline,
  type Template,
} from './deployed.ts';

const TWO = { 'a.ts': pipeline('a'), 'b.ts': pipeline('b') };

function dated(days: readonly string[]): string {
  const text = pipeline('a', '1', `schedule: dates(${JSON.stringify(days)})`);
  return text.replace('{ dag,', '{ dag, dates,');
}

function dags({ stacks }: Deployed): Template {
  return stacks['Dags0'] ?? {};
}

describe('a deployment', () => {
  test('made twice, wherever the project lies, is the same byte for byte', async () => {
    const [one, other] = [await deployed(TWO), await deployed(TWO)];
    expect(other.texts).toEqual(one.texts);
    expect(other.assets).toEqual(one.assets);
    expect(other.documents).toEqual(one.documents);
  });

  test('made at another time is the same byte for byte', async () => {
    const root = folder();
    const files = { 'a.ts': dated(['2020-01-01', '2030-02-01']) };
    const at = async (now: string) => {
      vi.useFakeTimers({ now: new Date(now), toFake: ['Date'] });
      return deployed(files, {}, root).finally(() => vi.useRealTimers());
    };
    const [before, after] = [await at('2019-06-01T00:00:00Z'), await at('2040-06-01T00:00:00Z')];
    expect(ofType(dags(before), 'AWS::Scheduler::Schedule')).toHaveLength(2);
    expect(after.texts).toEqual(before.texts);
    expect(after.assets).toEqual(before.assets);
  });

  test('of one firing less leaves the others as they are', async () => {
    const root = folder();
    const withDates = (days: readonly string[]) => deployed({ 'a.ts': dated(days) }, {}, root);
    const schedules = (made: Deployed) =>
      Object.entries(dags(made)).filter(([, { Type }]) => Type === 'AWS::Scheduler::Schedule');
    const [before, after] = [
      await withDates(['2030-01-01', '2030-02-01', '2030-03-01']),
      await withDates(['2030-02-01', '2030-03-01']),
    ];
    expect(schedules(before)).toHaveLength(3);
    expect(schedules(after)).toEqual(schedules(before).slice(1));
  });

  test('of one more DAG changes one existing resource', async () => {
    const root = folder();
    const before = await deployed(TWO, {}, root);
    const after = await deployed({ ...TWO, 'c.ts': pipeline('c') }, {}, root);
    expect(changed(dags(before), dags(after))).toEqual(['Register']);
    expect(after.texts['Core']).toBe(before.texts['Core']);
    const added = Object.keys(dags(after)).filter((id) => dags(before)[id] === undefined);
    expect(added).toHaveLength(9);
    // Archives of the others are the ones that are there.
    expect(before.assets.filter((file) => file.endsWith('.zip'))).toEqual(
      after.assets.filter((file) => file.endsWith('.zip') && before.assets.includes(file)),
    );
  });

  test('without one of its DAGs changes one existing resource', async () => {
    const root = folder();
    const [before, after] = [
      await deployed(TWO, {}, root),
      await deployed({ 'a.ts': pipeline('a') }, {}, root),
    ];
    expect(changed(dags(before), dags(after))).toEqual(['Register']);
    expect(Object.keys(dags(before)).length - Object.keys(dags(after)).length).toBe(9);
  });

  test('of other code touches no machine, and gives runs another version', async () => {
    const root = folder();
    const before = await deployed(TWO, {}, root);
    const after = await deployed({ ...TWO, 'a.ts': pipeline('a', '3') }, {}, root);
    const touched = changed(dags(before), dags(after)).map((id) => dags(before)[id]?.Type);
    expect(touched.sort()).toEqual(['AWS::Lambda::Function', 'Custom::TuttiDags']);
    const [was, is] = [before, after].map((each) => registered(each));
    expect(is?.['a']).not.toBe(was?.['a']);
    expect(is?.['b']).toBe(was?.['b']);
    expect(versionIds(before).filter((id) => !versionIds(after).includes(id))).toHaveLength(1);
    expect(differing(before, after)).toEqual({ a: ['code'], b: [] });
  });

  test('of another network, and with it other rights, says that these are another', async () => {
    const root = folder();
    const before = await deployed(TWO, {}, root);
    const vpc = { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] };
    const after = await deployed(TWO, { aws: { ...AWS, vpc } }, root);
    const both = ['configuration', 'rights'];
    expect(differing(before, after)).toEqual({ a: both, b: both });
  });

  test('of another task says that definition and code are another', async () => {
    const root = folder();
    const before = await deployed(TWO, {}, root);
    const a = pipeline('a').replaceAll("'second'", "'third'");
    const after = await deployed({ ...TWO, 'a.ts': a }, {}, root);
    expect(differing(before, after)).toEqual({ a: ['definition', 'code'], b: [] });
  });

  test('of other words changes no version', async () => {
    const root = folder();
    const before = await deployed(TWO, {}, root);
    const after = await deployed({ ...TWO, 'a.ts': `// a comment\n${pipeline('a')}` }, {}, root);
    expect(changed(dags(before), dags(after))).toEqual(['Register']);
    expect(registered(after)).toEqual(registered(before));
  });
});

describe('versions', () => {
  test('of machines and roles stay where others take their place, and go with their DAG', async () => {
    const made = dags(await deployed(TWO));
    const kept = [
      ...ofType(made, 'AWS::StepFunctions::StateMachineVersion'),
      ...ofType(made, 'AWS::IAM::Role'),
    ];
    expect(kept).toHaveLength(8);
    for (const one of kept)
      expect(one).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Retain' });
    for (const one of ofType(made, 'AWS::Lambda::Version'))
      expect(one).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('say where in the project a DAG is written, not where the project lies', async () => {
    const { documents } = await deployed(TWO);
    const manifest = documents.find((text) => text.startsWith('[{"dag"')) ?? '';
    expect(manifest).toContain('"file":"pipelines/a.ts"');
    expect(manifest).not.toContain('tutti-deployed-');
  });
});

describe('stacks', () => {
  const ids = Array.from({ length: 500 }, (_, index) => ({ id: `dag_${index}`, tags: [] }));

  test('one more moves one DAG in so many', () => {
    for (const count of [1, 4, 8]) {
      const moved = ids.filter(({ id }) => stackOf(id, count) !== stackOf(id, count + 1));
      expect(moved.every(({ id }) => stackOf(id, count + 1) === String(count))).toBe(true);
      expect(moved.length / ids.length).toBeGreaterThan(0.7 / (count + 1));
      expect(moved.length / ids.length).toBeLessThan(1.3 / (count + 1));
    }
  });

  test('of a number are all there, also those without a DAG', () => {
    expect([...byStack('dev', { ...AWS, stacks: 3 }, []).keys()]).toEqual(['0', '1', '2']);
    expect(byStack('prod', AWS, []).size).toBe(8);
  });

  test('are what the configuration says', async () => {
    const stacks = ({ id }: { readonly id: string }) => (id === 'a' ? 'sales' : 'rest');
    const made = await deployed(TWO, { aws: { ...AWS, stacks } });
    expect(Object.keys(made.stacks)).toEqual(['Core', 'Dagsrest', 'Dagssales']);
    expect(made.texts['Dagssales']).toContain('"tutti-dev-a-sales"');
  });
});

/** Hashes of registered DAGs, by id. */
function registered(made: Deployed): Readonly<Record<string, string>> {
  const list = dags(made)['Register']?.Properties?.['Dags'] as readonly { id: string; hash: string }[];
  return Object.fromEntries(list.map(({ id, hash }) => [id, hash]));
}

/** Parts that versions of DAGs say are another than before, by id. */
function differing(before: Deployed, after: Deployed): Readonly<Record<string, readonly string[]>> {
  const [was, is] = [before, after].map(({ documents }) => {
    const list: readonly DagVersion[] = JSON.parse(
      documents.find((each) => each.startsWith('[{"dag"')) ?? '',
    );
    return new Map(list.map(({ dag, manifest }) => [dag.id, new Map(Object.entries(manifest.parts ?? {}))]));
  });
  const names = [...(is ?? [])].map(([id, parts]) => {
    return [id, [...parts].flatMap(([part, hash]) => (was?.get(id)?.get(part) === hash ? [] : [part]))];
  });
  return Object.fromEntries(names);
}

function versionIds(made: Deployed): readonly string[] {
  return Object.entries(dags(made)).flatMap(([id, { Type }]) =>
    Type === 'AWS::Lambda::Version' ? [id] : [],
  );
}
