/** Questions of runs of this project, as the files of their executions have them. */
import { join } from 'node:path';
import type { Run } from '../model/run.ts';
import type { Approvals } from '../orchestrator/ports.ts';
import { questionsIn, readAnswer, writeAnswer } from './approval-files.ts';
import { runsFolder } from './run-folder.ts';

export function fileApprovals(root: string): Approvals {
  const folderOf = ({ execution }: Run) =>
    execution === undefined ? undefined : join(runsFolder(root), execution);
  return {
    async list(run) {
      const folder = folderOf(run);
      if (folder === undefined) return [];
      // The run takes an answer within a moment; until then the question is there still.
      return questionsIn(folder).filter((each) => readAnswer(folder, each) === undefined);
    },
    async answer(run, question, answer) {
      const folder = folderOf(run);
      return folder !== undefined && writeAnswer(folder, question, answer);
    },
  };
}
