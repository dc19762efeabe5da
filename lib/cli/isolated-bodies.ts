/** Functions in child processes of this very command line, each loading the project at `root`. */
export async function isolatedBodies(root: string) {
  const { childBodies } = await import('../local/isolate/child-bodies.ts');
  return childBodies({ module: process.argv[1] ?? '', args: ['serve-task', '--root', root] });
}
