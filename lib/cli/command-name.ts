import { relative, resolve } from 'node:path';

/** How the person has to type it: npm's scripts and npx find a command that the shell may not. */
export function commandName(root: string): string {
  const command = process.env['npm_execpath'] === undefined ? 'tutti' : 'npx tutti';
  return root === resolve('.') ? command : `${command} -C ${shown(root)}`;
}

/** A path as seen from where the command was typed. */
export function shown(path: string): string {
  return relative('.', path) || '.';
}
