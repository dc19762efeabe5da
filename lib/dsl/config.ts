import type { TuttiConfig } from '../model/environment.ts';

/**
 * The content of `tutti.config.ts`, typed: `export const config = defineConfig({ environments: { local: { … } } })`.
 * It is the one file with a default export, where you like: both are read.
 */
export function defineConfig<const Config extends TuttiConfig>(config: Config): Config {
  return config;
}
