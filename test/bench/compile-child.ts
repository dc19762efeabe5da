/** Compiles one graph of 10,000 tasks and prints seconds and peak resident megabytes. */
import { compile } from '../../lib/compiler/compile.ts';
import { dagOf } from '../build.ts';
import { layered } from '../graphs.ts';

const dag = dagOf(layered(10_000, 100, 10_000));
const begin = process.hrtime.bigint();
compile(dag);
const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
process.stdout.write(`${seconds} ${process.resourceUsage().maxRSS / 1024}\n`);
