/** What operators' commands ask of AWS itself, and of CDK: here their packages are loaded, when one of them is run. */

export const loadClients = () => import('../../aws/operate/clients.ts');
export const loadChecks = () => import('../../aws/operate/checks.ts');
export const loadGarbage = () => import('../../aws/operate/garbage.ts');
export const loadProfileRegion = () => import('../../aws/operate/profile-region.ts');
export const loadInventory = () => import('../../aws/operate/inventory.ts');
export const loadStateTests = () => import('../../aws/operate/state-tests.ts');
export const loadTrials = () => import('../../aws/operate/trials.ts');
export const loadSynthesis = () => import('../../constructs/try-synthesis.ts');
