import { filesFound } from '../../runtime/files-found.ts';
import type { EngineHere } from './place.ts';

export const exists: EngineHere = { answer: ({ args, context }) => filesFound(context.files, args) };
