/** The status API, to read: behind its own Function URL, and GET of the HTTP API. */
import { apiFunction } from '../lib/aws/api.ts';
import { surroundings } from './surroundings.ts';

export const handler = apiFunction(surroundings(import.meta.dirname), { readOnly: true });
