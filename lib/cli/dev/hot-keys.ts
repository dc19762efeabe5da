/** Keys of `tutti dev` at a terminal. */
export interface HotKeys {
  readonly [key: string]: { readonly about: string; readonly press: () => void };
}

/** Listens until the result is called. Ctrl-C, which the terminal no longer turns into a signal, becomes one again. */
export function listenToKeys(keys: HotKeys): () => void {
  const { stdin } = process;
  if (stdin.isTTY !== true) return () => {};
  const onKey = (data: Buffer) => {
    for (const key of data.toString()) {
      if (key === '\u0003') process.kill(process.pid, 'SIGINT');
      else if (Object.hasOwn(keys, key)) keys[key]?.press();
    }
  };
  stdin.setRawMode(true);
  stdin.resume();
  stdin.on('data', onKey);
  const restore = () => stdin.setRawMode(false);
  process.once('exit', restore);
  return () => {
    stdin.off('data', onKey);
    process.removeListener('exit', restore);
    restore();
    stdin.pause();
  };
}

/** `q quit · r reload`. */
export function keysText(keys: HotKeys): string {
  return Object.entries(keys)
    .map(([key, { about }]) => `${key} ${about}`)
    .join(' · ');
}
