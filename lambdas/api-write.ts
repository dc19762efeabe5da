/** The status API, whole: behind its own Function URL, and what changes something of the HTTP API. */
import { apiFunction } from '../lib/aws/api.ts';
import { surroundings } from './surroundings.ts';

export const handler = apiFunction(surroundings(import.meta.dirname), { readOnly: false });
