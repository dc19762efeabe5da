#!/usr/bin/env node
import { start } from '../lib/cli/start.ts';

await start(process.argv.slice(2));
