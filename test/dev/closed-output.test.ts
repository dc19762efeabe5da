import { expect, test } from 'vitest';
import { project, tutti } from '../cli/tutti.ts';
import { startDev } from './dev.ts';

const STRAY = `
import { dag, fn } from 'tutti';

export const stray = dag('stray', {}, ({ task }) => {
  task('only', fn(() => void setTimeout(() => { throw new Error('left behind'); }, 0)));
});
`;

test('an error that nobody reads any more is told once', async () => {
  const root = project({ 'pipelines/stray.ts': STRAY });
  const dev = await startDev(root, '--no-sample');
  await dev.next('loaded');
  dev.child.stderr?.destroy();
  await tutti(root, 'trigger', 'stray');
  await dev.next('error');
  await tutti(root, 'trigger', 'stray', '--wait');
  await dev.stop();
  const told = dev.said.filter(({ event }) => event === 'error').map(({ message }) => message);
  expect(told).toEqual(['left behind', 'left behind']);
});
