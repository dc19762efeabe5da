import { filesFound } from '../../runtime/files-found.ts';
import type { LocalEngine } from './local-engine.ts';

export const exists: LocalEngine = ({ args, context }) => filesFound(context.files, args);
